"""How a database is connected to: owner-only files, locks taken at once, and errors that repeat no row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, StatementError

from serving.faults import WrongUsage
from serving.sealing import ROSTER_KEY, Keys, Sealer

NOT_AN_ADDRESS = "PERMANENCIA_DATABASE_URL no es una dirección de base de datos que se pueda usar."
POSTGRES = {
    # Each worker may hold so many; the others wait their turn rather than overrun the server.
    "pool_size": 5,
    "max_overflow": 15,
    "pool_pre_ping": True,  # a server that was restarted is found again
}
CONNECTING = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "tcp_user_timeout": 30_000}
"""A server that does not answer is an error after ten seconds, or after thirty if it goes away in the middle. Without
these a request waits for minutes, and the workers have no thread left for those that need no database."""
SESSION = "-c timezone=UTC -c lock_timeout=30s -c idle_in_transaction_session_timeout=10min"


def connected(url: str, sealer: Sealer) -> Engine:
    """Every connection carries the sealer of this database's roster: see `sealer_of`."""
    try:
        engine = _engine(_parsed(url)).execution_options(sealer=sealer)
    except (ArgumentError, ModuleNotFoundError):
        raise WrongUsage(NOT_AN_ADDRESS) from None
    event.listen(engine, "handle_error", _hide_the_row)
    return engine


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise WrongUsage(NOT_AN_ADDRESS) from None


def keys_beside(url: str) -> Keys:
    """The roster's key in the folder of an embedded database; a server has no folder, and its key must be given."""
    from serving.settings import kept_secret

    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, ":memory:"):
        return Keys()
    return Keys(Sealer((kept_secret(Path(str(parsed.database)).parent / ROSTER_KEY),)))


def sealer_of(connection: Connection) -> Sealer:
    sealer: Sealer = connection.get_execution_options()["sealer"]
    return sealer


def one_at_a_time(connection: Connection, work: str) -> None:
    """Until this transaction ends nobody else does this work: two runs that meet do not trip over each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:work))"), {"work": f"permanencia:{work}"})


def _engine(url: URL) -> Engine:
    # A database error must never print the values of a row: they may be names.
    if url.get_backend_name() == "sqlite":
        return _embedded(url)
    told = {name: value for name, value in {**CONNECTING, "options": SESSION}.items() if name not in url.query}
    return create_engine(url, hide_parameters=True, connect_args=told, **POSTGRES)


def _embedded(url: URL) -> Engine:
    if url.database:
        _owner_only(Path(url.database))
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _owner_only(path: Path) -> None:
    """The file holds names: it is born readable by its owner alone."""
    if str(path) != ":memory:" and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # NOTE: a writer takes the lock at once. A read that later becomes a write would fail when another wrote between.
    writes = connection.get_execution_options().get("begins_immediately", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _hide_the_row(context: ExceptionContext) -> None:
    without_the_row(context.original_exception, context.sqlalchemy_exception)


def without_the_row(told: BaseException, raised: BaseException | None) -> None:
    """PostgreSQL adds the whole row to its message, names and all; its first line alone, the rule, is kept."""
    sqlstate = getattr(told, "sqlstate", None)
    if sqlstate is None or not isinstance(raised, StatementError):
        return
    wrong_value = sqlstate.startswith("22")  # the first line of these repeats the value
    first = f"value refused ({sqlstate})" if wrong_value else str(told).partition("\n")[0]
    told.args = (first,)
    raised.args = (f"({type(told).__module__}.{type(told).__name__}) {first}",)
