"""Takes in what a secretariat sends: rows to the archive, names straight to the roster and nowhere else."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from features import Archive
from features.sources import IngestReport, ingest
from serving import roster
from serving.database import By, Database
from serving.faults import Missing
from serving.settings import Settings

A_WEEK = timedelta(days=7)
"""Some name a folder for the Monday on which its list is made."""


def take_in(
    path: Path, settings: Settings, database: Database, by: By, progress: Callable[[str], None] | None = None
) -> IngestReport:
    def to_roster(rows: pl.DataFrame) -> None:
        roster.upsert(database, rows, by)

    archive, key = Archive(settings.archive), settings.pseudonym_key()
    with alone(settings.home / "ingest.lock"):
        until = last_day(settings, by.at.date())
        return ingest(
            path, archive, settings.quarantine, key, to_roster, by.at.date(), progress, settings.profile(), until
        )


def last_day(settings: Settings, today: date) -> date:
    """The last day that a folder may be dated: a made-up city may lie in any year, a real one not in the next."""
    return date.max if settings.made_up else today + A_WEEK


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Two readings at once would each lay their changes over the same past; the system frees the lock of who dies."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Missing("Otra lectura está en curso. Espere a que termine y repita.") from None
        yield
