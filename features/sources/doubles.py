"""Leaves one row per child in the exports of a day, and tells the schools which children they list twice."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from features.quality import Problem
from features.sources.sheet import REFUSAL, SHOWN_ROWS, Reading
from features.sources.snapshot_changes import one_row_each
from features.sources.text_table import ROW

Named = tuple[str, Reading]
"""A file's digest and its reading."""


def settled(named: list[Named]) -> tuple[list[Named], pl.DataFrame]:
    """The readings less the rows of children enrolled twice, and one row per child over all of them.

    A child that left one school and entered another has a row in each; the one in which it is enrolled counts, and the
    other is history that was read before. Only a second enrolment in the same year goes to quarantine.
    """
    rows = pl.concat([reading.rows.with_columns(_file=pl.lit(number)) for number, (_, reading) in enumerate(named)])
    kept, twice = one_row_each(rows)
    repeated = rows[twice.to_list()].select(ROW, "_file", "institution_id")
    told = [
        (digest, _without(reading, repeated.filter(pl.col("_file") == number)))
        for number, (digest, reading) in enumerate(named)
    ]
    return told, kept.drop("_file")


def _without(reading: Reading, repeated: pl.DataFrame) -> Reading:
    """The reading less the rows of children who are active twice in it."""
    if repeated.is_empty():
        return reading
    told = [
        _twice(reading.file, row, institution)
        for row, institution in repeated.select(ROW, "institution_id").iter_rows()
    ]
    refused = [(problem.row, problem.column, problem.rule, problem.sentence()) for problem in told]
    refusals = pl.concat([reading.refusals, pl.DataFrame(refused, schema=REFUSAL, orient="row")]).sort(ROW)
    rows = reading.rows.filter(~pl.col(ROW).is_in(repeated[ROW].implode()))
    shown = told[:SHOWN_ROWS]
    if len(told) > SHOWN_ROWS:
        shown.append(replace(told[0], row=None, times=len(told) - SHOWN_ROWS, institution_id=None))
    return replace(reading, rows=rows, refusals=refusals, problems=(*reading.problems, *shown))


def _twice(file: str, row: int, institution: str) -> Problem:
    found = "el estudiante está matriculado también en otra fila"
    advice = "Depure la matrícula repetida en el SIMAT."
    return Problem(
        file, row, "PER_ID", "matricula-repetida", found, "una matrícula activa", advice, "warning", institution
    )
