"""What contacts found goes back to the records, as a file of visits would: dated, coded, known since it was logged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row, func, select

from features import Archive
from features.archive import Entry
from features.records import complete
from serving.contact_tables import contacts
from serving.contact_words import KIND_IN_RECORDS, OUTCOMES
from serving.database import By, Database
from serving.intake import alone
from serving.settings import Settings

SOURCE = "contactos"
"""As the archive calls what was logged here; no export brings it."""


def bring_in(settings: Settings, database: Database, day: date, by: By) -> int:
    """Adds to the archive what was logged until a day and is not there yet; how many rows that were.

    Done again it adds nothing. A correction made on another day is a row of its own, known since that day.
    """
    with database.looking(by, "contacts_to_records", "contacts") as (connection, entry):
        rows = logged_until(connection, day)
        added = _added(settings, rows) if rows.height else 0
        entry.detail, entry.skip = f"{added} hallazgos", added == 0
    return added


def logged_until(connection: Connection, day: date) -> pl.DataFrame:
    """Rows of the table `visit`: for each contact the last that was told of it on each day, no words and no author."""
    of_the_day = (contacts.c.contact_id, contacts.c.logged_on)
    last = select(*of_the_day, func.max(contacts.c.version).label("version")).group_by(*of_the_day).subquery()
    same = (contacts.c.contact_id == last.c.contact_id) & (contacts.c.version == last.c.version)
    chosen = select(contacts).join(last, same).where(contacts.c.logged_on <= day)
    found = [_as_visit(row) for row in connection.execute(chosen)]
    return complete("visit", pl.DataFrame(found, schema=_SCHEMA).lazy()).unique().sort(pl.all()).collect()


_SCHEMA = {
    "student_id": pl.String(),
    "happened_on": pl.Date(),
    "known_on": pl.Date(),
    "visited_on": pl.Date(),
    "kind": pl.String(),
    "result": pl.String(),
    "destination": pl.String(),
}


def _as_visit(row: Row[Any]) -> dict[str, Any]:
    outcome = OUTCOMES[row.outcome]
    return {
        "student_id": row.student_id,
        "happened_on": row.since or row.contacted_on,
        "known_on": row.logged_on,
        "visited_on": row.contacted_on,
        "kind": KIND_IN_RECORDS[row.kind],
        "result": outcome.finding,
        "destination": outcome.destination,
    }


def _added(settings: Settings, rows: pl.DataFrame) -> int:
    archive = Archive(settings.archive)
    with alone(settings.home / "ingest.lock"):
        new = rows.join(_kept(archive), on=rows.columns, how="anti", nulls_equal=True, maintain_order="left")
        for some in new.partition_by("known_on", maintain_order=True):
            _add(archive, some["known_on"][0], some)
    return new.height


def _kept(archive: Archive) -> pl.DataFrame:
    """What earlier runs added."""
    parts = [part for entry in _entries(archive) for part in entry.parts]
    found = [pl.scan_parquet(archive.path / part) for part in parts]
    return pl.concat([complete("visit", pl.LazyFrame(schema=_SCHEMA)), *found]).collect()


def _entries(archive: Archive) -> Iterable[Entry]:
    return (entry for entry in archive.entries() if entry.source == SOURCE)


def _add(archive: Archive, known_on: date, rows: pl.DataFrame) -> None:
    digest = hashlib.sha256(SOURCE.encode() + rows.write_csv().encode()).hexdigest()
    counts = (rows.height, rows.height, 0)
    archive.add(Entry(digest, SOURCE, known_on, f"{SOURCE} del {known_on.isoformat()}", *counts), {"visit": rows})
