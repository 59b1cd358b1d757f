"""How much the dropout rate hangs on one choice: how many weeks away from school count as having left."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from features.labels import ABSENT_WEEKS
from features.rates.publication import published
from features.rates.student_years import OFFICIAL, Enrolments, Sectors
from features.rates.suppression import is_small
from features.rates.tables import TOTAL, year_rates

ABSENT_WEEKS_TRIED = (2, 4, 6, 8)
DROPOUT = ("intra_annual_dropout", "adjusted_dropout")
COLUMNS = ("indicator", "definition", "numerator", "denominator", "rate", "status", "hidden")
Row = dict[str, Any]


def sensitivity(
    known: Enrolments, year: str, tried: Sequence[int] = ABSENT_WEEKS_TRIED, sectors: Sectors = OFFICIAL
) -> pl.DataFrame:
    """``absent_weeks`` and the dropout rates of the whole for each choice, as they may be published together."""
    told = pl.concat([_with(known, year, weeks, sectors) for weeks in tried])
    return pl.DataFrame(_without_near_ones(told.rows(named=True)), schema=told.schema)


def _with(known: Enrolments, year: str, weeks: int, sectors: Sectors) -> pl.DataFrame:
    rows = published(year_rates(known, year, weeks, sectors))
    rows = rows.filter(pl.col("by") == TOTAL, pl.col("indicator").is_in(DROPOUT), pl.col("definition") != "REGISTERED")
    return rows.select(pl.lit(weeks).alias("absent_weeks"), *COLUMNS)


def _without_near_ones(rows: Iterable[Row]) -> list[Row]:
    """Two choices may differ by a single child, who is then given away: the usual choice is told, the other is not."""
    kept = [dict(row) for row in rows]
    told: dict[tuple[str, str], set[int]] = {}
    for row in sorted(kept, key=lambda row: row["absent_weeks"] != ABSENT_WEEKS):
        for name, whose in (("numerator", row["definition"]), ("denominator", "")):
            before = told.setdefault((name, whose), set())
            if row[name] is not None and any(is_small(abs(row[name] - count)) for count in before):
                row |= {name: None, "rate": None, "hidden": True}
            elif row[name] is not None:
                before.add(row[name])
    return kept
