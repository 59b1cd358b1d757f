"""Tells whether anybody has written since the last time: only until then may an answer be told from memory."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, not_, select

from serving import audit_chain
from serving.audit_chain import Point
from serving.database import LOOK, Database, Entry
from serving.tables import audit

LONGEST = 5.0
"""Seconds. Who writes in PostgreSQL past this program leaves no line, and is noticed after so long at the latest."""

_END = select(audit.c.id, audit.c.digest).order_by(audit.c.id.desc()).limit(1)
_SINCE = audit.alias()
_WRITTEN = select(_SINCE.c.id).where(
    _SINCE.c.id > bindparam("known"), not_(_SINCE.c.action.startswith(LOOK, autoescape=True))
)
_END_AND_NEWS = _END.add_columns(_WRITTEN.exists().label("news"))


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
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Point | None = None
        self._since = 0.0

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        with self._database.engine.begin() as connection:
            audit_chain.close(connection)
            turn = self._looked(connection)
            yield turn
        self._known = turn.last

    def _looked(self, connection: Connection) -> Turn:
        known = self._known
        found = connection.execute(_END_AND_NEWS, {"known": known.id if known else 0}).one_or_none()
        last = Point(found.id, found.digest) if found else audit_chain.START
        old = time.monotonic() - self._since > LONGEST
        news = known is None or old or last.id < known.id or bool(found and found.news)
        if news:
            self._since = time.monotonic()
        return Turn(connection, news, last)

    def note(self, turn: Turn, entries: Sequence[Entry]) -> None:
        turn.last = self._database.note_within(turn.connection, entries, turn.last)

    def leave(self) -> None:
        self._known = None
