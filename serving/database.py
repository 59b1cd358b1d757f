"""The one door to the database: opens it safely, keeps it up to date, and writes nothing without a who."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from serving.faults import Missing, WrongUsage
from serving.tables import audit

HEAD = "0003"  # the newest migration; a test compares it with the folder
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class By:
    """Who acts, and at what moment: asked for by every function that writes or that reveals a name."""

    who: str
    at: datetime


@dataclass
class Entry:
    """One line of the audit; a function may complete its detail before the transaction ends."""

    by: By
    action: str
    thing: str
    detail: str = ""
    skip: bool = field(default=False)  # nothing was changed after all


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @classmethod
    def open(cls, url: str) -> Database:
        """An embedded database is brought up to date by itself; a server is upgraded by `db upgrade`."""
        database = cls(url)
        if database.revision() != HEAD:
            database._upgrade_or_refuse()
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, by: By, action: str, thing: str) -> Iterator[tuple[Connection, Entry]]:
        """One transaction that ends with its line in the audit, or leaves no trace at all."""
        entry = Entry(by, action, thing)
        with self.engine.execution_options(begins_immediately=True).begin() as connection:
            yield connection, entry
            if not entry.skip:
                connection.execute(insert(audit).values(**_line(entry)))

    def revision(self) -> str | None:
        try:
            with self.reading() as connection:
                return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except (OperationalError, ProgrammingError):
            self._must_answer()
            return None

    def upgrade(self) -> None:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.execution_options(begins_immediately=True).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _upgrade_or_refuse(self) -> None:
        if self.engine.dialect.name != "sqlite":
            raise Missing("La base de datos no está al día. Ejecute: permanencia db upgrade")
        self.upgrade()

    def _must_answer(self) -> None:
        try:
            with self.reading() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError:
            raise Missing("La base de datos no responde. Revise PERMANENCIA_DATABASE_URL y los permisos.") from None


def _line(entry: Entry) -> dict[str, Any]:
    by = entry.by
    return {"at": by.at, "by": by.who, "action": entry.action, "thing": entry.thing, "detail": entry.detail}


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _owner_only(Path(parsed.database))
        # A database error must never print the values of a row: they may be names.
        engine = create_engine(parsed, hide_parameters=True)
    except (ArgumentError, ModuleNotFoundError):
        raise WrongUsage("PERMANENCIA_DATABASE_URL no es una dirección de base de datos que se pueda usar.") from None
    if engine.dialect.name == "sqlite":
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
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # NOTE: a writer takes the lock at once. A read that later becomes a write would fail when another wrote between.
    writes = connection.get_execution_options().get("begins_immediately", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
