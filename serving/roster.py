"""The names behind the pseudonyms: kept apart, sealed, changed only when they change, read only through permissions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, bindparam, insert, select, update

from serving.connecting import sealer_of
from serving.database import By, Database
from serving.sealing import Sealer
from serving.tables import roster

SEALED = (
    *("per_id", "document_type", "document_number"),
    *("first_name", "second_name", "first_surname", "second_surname"),
    *("address", "neighbourhood", "phone", "email"),
)
"""What is never written but sealed."""
WORDS = ("institution_id", *SEALED)
FIELDS = ("student_id", "known_on", *WORDS)
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
        known, sealer = _known(connection), sealer_of(connection)
        differing = [row for row in _digested(latest, sealer) if _is_news(row, known.get(row["student_id"]))]
        new = [row for row in differing if row["student_id"] not in known]
        old = _completed(connection, [row for row in differing if row["student_id"] in known])
        changed = [*new, *(row for row in old if _is_news(row, known[row["student_id"]]))]
        _write(connection, [sealed_row(row, sealer) for row in changed], known)
        entry.detail, entry.skip = f"{len(changed)} estudiantes", not changed
        return len(changed)


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None).alias(name) for name in FIELDS if name not in rows.columns]
    texts = [pl.col(name).cast(pl.String) for name in WORDS]
    return rows.with_columns(missing).with_columns(texts).sort("known_on", maintain_order=True).select(FIELDS)


def _digested(rows: pl.DataFrame, sealer: Sealer) -> Iterator[dict[str, Any]]:
    return (digested(row, sealer) for row in rows.iter_rows(named=True))


def digested(row: dict[str, Any], sealer: Sealer) -> dict[str, Any]:
    """The row with the keyed digest of all its words."""
    return row | {"digest": sealer.digest("words", "\x1f".join(row[name] or "" for name in WORDS))}


def sealed_row(row: Mapping[str, Any], sealer: Sealer) -> dict[str, Any]:
    """As the table keeps it: nothing but pseudonym, school and date can be read."""
    return {
        **{name: row[name] for name in ("student_id", "digest", "known_on", "institution_id")},
        "document_digest": sealer.of_document(row["document_number"]),
        "sealed": sealer.seal(row["student_id"], {name: row[name] for name in SEALED}),
    }


def _completed(connection: Connection, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows with what they leave out taken from what is known."""
    sealer = sealer_of(connection)
    before = known_of(connection, [row["student_id"] for row in rows])
    return (digested(row | _kept(row, before.get(row["student_id"], {})), sealer) for row in rows)


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
    if new:
        connection.execute(insert(roster), new)
    replace_rows(connection, [row for row in rows if row["student_id"] in known])


def replace_rows(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        same = roster.c.student_id == bindparam("key")
        connection.execute(update(roster).where(same), [_keyed(row) for row in rows])


def _keyed(row: dict[str, Any]) -> dict[str, Any]:
    return {"key": row["student_id"], **{name: value for name, value in row.items() if name != "student_id"}}


def known_of(connection: Connection, student_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """All that is known of these students, opened."""
    portions = (student_ids[start : start + CHUNK] for start in range(0, len(student_ids), CHUNK))
    return {
        row["student_id"]: row
        for some in portions
        for row in opened(connection, select(roster).where(roster.c.student_id.in_(some)))
    }


def opened(connection: Connection, chosen: Select[Any]) -> Iterator[dict[str, Any]]:
    """The chosen rows of the roster with what was sealed in them."""
    sealer = sealer_of(connection)
    empty = dict.fromkeys(SEALED)
    for row in connection.execute(chosen).mappings():
        yield {**empty, **row, **sealer.open(row["student_id"], bytes(row["sealed"]))}


def names_of(connection: Connection, student_ids: Sequence[str]) -> dict[str, str]:
    return {student: _full_name(row) for student, row in known_of(connection, student_ids).items()}


def students_with_document(connection: Connection, number: str) -> list[str]:
    """Who carries a document: found by its keyed digest, as written with or without points and spaces."""
    digest = sealer_of(connection).of_document(number)
    chosen = select(roster.c.student_id).where(roster.c.document_digest == digest).order_by(roster.c.student_id)
    return list(connection.execute(chosen).scalars())


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
        rows = [[row[name] for name in COMPARED] for row in opened(connection, select(roster))]
        entry.detail = f"{len(rows)} estudiantes"
    return pl.DataFrame(rows, schema=dict.fromkeys(COMPARED, pl.String), orient="row")


def identity_of(connection: Connection, student_id: str) -> Identity | None:
    row = known_of(connection, [student_id]).get(student_id)
    return Identity(_full_name(row), row["phone"]) if row else None


def _full_name(row: Mapping[str, Any]) -> str:
    parts = (row["first_name"], row["second_name"], row["first_surname"], row["second_surname"])
    return " ".join(part.strip().title() for part in parts if part and part.strip())
