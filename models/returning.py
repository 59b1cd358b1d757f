"""Who finishes a school year and is not enrolled anywhere when the next one has begun: dropout between two years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from features import Records, outcomes
from models.fates import STAYED
from models.horizons import FAR_AHEAD
from models.parts import BETWEEN_YEARS

BACK_WITHIN = timedelta(weeks=8)
"""Who enrols later than this into the next year has missed too much of it to have simply gone on."""

RECESS = timedelta(weeks=26)
"""A year that begins later than this after the end of another is not the next one."""


@dataclass(frozen=True)
class Passage:
    """From the last of the days in a school year, `year`, to the first weeks of the next, `name`, on `begins`."""

    first: date
    last: date
    name: str
    begins: date
    year: str


def passages(days: Sequence[date], years: Sequence[tuple[date, date, str]], told_by: date) -> list[Passage]:
    """The years of `days` whose next year had begun long enough before `told_by` to know who came back."""
    found = []
    spans = whole_years(years)
    for start, end, year in spans:
        inside = [day for day in days if start <= day <= end]
        after = min(((first, name) for first, _, name in spans if end < first <= end + RECESS), default=None)
        if inside and after and after[0] + BACK_WITHIN <= told_by:
            found.append(Passage(min(inside), max(inside), after[1], after[0], year))
    return found


def whole_years(years: Sequence[tuple[date, date, str]]) -> list[tuple[date, date, str]]:
    """Each school year once, from its first class anywhere to its last; institutions and corrections bring several."""
    spans = [[span for span in years if span[2] == name] for name in {name for _, _, name in years}]
    return sorted((min(s[0] for s in one), max(s[1] for s in one), one[0][2]) for one in spans)


def not_back(records: Records, passage: Passage, told_by: date, absent_weeks: int) -> pl.DataFrame:
    """`student_id, between_years` of all who finished the year: 1 if nobody saw them enrol in the next, else 0.

    Those who left, moved or graduated before or at its close are not asked: other targets count them. Nor is who was
    enrolled in a year of another name, as in a city with two calendars: that one is not over.
    """
    known = records.known_by(told_by)
    told = outcomes(records, [passage.last], FAR_AHEAD, absent_weeks, known_by=told_by)
    finished = told.filter(pl.col("outcome") == STAYED).select("student_id")
    finished = finished.filter(pl.col("student_id").is_in(enrolled_in(known, passage.year).implode()))
    back = enrolled_in(known, passage.name, passage.begins + BACK_WITHIN)
    gone = ~pl.col("student_id").is_in(back.implode())
    return finished.with_columns(gone.cast(pl.Int8).alias(BETWEEN_YEARS))


def enrolled_in(records: Records, year: str, until: date = date.max) -> pl.Series:
    """Who was enrolled in that school year, by `until`."""
    rows = records.table("enrolment").filter(
        pl.col("status") == "ENROLLED", pl.col("school_year") == year, pl.col("happened_on") <= until
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
