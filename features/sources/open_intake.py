"""Puts a table of the open format into the archive: its rows say themselves when they happened and were known."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.schema import TABLES
from features.sources import quarantine as quarantined
from features.sources.folders import Delivery
from features.sources.intake import Intake
from features.sources.sheet import Reading


def take_part(intake: Intake, digest: str, table: str, reading: Reading, delivery: Delivery) -> None:
    own = [name for name in reading.rows.columns if name.startswith("x_")]
    rows = reading.rows.select(*TABLES[table].names, *own)
    known_on = delivery.known_on if delivery.dated else _last_known(rows, delivery.known_on)
    quarantined.keep(reading, known_on, intake.quarantine)
    intake.add(digest, reading, known_on, {table: intake.only_new(table, rows)})


def _last_known(rows: pl.DataFrame, today: date) -> date:
    last = rows["known_on"].max()
    return last if isinstance(last, date) else today
