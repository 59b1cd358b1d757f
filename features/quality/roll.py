"""Who is on roll on a day, with all that the rules of quality look at."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from features.definitions import reporting
from features.records import Records
from features.view import View


def class_day(records: Records, day: date) -> date:
    """The day itself or, in the holidays, the last day of class before it: only then is there a roll to look at."""
    years = records.table("calendar").filter(pl.col("starts_on") <= day)
    last: date | None = years.select(pl.col("ends_on").max()).collect().item()
    return min(day, last) if last else day


def roll(records: Records, day: date) -> pl.DataFrame:
    """One row per student on roll, as it was known that day."""
    view = View(records, [day])
    grid = view.sized(view.on_roll)
    for reading in reporting.READS:
        grid = view.engine.settled(reading.add_to(grid, view))
    columns = {
        "age": reporting.AGE,
        "age_unknown": reporting.AGE_UNKNOWN,
        "age_impossible": reporting.AGE_IMPOSSIBLE,
        "age_unlikely": reporting.AGE_UNLIKELY,
        "reported_on": reporting.REPORTED_HERE,
        "coverage": reporting.COVERAGE,
        "weeks_silent": reporting.SILENT,
        "weeks_since_export": reporting.SINCE_EXPORT,
    }
    kept = ("student_id", "day", "institution_id", "school_year", "grade", "class_group", "campus_id", "starts_on")
    seen = ("attendance__present_on", "attendance__expected_year", "reporting__last_on", "reporting__export_on")
    return view.engine.collected(grid.select(*kept, *seen, **columns)).join(
        _enrolled_on(records, day), on=["student_id", "school_year"], how="left"
    )


def _enrolled_on(records: Records, day: date) -> pl.DataFrame:
    """The last time each student was enrolled anew, by what was known that day."""
    rows = records.known_by(day).table("enrolment").filter(pl.col("status") == "ENROLLED")
    enrolled = rows.group_by(pl.col("student_id").cast(pl.String), "school_year")
    return enrolled.agg(enrolled_on=pl.col("happened_on").max()).collect()


def weeks_before(day: date, weeks: int = reporting.WEEKS) -> date:
    return day - timedelta(weeks=weeks)
