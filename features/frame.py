"""The frame a model reads: one row per student on roll and day, one column per feature."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from math import ceil

import narwhals as nw
import polars as pl

from features.calendar import next_sunday
from features.definitions.own import catalogue_for
from features.engines import Engine, engine_named
from features.feature import Catalogue, Feature
from features.passes import Measure, Pass, Total
from features.records import Records
from features.view import ENROLMENT_REPORTS, Frame, View, oldest_year

KEYS = ("student_id", "day", "institution_id")
DATED_TABLES = ("enrolment", "person", "attendance", "progress", "characterisation", "support")
YEARLY = ("attendance", "progress")
"""Tables that begin anew with each school year: the rest may have been told years ago and still hold."""

DAYS_AT_ONCE = 16
"""How many days are worked out in one pass: enough to share the reading, few enough to bound the memory."""


def build_frame(
    records: Records, days: Sequence[date], engine: str = "polars", catalogue: Catalogue | None = None
) -> pl.DataFrame:
    """``student_id, day, institution_id`` and one column per feature, sorted by day and student.

    Numbers and flags are ``Float64`` with null for unknown; categories are ``String``. Only rows known by each day are
    read. ``.to_pandas()`` gives the same table to pandas.
    """
    works = engine_named(engine)
    catalogue = catalogue or catalogue_for(records)
    return pl.concat([_in_order(_frame(records, batch, works, catalogue)) for batch in batches(records, days)])


def batches(records: Records, days: Sequence[date]) -> list[list[date]]:
    """The days in order, cut where a school year begins and every so many days."""
    ordered = sorted(set(days))
    years = [list(group) for _, group in groupby(ordered, lambda day: oldest_year(records, day))]
    return [year[i : i + DAYS_AT_ONCE] for year in years for i in range(0, len(year), DAYS_AT_ONCE)]


def observed_dates(records: Records, days: Sequence[date]) -> pl.DataFrame:
    """``student_id, day`` and, per table, the day of the last happening known by then: the date a reason states."""
    return pl.concat([_observed(records, batch) for batch in batches(records, days)])


def _observed(records: Records, days: Sequence[date]) -> pl.DataFrame:
    view = View(records, days)
    grid = view.on_roll.select("student_id", "day", "starts_on")
    for name in DATED_TABLES:
        grid = Total(
            f"seen_{name}", name, {"on": Measure(nw.col("happened_on"), "max")}, None, name not in YEARLY
        ).add_to(grid, view)
        grid = view.engine.settled(grid)
    dates = {name: nw.col(f"seen_{name}__on") for name in DATED_TABLES}
    return view.engine.collected(grid.select("student_id", "day", **dates)).sort("day", "student_id")


def days_to_score(
    records: Records, first: date | None = None, last: date | None = None, weekly: bool = False
) -> list[date]:
    """The Sundays from which a list could be made: those that follow a new enrolment report, in class time.

    A register without reports (the open format) has every fourth Sunday of its years, or every one if ``weekly``.
    """
    reports = report_days(records)
    years = records.table("calendar").select("starts_on", "ends_on").unique().collect().rows()
    sundays = {next_sunday(day) for day in reports} if reports else _sundays(years, 7 if weekly else 28)
    inside = {day for day in sundays if any(start <= day <= end for start, end in years)}
    until = records.last_known_on()
    bounded = (d for d in inside if (first is None or d >= first) and (last is None or d <= last))
    return sorted(day for day in bounded if until is None or day <= next_sunday(until))


def report_days(records: Records) -> list[date]:
    """The days on which an export of enrolment came in."""
    reports = records.table("report").filter(pl.col("source").is_in(ENROLMENT_REPORTS))
    return sorted(reports.select(pl.col("known_on").unique()).collect()["known_on"])


def _frame(records: Records, days: Sequence[date], works: Engine, catalogue: Catalogue) -> pl.DataFrame:
    """One pass over the students, or one for each share of them; then what only shows when all are there."""
    alone = [reading for reading in catalogue.passes if reading.alone]
    together = [reading for reading in catalogue.passes if not reading.alone]
    stories = [story for reading in together for story in reading.stories]
    of = _shares(records, works)
    grids, told = [], []
    for place in range(of):
        view = View(records, days, works, (place, of))
        grids.append(_grown(view.on_roll, alone, view))
        told.append({story: view.story(*story) for story in stories})
    if of > 1:
        view = View(records, days, works, told={story: nw.concat([one[story] for one in told]) for story in stories})
    grid = nw.concat(grids) if of > 1 else grids.pop()
    grids.clear()
    grid = _grown(works.grown(grid, view.sized), together, view)
    return works.collected(grid.select(*KEYS, **{feature.name: _typed(feature) for feature in catalogue}))


def _grown(grid: Frame, readings: Sequence[Pass], view: View) -> Frame:
    for reading in readings:
        grid = view.engine.grown(grid, partial(reading.add_to, view=view))
    return grid


def _shares(records: Records, works: Engine) -> int:
    """Into how many shares the students go, so that no more of the past is held at once than the engine can hold."""
    if works.students_at_once is None:
        return 1
    students: int = records.table("enrolment").select(pl.col("student_id").approx_n_unique()).collect().item()
    return max(1, ceil(students / works.students_at_once))


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """By day and student; a frame that is so already is not copied."""
    order = frame.select(pl.arg_sort_by("day", "student_id")).to_series()
    return frame if order.is_sorted() else frame[order]


def _typed(feature: Feature) -> nw.Expr:
    return feature.expression.cast(nw.String if feature.kind == "category" else nw.Float64)


def _sundays(years: Sequence[tuple[date, date]], step: int) -> set[date]:
    found: set[date] = set()
    for start, end in years:
        found |= {next_sunday(start) + timedelta(days=n) for n in range(0, (end - start).days, step)}
    return found
