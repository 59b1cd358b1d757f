"""Seals names and notes again with a new key, so that the old one can be destroyed."""

from __future__ import annotations

from sqlalchemy import select

from serving import notes
from serving.connecting import sealer_of
from serving.database import By, Database
from serving.roster import digested, opened, replace_rows, sealed_row
from serving.tables import roster


def rotate(database: Database, by: By) -> int:
    """Every row that the first key did not seal, all of them or none; gives how many they were."""
    with database.writing(by, "rotate_key", "roster") as (connection, entry):
        sealer = sealer_of(connection)
        old = (row for row in opened(connection, select(roster)) if not sealer.sealed_with_first(row["sealed"]))
        rows = [sealed_row(digested(row, sealer), sealer) for row in old]
        replace_rows(connection, rows)
        noted = notes.seal_again(connection)
        entry.detail, entry.skip = f"{len(rows)} estudiantes, {noted} notas", not rows and not noted
    return len(rows)
