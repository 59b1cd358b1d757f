"""Takes in what a secretariat sends: rows to the archive, names straight to the roster and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from features import Archive
from features.sources import IngestReport, ingest
from serving import roster
from serving.database import By, Database
from serving.settings import Settings


def take_in(
    path: Path, settings: Settings, database: Database, by: By, progress: Callable[[str], None] | None = None
) -> IngestReport:
    def to_roster(rows: pl.DataFrame) -> None:
        roster.upsert(database, rows, by)

    archive, key = Archive(settings.archive), settings.pseudonym_key()
    return ingest(path, archive, settings.quarantine, key, to_roster, by.at.date(), progress)
