"""The one door to the database: opens it safely, keeps it up to date, and writes nothing without a who."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from serving.audit_chain import Point, add_line, add_lines, add_lines_and_end, closed
from serving.connecting import connected, keys_beside
from serving.faults import Fault, Missing, WrongUsage
from serving.sealing import Keys
from serving.tenancy import Context, enter, lift, must_not_own, settle
from serving.together import Together

HEAD = "0019"  # the newest migration; a test compares it with the folder
LOOK = "see_"  # so begins the action of a line after which everything is as it was
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class By:
    """Who acts, at what moment, as what and why: asked for by every function that writes or that reveals a name.

    Without a `context` PostgreSQL shows no child's record and takes none.
    """

    who: str
    at: datetime
    context: Context | None = None
    why: str = ""


@dataclass
class Entry:
    """One line of the audit; a function may complete its detail before the transaction ends."""

    by: By
    action: str
    thing: str
    detail: str = ""
    skip: bool = field(default=False)  # nothing was changed, or nothing was told, after all


class Database:
    def __init__(self, url: str, keys: Keys | None = None) -> None:
        """Without keys, those that lie beside the file of an embedded database."""
        self.url = url
        self.keys = keys or keys_beside(url)
        self.engine = connected(url, self.keys.roster)
        self._lines = Together(self._note_all)

    @classmethod
    def open(cls, url: str, keys: Keys | None = None) -> Database:
        """An embedded database is brought up to date by itself; a server is upgraded by `db upgrade`."""
        database = cls(url, keys)
        try:
            database._must_be_fit()
        except Fault:
            database.engine.dispose()
            raise
        return database

    def _must_be_fit(self) -> None:
        if self.revision() != HEAD:
            self._upgrade_or_refuse()
        with self.reading() as connection:
            must_not_own(connection)

    @property
    def is_embedded(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What is no child's record: staff, publications, the audit."""
        with self.engine.connect() as connection:
            yield connection.execution_options(postgresql_readonly=True)

    @contextmanager
    def reading_as(self, context: Context | None) -> Iterator[Connection]:
        """Children's records too, as far as this reach goes; for looks that another line of the audit tells of."""
        with self.reading() as connection:
            enter(connection, context)
            yield connection

    @contextmanager
    def looking(self, by: By, action: str, thing: str) -> Iterator[tuple[Connection, Entry]]:
        """Reads children's records as far as `by` reaches. One line tells of it before the answer can leave.

        A look that was refused, or that failed, leaves its line too.
        """
        entry = Entry(by, action, thing)
        try:
            with self.reading_as(by.context) as connection:
                yield connection, entry
        except Exception:
            self._note(Entry(by, action, entry.thing, "sin respuesta"))
            raise
        if not entry.skip:
            self._lines.add(entry)

    @contextmanager
    def writing(self, by: By, action: str, thing: str) -> Iterator[tuple[Connection, Entry]]:
        """One transaction that ends with its line in the audit, or leaves no trace at all."""
        if action.startswith(LOOK):
            raise ValueError(f"«{action}» es el nombre de una mirada: quien escribe lo dice con otro")
        with self._writing(Entry(by, action, thing)) as written:
            yield written

    @contextmanager
    def _writing(self, entry: Entry) -> Iterator[tuple[Connection, Entry]]:
        with self.engine.execution_options(begins_immediately=True).begin() as connection:
            enter(connection, entry.by.context)
            yield connection, entry
            if not entry.skip:
                add_line(connection, _line(entry), self.keys.audit)

    def note(self, by: By, action: str, thing: str, detail: str = "") -> None:
        """A line of its own, for what is neither a look nor a write."""
        self._note(Entry(by, action, thing, detail))

    def _note(self, entry: Entry) -> None:
        with self._writing(entry):
            pass

    def _note_all(self, entries: Sequence[Entry]) -> None:
        with self.engine.execution_options(begins_immediately=True).begin() as connection:
            self.note_within(connection, entries)

    def note_within(self, connection: Connection, entries: Sequence[Entry], last: Point | None = None) -> Point | None:
        """Their lines, at the end of a transaction of the caller's; where the chain then ends, as far as is known.

        PostgreSQL ends the transaction with them. `last`: where the chain ends, for who has closed it already.
        """
        if not entries:
            return last
        lines = [_line(entry) for entry in entries]
        if self.is_embedded:
            return add_lines(connection, lines, self.keys.audit)
        return add_lines_and_end(connection, lines, self.keys.audit, last or closed(connection))

    def revision(self) -> str | None:
        try:
            with self.reading() as connection:
                return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except (OperationalError, ProgrammingError):
            self._must_answer()
            return None

    def upgrade(self, to: str = "head") -> None:
        """Run by whoever owns the tables. They are as before, or as they should be: never between the two."""
        from alembic import command

        try:
            with self._migrating() as config:
                command.upgrade(config, to)
        except ProgrammingError as refused:
            if getattr(refused.orig, "sqlstate", "") != "42501":
                raise
            raise WrongUsage(
                "Ese rol no es dueño de las tablas. Dé la dirección del dueño en PERMANENCIA_DATABASE_OWNER_URL."
            ) from None

    def downgrade(self, to: str) -> None:
        from alembic import command

        with self._migrating() as config:
            command.downgrade(config, to)

    @contextmanager
    def _migrating(self) -> Iterator[Any]:
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.execution_options(begins_immediately=True).begin() as connection:
            lift(connection)
            config.attributes |= {"connection": connection, "sealer": self.keys.roster}
            yield config
            settle(connection)

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
    return {
        "at": by.at,
        "by": by.who,
        "role": by.context.role if by.context else "",
        "action": entry.action,
        "thing": entry.thing,
        "detail": entry.detail,
        "why": by.why,
    }
