"""Where a student is and where they have been: school, grade and group on a day, and the years before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

from features import Records, View
from serving.reach import GROUP
from serving.risk_lists import School

PLACE = ("campus_id", "grade", "shift", "class_group", "teaching_model", "school_year")
STEP = ("school_year", "institution_id", "grade", "status", "reason", "happened_on")
MOST_STEPS = 40


def placements(records: Records, day: date, students: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Campus, grade, group and shift of each student on roll that day."""
    wanted = pl.LazyFrame({"student_id": list(students)}, schema={"student_id": pl.String})
    on_roll = View(records, [day]).on_roll.to_native()
    rows = on_roll.select(pl.col("student_id").cast(pl.String), *PLACE).join(wanted, on="student_id", how="semi")
    return {row.pop("student_id"): row for row in rows.collect().iter_rows(named=True)}


def groups(records: Records, day: date) -> pl.DataFrame:
    """Campus, grade and group of everyone on roll that day: a reach may be as small as a group."""
    on_roll = View(records, [day]).on_roll.to_native()
    found: pl.DataFrame = on_roll.select(pl.col("student_id").cast(pl.String), *GROUP).collect()
    return found


def statuses(records: Records, students: Iterable[str]) -> dict[str, str]:
    """The latest enrolment status known of each student."""
    rows = _events(records, students).group_by("student_id", maintain_order=True).agg(pl.col("status").last())
    return dict(rows.collect().iter_rows())


def trajectories(records: Records, students: Iterable[str]) -> dict[str, tuple[dict[str, Any], ...]]:
    """The steps of each student's school life, oldest first; a step repeated without news is told once."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _events(records, students).select("student_id", *STEP).collect().iter_rows(named=True):
        steps = found.setdefault(row.pop("student_id"), [])
        row["institution"] = row.pop("institution_id")
        if not steps or _told(steps[-1]) != _told(row):
            steps.append(row)
    return {student: tuple(steps[-MOST_STEPS:]) for student, steps in found.items()}


def _told(step: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in step.items() if name != "happened_on")


def _events(records: Records, students: Iterable[str]) -> pl.LazyFrame:
    wanted = pl.LazyFrame({"student_id": list(students)}, schema={"student_id": pl.String})
    events = records.table("enrolment").with_columns(pl.col("student_id").cast(pl.String))
    return events.join(wanted, on="student_id", how="semi").sort("student_id", "happened_on", "known_on")


def schools(records: Records) -> dict[str, School]:
    """The name and comuna of each school, as last known."""
    rows = records.table("institution").sort("happened_on", "known_on").unique("institution_id", keep="last")
    columns = rows.select("institution_id", "name", "comuna").collect()
    return {code: School(code, name or f"Institución {code}", comuna) for code, name, comuna in columns.iter_rows()}
