"""How much the dropout rate hangs on one choice: how many weeks away from school count as having left."""

from collections.abc import Sequence

import polars as pl

from features.rates.publication import published
from features.rates.student_years import OFFICIAL, Enrolments, Sectors
from features.rates.tables import TOTAL, year_rates

ABSENT_WEEKS_TRIED = (2, 4, 6, 8)
DROPOUT = ("intra_annual_dropout", "adjusted_dropout")
COLUMNS = ("indicator", "definition", "numerator", "denominator", "rate", "status", "hidden")


def sensitivity(
    known: Enrolments, year: str, tried: Sequence[int] = ABSENT_WEEKS_TRIED, sectors: Sectors = OFFICIAL
) -> pl.DataFrame:
    """``absent_weeks`` and the dropout rates of the whole for each choice, as they may be published."""
    return pl.concat([_with(known, year, weeks, sectors) for weeks in tried])


def _with(known: Enrolments, year: str, weeks: int, sectors: Sectors) -> pl.DataFrame:
    rows = published(year_rates(known, year, weeks, sectors))
    rows = rows.filter(pl.col("by") == TOTAL, pl.col("indicator").is_in(DROPOUT), pl.col("definition") != "REGISTERED")
    return rows.select(pl.lit(weeks).alias("absent_weeks"), *COLUMNS)
