"""Reads the Portuguese polytechnic's students (UCI 697): what was known at enrolment, after one semester and two."""

from __future__ import annotations

import polars as pl

from experiments.challengers import Columns
from experiments.running import data_folder

CODES = (
    "Marital status", "Application mode", "Course", "Previous qualification", "Nacionality", "Mother's qualification",
    "Father's qualification", "Mother's occupation", "Father's occupation",
)  # fmt: skip
"""Numbers in the file that are names of things."""

PAYMENT = ("Debtor", "Tuition fees up to date")
"""Who has stopped coming stops paying: they tell of the outcome, and the enrolment phase is asked without them too."""

PHASES = ("enrolment without payment fields", "enrolment", "after one semester", "after two semesters")
BARS = {
    "enrolment without payment fields": 0.775,
    "enrolment": 0.828,
    "after one semester": 0.907,
    "after two semesters": 0.926,
}

SEMESTERS = ("1st", "2nd")
PLACED = (
    "Admission grade", "Age at enrollment", "Previous qualification (grade)", "approved", "grade", "evaluations",
    "enrolled", "passed_share", "owed",
)  # fmt: skip


def students() -> pl.DataFrame:
    """One row a student: the file's columns, what follows from them, `label` (1 dropped out) and `weight`."""
    read = pl.read_csv(data_folder("uci697_dropout", "data.csv", "UCI 697") / "data.csv", separator=";")
    read = read.rename({name: name.strip() for name in read.columns})
    read = read.with_columns(pl.col(name).cast(pl.String) for name in CODES)
    read = read.with_columns(label=(pl.col("Target") == "Dropout").cast(pl.Int8), weight=pl.lit(1.0)).drop("Target")
    for semester in SEMESTERS:
        read = read.with_columns(worked_out(semester))
    read = read.with_columns(
        owed_change=pl.col("owed 2nd") - pl.col("owed 1st"), mark_change=pl.col("mark 2nd") - pl.col("mark 1st")
    )
    return read.with_columns(place_in_course(name) for name in read.columns if is_placed(name))


def units(semester: str, what: str) -> pl.Expr:
    return pl.col(f"Curricular units {semester} sem ({what})")


def worked_out(semester: str) -> list[pl.Expr]:
    """Shares and differences that a course with few units and one with many can be compared by."""
    enrolled, approved = units(semester, "enrolled"), units(semester, "approved")
    evaluations, grade = units(semester, "evaluations"), units(semester, "grade")
    shares = {"passed_share": approved / enrolled, "passed_of_tried": approved / evaluations}
    shares["tries"] = evaluations / enrolled
    told = [pl.when(share.is_finite()).then(share).alias(f"{name} {semester}") for name, share in shares.items()]
    mark = pl.when(grade > 0).then(grade).alias(f"mark {semester}")  # a mean of no marks is written as 0
    return [*told, mark, (enrolled - approved).alias(f"owed {semester}")]


def is_placed(name: str) -> bool:
    return name in PLACED or any(f"({what})" in name or name.startswith(f"{what} ") for what in PLACED[3:])


def place_in_course(name: str) -> pl.Expr:
    """From 0, the least of the course, to 1: what is much in one course is little in another."""
    return ((pl.col(name).rank("average") - 0.5) / pl.col(name).count()).over("Course").alias(f"place of {name}")


def columns_of(phase: str, frame: pl.DataFrame) -> Columns:
    """What was known then; nothing of a semester that had not been."""
    later = SEMESTERS[PHASES[1:].index(phase) :] if phase in PHASES[1:] else SEMESTERS
    hidden = ("change",) if later else ()
    unpaid = PAYMENT if phase == PHASES[0] else ()
    known = [
        name
        for name in frame.columns
        if name not in ("label", "weight", *unpaid)
        and not any(f"{semester} sem" in name or name.endswith(f" {semester}") for semester in later)
        and not name.endswith(hidden or ("\0",))
    ]
    return Columns(tuple(known), frozenset(CODES))
