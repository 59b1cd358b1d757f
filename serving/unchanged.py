"""Tells whether anybody has written since the last time: only until then may an answer be told from memory."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, event, not_, select
from sqlalchemy.exc import DBAPIError

from serving import audit_chain
from serving.audit_chain import Point
from serving.database import LOOK, Database, Entry
from serving.tables import audit

LONGEST = 5.0
"""Seconds. Who writes in PostgreSQL past this program leaves no line, and is noticed after so long at the latest."""

_WRITTEN = (
    select(audit.c.id)
    .where(audit.c.id > bindparam("known"), audit.c.id <= bindparam("last"))
    .where(not_(audit.c.action.startswith(LOOK, autoescape=True)))
    .order_by(audit.c.id)
    .limit(1)
)


@dataclass
class Turn:
    """A transaction in which nobody else writes; `news`: somebody has, since the one before."""

    connection: Connection
    news: bool
    last: Point | None = None


def watch_of(database: Database) -> EmbeddedWatch | ServerWatch:
    return EmbeddedWatch(database) if database.is_embedded else ServerWatch(database)


class EmbeddedWatch:
    """SQLite tells a connection another number as soon as any other one has committed anything.

    NOTE: one connection is kept for this alone. What it writes itself are lines of the audit, of which no answer tells.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._version: int | None = None

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        if self._connection is None:
            self._connection = self._database.engine.connect().execution_options(begins_immediately=True)
        with self._connection.begin():
            before = self._version
            self._version = self._connection.exec_driver_sql("PRAGMA data_version").scalar_one()
            yield Turn(self._connection, self._version != before)

    def note(self, turn: Turn, entries: Sequence[Entry]) -> None:
        self._database.note_within(turn.connection, entries)

    def leave(self) -> None:
        """After a failure another connection is taken."""
        self._version = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class ServerWatch:
    """Every write leaves its line in the same transaction, and lines are added one transaction after another.

    So whoever has closed the chain and finds no line but of looks since the end that they know, knows that nothing else
    was written: also not by another worker. What is being written now waits for its line until this turn has ended.

    NOTE: one connection is kept for this alone. A turn goes to the server twice: to close the chain and see where it
    ends, and with all lines and the end of the transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._known: Point | None = None
        self._since = 0.0
        event.listen(database.engine, "engine_disposed", lambda _engine: self.leave())

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        connection, last = self._closed()
        with connection.begin():
            turn = Turn(connection, self._news(connection, last), last)
            yield turn
        self._known = turn.last

    def _closed(self) -> tuple[Connection, Point]:
        """A connection that was cut since the turn before is noticed here, and nobody has been answered yet."""
        try:
            return self._tried()
        except DBAPIError as failed:
            if not failed.connection_invalidated:
                raise
        self.leave()
        return self._tried()

    def _tried(self) -> tuple[Connection, Point]:
        self._connection = self._connection or self._opened()
        return self._connection, audit_chain.closed(self._connection)

    def _opened(self) -> Connection:
        return self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")  # `closed` says BEGIN

    def _news(self, connection: Connection, last: Point) -> bool:
        now = time.monotonic()
        if self._known and now - self._since <= LONGEST and not _more_than_looks(connection, self._known, last):
            return False
        self._since = now
        return True

    def note(self, turn: Turn, entries: Sequence[Entry]) -> None:
        turn.last = self._database.note_within(turn.connection, entries, turn.last)

    def leave(self) -> None:
        """After a failure another connection is taken."""
        self._known, kept, self._connection = None, self._connection, None
        if kept is not None:
            kept.invalidate()
            kept.close()


def _more_than_looks(connection: Connection, known: Point, last: Point) -> bool:
    """Whether the chain grew by anything but looks. Where its end is the one that is known, there is nothing to ask."""
    if last == known:
        return False
    told = {"known": known.id, "last": last.id}
    return last.id <= known.id or connection.execute(_WRITTEN, told).first() is not None
