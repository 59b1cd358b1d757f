"""Who finishes a school year and is not enrolled anywhere when the next one has begun: dropout between two years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from features import Records, outcomes
from models.examples import STAYED
from models.horizons import FAR_AHEAD
from models.parts import BETWEEN_YEARS

BACK_WITHIN = timedelta(weeks=8)
"""Who enrols later than this into the next year has missed too much of it to have simply gone on."""


@dataclass(frozen=True)
class Passage:
    """From the last judged day of a school year to the first weeks of the next, `name`, which begins `begins`."""

    first: date
    last: date
    name: str
    begins: date


def passages(days: Sequence[date], years: Sequence[tuple[date, date, str]], told_by: date) -> list[Passage]:
    """The years of `days` whose next year had begun long enough before `told_by` to know who came back."""
    found = []
    for start, end, _ in sorted(years):
        inside = [day for day in days if start <= day <= end]
        after = min(((first, name) for first, _, name in years if first > end), default=None)
        if inside and after and after[0] + BACK_WITHIN <= told_by:
            found.append(Passage(min(inside), max(inside), after[1], after[0]))
    return found


def not_back(records: Records, passage: Passage, told_by: date, absent_weeks: int) -> pl.DataFrame:
    """`student_id, between_years` of all who finished the year: 1 if nobody saw them enrol in the next, else 0.

    Those who left, moved or graduated before or at its close are not asked: other targets count them.
    """
    told = outcomes(records, [passage.last], FAR_AHEAD, absent_weeks, known_by=told_by)
    finished = told.filter(pl.col("outcome") == STAYED).select("student_id")
    back = back_in(records.known_by(told_by), passage)
    gone = ~pl.col("student_id").is_in(back.implode())
    return finished.with_columns(gone.cast(pl.Int8).alias(BETWEEN_YEARS))


def back_in(records: Records, passage: Passage) -> pl.Series:
    rows = records.table("enrolment").filter(
        pl.col("status") == "ENROLLED",
        pl.col("school_year") == passage.name,
        pl.col("happened_on") <= passage.begins + BACK_WITHIN,
    )
    return rows.select(pl.col("student_id").unique()).collect()["student_id"]


def with_not_back(
    examples: pl.DataFrame, records: Records, passages: Sequence[Passage], told_by: date, absent_weeks: int
) -> pl.DataFrame:
    """The examples of those years with `between_years`, `passage` (which next year), and no others."""
    parts = []
    for passage in passages:
        asked = examples.filter(pl.col("day").is_between(passage.first, passage.last))
        known = not_back(records, passage, told_by, absent_weeks)
        parts.append(
            asked.join(known, on="student_id", maintain_order="left").with_columns(passage=pl.lit(passage.name))
        )
    return pl.concat(parts) if parts else examples.clear()
