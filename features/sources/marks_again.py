"""A mark without a date that was told before is the same mark: it keeps the day on which it was first told."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

PERIODS_APART = timedelta(days=200)
"""«1» of this year and «1» of the last are told apart by the time between them, where the period names no year."""

MARK = ["student_id", "period", "area", "_handed_in"]


def as_first_dated(rows: pl.DataFrame, before: pl.LazyFrame, known_on: date) -> pl.DataFrame:
    """The rows of a file of marks; without it a list sent again each week would be a new mark each week."""
    recent = before.filter(pl.col("happened_on") >= known_on - PERIODS_APART, pl.col("happened_on") < known_on)
    handed_in = pl.col("score").is_not_null().alias("_handed_in")
    first = recent.with_columns(handed_in).group_by(MARK).agg(_first_on=pl.col("happened_on").max())
    told = rows.lazy().with_columns(handed_in).join(first, on=MARK, how="left", maintain_order="left")
    again = (pl.col("happened_on") == known_on) & pl.col("_first_on").is_not_null()
    due = pl.when(pl.col("due_on").is_not_null() & again).then("_first_on").otherwise("due_on").alias("due_on")
    dated = told.with_columns(pl.when(again).then("_first_on").otherwise("happened_on").alias("happened_on"), due)
    return dated.select(rows.columns).collect()
