"""How late the register hears of a child who left: the share of departures on record so many weeks afterwards."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from features.engines import Polars
from features.labels import ABSENT_WEEKS, Outcome, exits
from features.records import Records

LEAST_COMPLETENESS = 0.9
"""Weeks of which a smaller share of the departures is on record do not teach."""

FEWEST_DEPARTURES = 30
"""From fewer departures than this no curve is drawn."""

MOST_WEEKS = 52
Since = Literal["register", "last_class"]


@dataclass(frozen=True)
class Completeness:
    """``shares[w]``: of the departures that will ever be on record, the share on record within ``w`` weeks."""

    shares: tuple[float, ...]
    departures: int

    def after(self, weeks: int) -> float:
        """The share on record so many weeks after the departure; one, from the longest delay ever seen."""
        if weeks < 0:
            return 0.0
        return self.shares[weeks] if weeks < len(self.shares) else 1.0

    def weeks_until(self, share: float) -> int:
        """The first week by which at least this share is on record."""
        return next((week for week, told in enumerate(self.shares) if told >= share), len(self.shares))


def completeness(
    records: Records, known_by: date | None = None, absent_weeks: int = ABSENT_WEEKS, since: Since = "register"
) -> Completeness | None:
    """The curve from what was known by a day; None where there are too few departures to draw it.

    Weeks are counted from the day the register gives, or from the last class that the child was seen in: a register
    that dates each departure by the export that shows it seems prompt by its own dates and is not.
    """
    return both_curves(records, known_by, absent_weeks, (since,))[since]


def both_curves(
    records: Records,
    known_by: date | None = None,
    absent_weeks: int = ABSENT_WEEKS,
    asked: tuple[Since, ...] = ("register", "last_class"),
) -> dict[Since, Completeness | None]:
    """The curves counted from each of the days, the departures being read once."""
    known_by = known_by or records.last_known_on()
    if known_by is None:
        return dict.fromkeys(asked)
    known = records.known_by(known_by)
    departures = Polars().collected(exits(known, absent_weeks)).filter(pl.col("outcome") == Outcome.LEFT.value)
    dated = {"register": lambda: departures, "last_class": lambda: _from_the_last_class(departures, known)}
    told = {since: delays(dated[since](), known_by) for since in asked}
    return {since: curve(rows) if rows.height >= FEWEST_DEPARTURES else None for since, rows in told.items()}


def delays(departures: pl.DataFrame, known_by: date) -> pl.DataFrame:
    """``delay, followed``: weeks until each departure was on record, and weeks for which it could have come."""
    waited = (pl.col("first_known_on") - pl.col("left_on")).dt.total_days()
    told = departures.select(
        delay=(pl.max_horizontal(waited, pl.lit(0)) / 7).ceil().cast(pl.Int64),
        followed=((pl.lit(known_by) - pl.col("left_on")).dt.total_days() / 7).ceil().cast(pl.Int64),
    )
    return told.filter(pl.col("delay") <= MOST_WEEKS)


def curve(delays: pl.DataFrame) -> Completeness:
    """The curve from ``delay, followed``, read backwards from the longest delay.

    NOTE: a late departure of last month is not on record yet, so that recent ones all look prompt. Each step asks only
    those that have been followed for as long as the step: of the ones heard of within ``w`` weeks, how many took ``w``?
    """
    longest = delays.select(pl.col("delay").max().fill_null(0)).item()
    shares = [1.0]
    for week in range(longest, 0, -1):
        asked = delays.filter(pl.col("followed") >= week, pl.col("delay") <= week)
        took = asked.filter(pl.col("delay") == week).height
        shares.append(shares[-1] * (1 - took / asked.height) if asked.height else shares[-1])
    return Completeness(tuple(reversed(shares)), delays.height)


def _from_the_last_class(departures: pl.DataFrame, records: Records) -> pl.DataFrame:
    """Each departure dated by the Friday of the last week of class attended before it; those without any are gone."""
    present = records.table("attendance").filter(pl.col("days_absent") < pl.col("days_expected"))
    leavers = departures.lazy().select("student_id", "left_on", "first_known_on")
    weeks = present.select("student_id", "week").join(leavers, on="student_id")
    seen = weeks.filter(pl.col("week") <= pl.col("left_on")).group_by("student_id", "left_on", "first_known_on")
    last = seen.agg((pl.col("week").max() + pl.duration(days=4)).alias("seen_on"))
    dated = last.with_columns(left_on=pl.min_horizontal("seen_on", "left_on"))
    return dated.select("student_id", "left_on", "first_known_on").collect()
