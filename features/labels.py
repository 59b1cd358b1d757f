"""What became of a student in the weeks after a day, and since when that could be known."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

import narwhals as nw
import polars as pl

from features.frame import report_days
from features.records import Records
from features.view import Frame, View

HORIZON_WEEKS = 4
ABSENT_WEEKS = 4
"""Who comes back sooner than this had not left (docs/decisions, domain §4.3)."""

CLOSING_DAYS = 21
"""The closing export comes up to three weeks after the last class; what it shows still belongs to the year."""

ORDER = ("happened_on", "known_on", "turn", "institution_id")
COMPLETED = ("PROMOTED", "FAILED")


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
    that is). An outcome is ripe once the horizon has passed and, after it, the weeks in which a child might still come
    back: the same wait for every outcome, since one that waited less for bad news would be learnt too soon.
    """
    known_by = known_by or records.last_known_on() or max(days)
    told = records.known_by(known_by)
    windows = _windows(records, days, horizon_weeks)
    answered = _answered(windows, exits(told, absent_weeks)).with_columns(_unless_unseen(told, days, horizon_weeks))
    knowable = pl.col("day") + timedelta(weeks=horizon_weeks + absent_weeks)
    columns = ("student_id", "day", "outcome", "happened_on", "known_on", "ripe")
    answered = answered.with_columns(known_on=knowable, ripe=knowable <= known_by)
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
    told = answered.select("student_id", "day", "outcome", happened_on=nw.col("left_on")).to_native()
    return told.with_columns(pl.col("student_id").cast(pl.String)).collect()


def _unless_unseen(told: Records, days: Sequence[date], horizon_weeks: int) -> pl.Expr:
    """A window in which no enrolment report came in says nothing about anyone."""
    reports, horizon = report_days(told), timedelta(weeks=horizon_weeks)
    unseen = [day for day in days if reports and not any(day < seen <= day + horizon for seen in reports)]
    return (
        pl.when(pl.col("day").is_in(unseen)).then(pl.lit(Outcome.UNKNOWN.value)).otherwise("outcome").alias("outcome")
    )


def exits(records: Records, absent_weeks: int = ABSENT_WEEKS) -> Frame:
    """Every time a student stopped being enrolled: ``student_id, left_on, first_known_on, back_on, outcome``.

    A stop that ends the school year as it should, or that lasts less than ``absent_weeks`` in the same institution, is
    not an exit. A later reason counts: a child first missed and then found elsewhere has moved.
    """
    rows = _in_order(records)
    enrolled = rows.filter(nw.col("status") == "ENROLLED")
    stops = rows.filter(nw.col("status") != "ENROLLED", nw.col("run") > 0)
    told = stops.group_by("student_id", "run").agg(*_gathered())
    here = enrolled.select("student_id", "run", "institution_id", "school_year")
    back = enrolled.select(
        "student_id", run=nw.col("run") - 1, back_on=nw.col("happened_on"), back_to=nw.col("institution_id"),
        back_year=nw.col("school_year"), back_known_on=nw.col("known_on"),
    )  # fmt: skip
    spells = here.join(told, on=["student_id", "run"], how="left").join(back, on=["student_id", "run"], how="left")
    spells = _with_silent_moves(spells).filter(~nw.col("left_on").is_null())
    spells = spells.with_columns(outcome=_outcome(absent_weeks))
    kept = spells.filter(nw.col("outcome") != Outcome.STAYED.value)
    return kept.select("student_id", "left_on", "first_known_on", "back_on", "outcome")


def _in_order(records: Records) -> Frame:
    """Enrolment rows in the order of events, numbered by the enrolment (``run``) that each belongs to."""
    rows = View(records, [records.last_known_on() or date.max]).table("enrolment")
    enrolled = (nw.col("status") == "ENROLLED").cast(nw.Int64)
    rows = rows.with_columns(one=enrolled)
    return rows.with_columns(run=nw.col("one").cum_sum().over("student_id", order_by=ORDER))


def _gathered() -> list[nw.Expr]:
    done = nw.col("status").is_in(list(COMPLETED))
    ended = nw.when(~done).then(nw.col("happened_on"))
    flags = {
        "graduated": nw.col("status") == "GRADUATED",
        "cancelled": nw.col("status") == "CANCELLED",
        "transferred": (nw.col("status") == "TRANSFERRED") | (nw.col("reason") == "TRANSFER"),
        "withdrawn": nw.col("status").is_in(["WITHDRAWN", "NOT_SEEN"]),
        "relocated": nw.col("reason") == "RELOCATION",
        "set_aside": nw.col("reason").is_in(["ADMINISTRATIVE", "DEATH"]),
    }
    tallies = [f.fill_null(False).cast(nw.Int64).max().alias(name) for name, f in flags.items()]
    return [
        nw.col("happened_on").min().alias("left_on"),
        nw.col("known_on").min().alias("first_known_on"),
        ended.min().alias("ended_on"),
        *tallies,
    ]


def _with_silent_moves(spells: Frame) -> Frame:
    """Who appears in another institution in the same year, with no word of leaving the first, has moved."""
    elsewhere = (nw.col("back_to") != nw.col("institution_id")) & (nw.col("back_year") == nw.col("school_year"))
    silent = nw.col("left_on").is_null() & elsewhere.fill_null(False)
    return spells.with_columns(
        left_on=nw.when(silent).then(nw.col("back_on")).otherwise(nw.col("left_on")),
        first_known_on=nw.when(silent).then(nw.col("back_known_on")).otherwise(nw.col("first_known_on")),
    )


def _outcome(absent_weeks: int) -> nw.Expr:
    """The rules of domain §4.3, the first that holds."""
    days_away = (nw.col("back_on") - nw.col("left_on")).dt.total_minutes() / (24 * 60)
    soon = (days_away < 7 * absent_weeks).fill_null(False)
    year_done = (nw.col("withdrawn").fill_null(1) == 0) | (nw.col("left_on") < nw.col("ended_on")).fill_null(False)
    completed = year_done & (nw.col("graduated") == 0) & (nw.col("cancelled") == 0) & (nw.col("transferred") == 0)
    set_aside = (nw.col("set_aside") > 0) | (nw.col("cancelled") > 0) | (nw.col("relocated") > 0)
    rules = [
        (soon & (nw.col("back_to") == nw.col("institution_id")), Outcome.STAYED),
        (soon, Outcome.MOVED),
        (completed, Outcome.STAYED),
        (nw.col("graduated") > 0, Outcome.GRADUATED),
        (nw.col("transferred") > 0, Outcome.MOVED),
        (set_aside, Outcome.UNKNOWN),
    ]
    answer = nw.lit(Outcome.LEFT.value)
    for condition, outcome in reversed(rules):
        answer = nw.when(condition.fill_null(False)).then(nw.lit(outcome.value)).otherwise(answer)
    return answer
