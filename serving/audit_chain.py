"""The audit as a chain: each line seals itself and the line before it, so that nothing is changed or taken unseen."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from serving.faults import Missing
from serving.one_trip import one_trip
from serving.tables import audit

BEFORE_THE_FIRST = "0" * 64
TOLD = ("id", "at", "by", "role", "action", "thing", "detail", "why", "previous")
PLAIN, KEYED = "sha256:", "hmac-sha256:"
LOCK = 5_120_001  # any number, the same for everybody who adds a line
AT_ONCE = 5_000
LAST, ADDED = select(audit.c.id, audit.c.digest).order_by(audit.c.id.desc()).limit(1), insert(audit)
CLOSED = f"SELECT pg_advisory_xact_lock({LOCK})"
END = "SELECT id, digest FROM audit ORDER BY id DESC LIMIT 1"
ADDED_AT_ONCE = (
    "INSERT INTO audit (id, at, by, role, action, thing, detail, why, previous, digest) "
    "SELECT id, at, by, role, action, thing, detail, why, previous, digest "
    "FROM json_populate_recordset(NULL::audit, %s)"
)
"""However many: read once by the server, and once by us. A text that is too long is refused, never cut."""
CONTENT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Point:
    """How far the chain reached once: its last line, and that line's seal."""

    id: int
    digest: str


START = Point(0, BEFORE_THE_FIRST)


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain came to; `wrong` tells what is the matter with line `first_bad`."""

    lines: int
    last: Point
    first_bad: int | None = None
    wrong: str | None = None

    @property
    def whole(self) -> bool:
        return self.wrong is None


def add_line(connection: Connection, line: Mapping[str, Any], key: bytes | None) -> None:
    """At the end of a transaction: from here to its commit nobody else can add a line."""
    add_lines(connection, [line], key)


def add_lines(connection: Connection, lines: Iterable[Mapping[str, Any]], key: bytes | None) -> Point:
    """Some lines one after another, as if each had been added alone; the last of them."""
    chained, last = _chained(lines, key, closed(connection))
    connection.execute(ADDED, chained)
    return last


def add_lines_and_end(
    connection: Connection, lines: Iterable[Mapping[str, Any]], key: bytes | None, last: Point
) -> Point:
    """The same, where PostgreSQL's chain was closed at `last`; the transaction ends with them, in one trip."""
    chained, last = _chained(lines, key, last)
    content = CONTENT.encode([{name: _as_told(value) for name, value in line.items()} for line in chained])
    with one_trip(connection) as server:
        server.execute(ADDED_AT_ONCE, [content])
        server.execute("COMMIT")
    return last


def _chained(
    lines: Iterable[Mapping[str, Any]], key: bytes | None, last: Point
) -> tuple[Sequence[dict[str, Any]], Point]:
    chained = []
    for line in lines:
        whole = {**line, "id": last.id + 1, "previous": last.digest}
        chained.append({**whole, "digest": sealed(whole, key)})
        last = Point(last.id + 1, chained[-1]["digest"])
    return chained, last


def closed(connection: Connection) -> Point:
    """Where the chain ends: nobody else adds to it until this transaction ends.

    SQLite's writers are alone from their beginning. To PostgreSQL it is one trip; the end is looked for once the chain
    is closed.
    """
    if connection.dialect.name != "postgresql":
        return last_point(connection)
    with one_trip(connection) as server:
        if server.autocommit:
            server.execute("BEGIN")  # otherwise psycopg says it, and waits for the answer
        server.execute(CLOSED)
        # NOTE: planned anew each time. A plan that was made while the audit had few lines reads all of them.
        found = server.execute(END, prepare=False)
    row = found.fetchone()
    return Point(*row) if row else START


def last_point(connection: Connection) -> Point:
    row = connection.execute(LAST).one_or_none()
    return Point(row.id, row.digest) if row else START


def sealed(line: Mapping[str, Any], key: bytes | None) -> str:
    told = [_as_told(line[name]) for name in TOLD]
    content = CONTENT.encode(told).encode()
    if key is None:
        return PLAIN + hashlib.sha256(content).hexdigest()
    return KEYED + hmac.new(key, content, hashlib.sha256).hexdigest()


def _as_told(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError("a moment without a zone cannot be kept")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def verify(connection: Connection, key: bytes | None, point: Point | None = None) -> Verdict:
    """Walks from the first line to the last; `point`, kept elsewhere, tells whether the end was cut off."""
    chosen = select(audit).order_by(audit.c.id).execution_options(yield_per=AT_ONCE)
    with connection.execute(chosen) as found:
        return walked((dict(line) for line in found.mappings()), key, point)


def walked(lines: Iterable[Mapping[str, Any]], key: bytes | None, point: Point | None = None) -> Verdict:
    last, keyed = START, False
    for line in lines:
        if wrong := next(_faults(line, last, key, keyed, point), None):
            return Verdict(last.id, last, last.id + 1, wrong)
        last, keyed = Point(line["id"], line["digest"]), keyed or line["digest"].startswith(KEYED)
    if point is not None and last.id < point.id:
        return Verdict(last.id, last, last.id + 1, f"Faltan las últimas {point.id - last.id} líneas.")
    return Verdict(last.id, last)


def _faults(line: Mapping[str, Any], last: Point, key: bytes | None, keyed: bool, point: Point | None) -> Iterator[str]:
    digest, with_key = str(line["digest"]), str(line["digest"]).startswith(KEYED)
    if line["id"] != last.id + 1:
        yield "Falta esta línea, o hay una de más."
    if line["previous"] != last.digest:
        yield "No sigue a la línea anterior."
    if keyed and not with_key:
        yield "No lleva el sello con clave que llevan las anteriores."
    if not _same(digest, sealed(line, _needed(key) if with_key else None)):
        yield "Su contenido no es el que se selló."
    if point is not None and line["id"] == point.id and digest != point.digest:
        yield "No es la línea que conoce el punto de control: la cadena se escribió de nuevo."


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _needed(key: bytes | None) -> bytes:
    if key is None:
        raise Missing("El registro está sellado con clave: falta PERMANENCIA_AUDIT_KEY.")
    return key
