"""What became of a student in the weeks after a day, and since when that could be known."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

import narwhals as nw
import polars as pl

from features.engines import Polars
from features.frame import report_days
from features.records import Records
from features.spells import spells
from features.view import Frame, View

HORIZON_WEEKS = 4
ABSENT_WEEKS = 4
"""Who comes back sooner than this had not left (docs/decisions, domain §4.3)."""

CLOSING_DAYS = 21
"""The closing export comes up to three weeks after the last class; what it shows still belongs to the year."""


class Outcome(StrEnum):
    """What became of a student."""

    STAYED = "STAYED"
    LEFT = "LEFT"
    MOVED = "MOVED"
    GRADUATED = "GRADUATED"
    UNKNOWN = "UNKNOWN"


def outcomes(
    records: Records,
    days: Sequence[date],
    horizon_weeks: int = HORIZON_WEEKS,
    absent_weeks: int = ABSENT_WEEKS,
    known_by: date | None = None,
) -> pl.DataFrame:
    """``student_id, day, outcome, happened_on, known_on, ripe`` of every student on roll on each day.

    Who is on roll is what was known on the day; what became of them is what is known by ``known_by`` (by default, all
    that is). An outcome is ripe once the horizon has passed, or the school year has closed, and after that the weeks in
    which a child might still come back: the same wait for every outcome, since one that waited less for bad news would
    be learnt too soon. Time after the last file of all is no time in which anyone was seen, whatever was learnt since.
    """
    known_by = known_by or records.last_known_on() or max(days)
    told = records.known_by(known_by)
    windows = _windows(records, days, horizon_weeks)
    answered = _answered(windows, exits(told, absent_weeks)).with_columns(_unless_unseen(told, days, horizon_weeks))
    heard = min(known_by, records.last_report_on() or known_by)
    knowable = pl.col("until") + timedelta(weeks=absent_weeks)
    columns = ("student_id", "day", "outcome", "happened_on", "known_on", "ripe")
    answered = answered.with_columns(known_on=knowable, ripe=knowable <= heard)
    return answered.select(columns).sort("day", "student_id")


def _windows(records: Records, days: Sequence[date], horizon_weeks: int) -> Frame:
    """Who is looked at, and until when: the horizon, or the close of the school year if that comes first."""
    roll = View(records, days).on_roll.select("student_id", "day", "ends_on")
    closing = nw.col("ends_on").dt.offset_by(f"{CLOSING_DAYS}d")
    horizon = nw.col("day").dt.offset_by(f"{7 * horizon_weeks}d")
    return roll.select("student_id", "day", until=nw.min_horizontal(horizon, closing))


def _answered(windows: Frame, left: Frame) -> pl.DataFrame:
    """Each window with the first exit that falls in it, or that had happened before and was not known yet."""
    met = windows.join(left, on="student_id", how="inner").filter(
        nw.col("left_on") <= nw.col("until"),
        (nw.col("left_on") > nw.col("day")) | (nw.col("first_known_on") > nw.col("day")),
        nw.col("back_on").is_null() | (nw.col("back_on") > nw.col("day")),
    )
    first = met.group_by("student_id", "day").agg(left_on=nw.col("left_on").min())
    kinds = met.select("student_id", "day", "left_on", "outcome")
    first = first.join(kinds, on=["student_id", "day", "left_on"], how="inner").unique(subset=["student_id", "day"])
    answered = windows.join(first, on=["student_id", "day"], how="left")
    answered = answered.with_columns(outcome=nw.col("outcome").fill_null(Outcome.STAYED.value))
    return Polars().collected(answered.select("student_id", "day", "until", "outcome", happened_on=nw.col("left_on")))


def _unless_unseen(told: Records, days: Sequence[date], horizon_weeks: int) -> pl.Expr:
    """A window in which no enrolment report came in says nothing about anyone."""
    reports, horizon = report_days(told), timedelta(weeks=horizon_weeks)
    unseen = [day for day in days if reports and not any(day < seen <= day + horizon for seen in reports)]
    return (
        pl.when(pl.col("day").is_in(unseen)).then(pl.lit(Outcome.UNKNOWN.value)).otherwise("outcome").alias("outcome")
    )


def with_outcome(rows: Frame, absent_weeks: int) -> Frame:
    """Spells (``features.spells``) with their ``outcome``; null for an enrolment that nothing has ended."""
    told = nw.when(~nw.col("left_on").is_null()).then(_outcome(absent_weeks))
    return rows.with_columns(outcome=told)


def exits(records: Records, absent_weeks: int = ABSENT_WEEKS) -> Frame:
    """Every time a student stopped being enrolled: ``student_id, left_on, first_known_on, back_on, outcome``.

    A stop that ends the school year as it should, or that lasts less than ``absent_weeks`` in the same institution, is
    not an exit. A later reason counts: a child first missed and then found elsewhere has moved.
    """
    told = with_outcome(spells(records), absent_weeks)
    kept = told.filter(nw.col("outcome") != Outcome.STAYED.value)
    return kept.select("student_id", "left_on", "first_known_on", "back_on", "outcome")


def _outcome(absent_weeks: int) -> nw.Expr:
    """The rules of domain §4.3, the first that holds. A visit that found the child at home outweighs older papers."""
    days_away = (nw.col("back_on") - nw.col("left_on")).dt.total_minutes() / (24 * 60)
    soon = (days_away < 7 * absent_weeks).fill_null(False)
    year_done = (nw.col("withdrawn").fill_null(1) == 0) | (nw.col("left_on") < nw.col("ended_on")).fill_null(False)
    completed = year_done & (nw.col("graduated") == 0) & (nw.col("cancelled") == 0) & (nw.col("transferred") == 0)
    set_aside = (nw.col("set_aside") > 0) | (nw.col("cancelled") > 0) | (nw.col("relocated") > 0)
    moved_before = nw.col("moved_known_on").is_null() | (nw.col("moved_known_on") <= nw.col("found_gone_on"))
    found_gone = ~nw.col("found_gone_on").is_null() & moved_before
    rules = [
        (soon & (nw.col("back_to") == nw.col("institution_id")), Outcome.STAYED),
        (soon, Outcome.MOVED),
        (completed, Outcome.STAYED),
        (nw.col("graduated") > 0, Outcome.GRADUATED),
        (found_gone, Outcome.LEFT),
        (nw.col("transferred") > 0, Outcome.MOVED),
        (set_aside, Outcome.UNKNOWN),
    ]
    answer = nw.lit(Outcome.LEFT.value)
    for condition, outcome in reversed(rules):
        answer = nw.when(condition.fill_null(False)).then(nw.lit(outcome.value)).otherwise(answer)
    return answer
