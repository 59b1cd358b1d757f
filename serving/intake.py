"""Takes in what a secretariat sends: rows to the archive, names straight to the roster and nowhere else."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from features import Archive
from features.sources import IngestReport, ingest
from serving import roster
from serving.database import By, Database
from serving.faults import Missing
from serving.settings import Settings


def take_in(
    path: Path, settings: Settings, database: Database, by: By, progress: Callable[[str], None] | None = None
) -> IngestReport:
    def to_roster(rows: pl.DataFrame) -> None:
        roster.upsert(database, rows, by)

    archive, key = Archive(settings.archive), settings.pseudonym_key()
    with alone(settings.home / "ingest.lock"):
        return ingest(path, archive, settings.quarantine, key, to_roster, by.at.date(), progress, settings.profile())


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Two readings at once would each lay their changes over the same past; the system frees the lock of who dies."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Missing("Otra lectura está en curso. Espere a que termine y repita.") from None
        yield
