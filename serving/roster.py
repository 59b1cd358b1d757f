"""The names behind the pseudonyms: kept apart, changed only when they change, read only through permissions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from serving.database import By, Database
from serving.tables import roster

FIELDS = tuple(column.name for column in roster.c if column.name not in ("digest",))
WORDS = tuple(name for name in FIELDS if name not in ("student_id", "known_on"))
TOLD_TOGETHER = (
    ("per_id",),
    ("document_type", "document_number"),
    ("first_name", "second_name", "first_surname", "second_surname"),
    ("address", "neighbourhood"),
    ("phone",),
    ("email",),
    ("institution_id",),
)
"""What a file either tells or does not: of a name without its second one, the second one is gone."""
Known = dict[str, tuple[str, date | None]]
CHUNK = 500  # SQLite refuses statements with too many values


@dataclass(frozen=True)
class Identity:
    name: str
    phone: str | None


def upsert(database: Database, rows: pl.DataFrame, by: By) -> int:
    """Writes the students that are new or that changed, and says how many they were.

    Not every layout has every column: what a file does not tell stays as it was known.
    """
    latest = _complete(rows).unique("student_id", keep="last", maintain_order=True)
    with database.writing(by, "upsert_roster", "roster") as (connection, entry):
        known = _known(connection)
        differing = [row for row in _digested(latest) if _is_news(row, known.get(row["student_id"]))]
        new = [row for row in differing if row["student_id"] not in known]
        old = _completed(connection, [row for row in differing if row["student_id"] in known])
        changed = [*new, *(row for row in old if _is_news(row, known[row["student_id"]]))]
        _write(connection, changed, known)
        entry.detail, entry.skip = f"{len(changed)} estudiantes", not changed
        return len(changed)


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None).alias(name) for name in FIELDS if name not in rows.columns]
    texts = [pl.col(name).cast(pl.String) for name in WORDS]
    return rows.with_columns(missing).with_columns(texts).sort("known_on", maintain_order=True).select(FIELDS)


def _digested(rows: pl.DataFrame) -> Iterable[dict[str, Any]]:
    return map(_with_digest, rows.iter_rows(named=True))


def _with_digest(row: dict[str, Any]) -> dict[str, Any]:
    words = "\x1f".join(row[name] or "" for name in WORDS)
    return row | {"digest": hashlib.blake2b(words.encode(), digest_size=16).hexdigest()}


def _completed(connection: Connection, rows: Sequence[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The rows with what they leave out taken from what is known."""
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        chosen = select(roster).where(roster.c.student_id.in_([row["student_id"] for row in some]))
        before = {row["student_id"]: dict(row) for row in connection.execute(chosen).mappings()}
        yield from (_with_digest(row | _kept(row, before.get(row["student_id"], {}))) for row in some)


def _kept(row: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    silent = (names for names in TOLD_TOGETHER if not any(row[name] for name in names))
    return {name: before.get(name) for names in silent for name in names}


def _known(connection: Connection) -> Known:
    rows = connection.execute(select(roster.c.student_id, roster.c.digest, roster.c.known_on))
    return {row.student_id: (row.digest, row.known_on) for row in rows}


def _is_news(row: dict[str, Any], before: tuple[str, date | None] | None) -> bool:
    """New or different, and not from an older file that was read late."""
    if before is None:
        return True
    digest, known_on = before
    return digest != row["digest"] and (known_on is None or row["known_on"] is None or row["known_on"] >= known_on)


def _write(connection: Connection, rows: Sequence[dict[str, Any]], known: Known) -> None:
    new = [row for row in rows if row["student_id"] not in known]
    old = [_keyed(row) for row in rows if row["student_id"] in known]
    if new:
        connection.execute(insert(roster), new)
    if old:
        connection.execute(update(roster).where(roster.c.student_id == bindparam("key")), old)


def _keyed(row: dict[str, Any]) -> dict[str, Any]:
    return {"key": row["student_id"], **{name: value for name, value in row.items() if name != "student_id"}}


def names_of(connection: Connection, student_ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(student_ids), CHUNK):
        chosen = select(roster).where(roster.c.student_id.in_(student_ids[start : start + CHUNK]))
        found |= {row.student_id: _full_name(row) for row in connection.execute(chosen)}
    return found


COMPARED = (
    "student_id",
    "per_id",
    "document_type",
    "document_number",
    "first_name",
    "second_name",
    "first_surname",
    "second_surname",
    "phone",
)


def everyone(database: Database, by: By) -> pl.DataFrame:
    """What the cross-match compares of every student; who took it is written down."""
    with database.writing(by, "read_roster", "link") as (connection, entry):
        rows = connection.execute(select(*(roster.c[name] for name in COMPARED))).all()
        entry.detail = f"{len(rows)} estudiantes"
    return pl.DataFrame([tuple(row) for row in rows], schema=dict.fromkeys(COMPARED, pl.String), orient="row")


def identity_of(connection: Connection, student_id: str) -> Identity | None:
    row = connection.execute(select(roster).where(roster.c.student_id == student_id)).one_or_none()
    return Identity(_full_name(row), row.phone) if row else None


def _full_name(row: Row[Any]) -> str:
    parts = (row.first_name, row.second_name, row.first_surname, row.second_surname)
    return " ".join(part.strip().title() for part in parts if part and part.strip())
