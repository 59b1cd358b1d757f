"""Reads an Italian university's entrants of 2012: who withdrew in which semester, as one row a student and semester."""

from __future__ import annotations

import polars as pl

from experiments.challengers import Columns
from experiments.running import data_folder

SEMESTERS = (1, 2, 3, 4, 5)
"""From one whole number of semesters since entering to the next; who left before the first is not in the file."""

END = 6.0
"""Nobody was followed further: a later time says that the student had not withdrawn by then."""

DIRECTIONS = {"credits": -1, "credits_place": -1, "no_credits": 1}


def students() -> pl.DataFrame:
    """One row a student: `credits` of the first semester (standardised), and `left_at`, empty for who had not left."""
    file = data_folder("polimi_dropout_semestres", "data_dropout.csv", "The Italian university") / "data_dropout.csv"
    read = pl.read_csv(file)
    time, credits = pl.col("time_to_event"), pl.col("CFUP")
    own = read.select(
        student_id="student_row",
        programme="group",
        credits="CFUP",
        no_credits=(credits == credits.min()).cast(pl.Float64),
        left_at=pl.when(time <= END).then(time),
    )
    return own.with_columns(
        credits_place=((pl.col("credits").rank("average") - 0.5) / pl.len()).over("programme"),
        programme_credits=pl.col("credits").mean().over("programme"),
        programme_students=pl.len().over("programme").cast(pl.Float64),
    )


def grid() -> pl.DataFrame:
    """Each student in each semester: `at_risk` (still there when it began), `label` (withdrew in it), `weight`.

    What is known of a student is known when the first semester has ended and stays the same: so every student can be
    asked about every semester, also those that came after leaving. Only rows at risk teach and are judged.
    """
    semesters = pl.DataFrame({"number": SEMESTERS})
    rows = students().join(semesters, how="cross", maintain_order="left")
    until = pl.when(pl.col("number") == SEMESTERS[-1]).then(END + 0.05).otherwise(pl.col("number") + 1.0)
    left, began = pl.col("left_at"), pl.col("number").cast(pl.Float64)
    return rows.with_columns(
        semester=pl.col("number").cast(pl.String),
        year_begins=(pl.col("number") % 2 == 0).cast(pl.Float64),
        at_risk=left.is_null() | (left >= began),
        label=(left.is_between(began, until, closed="left")).fill_null(False).cast(pl.Int8),
        weight=pl.lit(1.0),
    )


def columns() -> Columns:
    """Everything but gender, which is for audits alone, and the programme's name, which says nothing of another's."""
    names = ("semester", "year_begins", "credits", "credits_place", "no_credits")
    return Columns((*names, "programme_credits", "programme_students"), frozenset({"semester"}), DIRECTIONS)
