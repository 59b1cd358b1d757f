"""Reads the rows of one table of the open format against its description."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from features.quality import Problem
from features.schema import Column, TableSchema
from features.sources import meanings
from features.sources.checks import accepted_values, failures
from features.sources.codes import meaning
from features.sources.sheet import Reading, Sheet, judged
from features.sources.text_table import ROW, TextTable, key_of

ALWAYS_KNOWN = date(1970, 1, 1)
"""The day of schools and calendars that say none: they were there before any child."""
FRIDAY = timedelta(days=4)

_ADVICE = "Corrija la tabla según docs/open_format."
_LEFT_OUT = "La fila se acepta sin este valor."


def read_rows(table: TextTable, schema: TableSchema, arrived_on: date | None) -> Reading:
    """The typed rows of a table; a value that may be missing and is wrong is left out, any other refuses the row."""
    if table.problems and not table.titles:
        return Reading(table.file, schema.name, 0, pl.DataFrame(), problems=table.problems)
    own = _own_columns(table) if schema.extensible else {}
    sheet = Sheet(table, {column.name: (key_of(column.name),) for column in schema.columns})
    typed = pl.DataFrame([table.rows[ROW], *(_column(sheet, column) for column in schema.columns)])
    typed = _dated(sheet, typed, schema, arrived_on)
    typed = _held_against(sheet, typed, schema)
    if {"days_expected", "days_absent"} <= set(typed.columns):
        absent = typed["days_absent"] > typed["days_expected"]
        sheet.blame("days_absent", "mas-ausencias-que-dias", absent, None, "no más que days_expected", _ADVICE)
    typed = typed.with_columns(_own_values(table.rows[key]).alias(name) for name, key in own.items())
    reading = judged(sheet, schema.name, typed)
    return _with_notes(reading, table, schema, own)


def _column(sheet: Sheet, column: Column) -> pl.Series:
    """The cells of a column in its type. A score that cannot be read is wrong; an empty one is missed work."""
    if column.dtype == pl.String():
        return sheet.text(column.name).alias(column.name)
    strict = _is_strict(column) or column.dtype == pl.Date()
    advice = _ADVICE if strict else _LEFT_OUT
    level = "error" if strict else "warning"
    read = _READERS[str(column.dtype)]
    return sheet.read(column.name, read, column.dtype, accepted_values(column), advice, level)  # type: ignore[arg-type]


def _is_strict(column: Column) -> bool:
    return column.required or column.name == "score"


def _yes(text: str) -> object:
    return meanings.truth(meaning("yes_no", text))


_READERS: dict[str, Callable[[str], object]] = {
    "Date": meanings.day,
    "Int16": meanings.whole,
    "Int64": meanings.whole,
    "Float64": meanings.decimal,
    "Boolean": _yes,
}


def _dated(sheet: Sheet, typed: pl.DataFrame, schema: TableSchema, arrived_on: date | None) -> pl.DataFrame:
    """Fills the days a row leaves out, as docs/open_format says.

    Attendance happened at the end of its week, work when it was due; what does not say when it was known was known
    when its dated folder came, else when it happened. Schools and calendars were always there.
    """
    default = (
        {"attendance": pl.col("week") + FRIDAY, "progress": pl.col("due_on")}
        if schema.name
        in (
            "attendance",
            "progress",
        )
        else {}
    )
    happened_on = pl.coalesce("happened_on", default[schema.name]) if default else pl.col("happened_on")
    if "student_id" not in schema.names:
        happened_on = pl.coalesce("happened_on", "known_on", pl.lit(arrived_on or ALWAYS_KNOWN))
    typed = typed.with_columns(happened_on=happened_on)
    typed = typed.with_columns(known_on=pl.coalesce("known_on", pl.lit(arrived_on, pl.Date), "happened_on"))
    return typed.with_columns(dated_by=pl.lit("FILE")) if "dated_by" in schema.names else typed


def _held_against(sheet: Sheet, typed: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """Bounds, allowed values and what must not be missing."""
    for name, rows in failures(schema.name, typed).items():
        column = schema[name]
        level = "error" if _is_strict(column) else "warning"
        wrong = rows & ~sheet.refused()
        advice = _ADVICE if level == "error" else _LEFT_OUT
        found = sheet.text(name)
        sheet.blame(name, f"{name}-no-permitido", wrong, found, accepted_values(column), advice, level)  # type: ignore[arg-type]
        instead = "UNSTATED" if name == "reason" else None
        if level == "warning":
            typed = typed.with_columns(pl.when(~rows).then(name).otherwise(pl.lit(instead, column.dtype)).alias(name))
    return typed


def _own_columns(table: TextTable) -> dict[str, str]:
    """The register's own variables: the columns named x_…"""
    return {
        title.strip().lower(): key
        for title, key in zip(table.titles, table.keys, strict=False)
        if title.strip().lower().startswith("x_")
    }


def _own_values(text: pl.Series) -> pl.Series:
    """Numbers if every cell is one, else text."""
    bare = text.str.strip_chars().replace("", None)
    numbers = bare.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == bare.null_count() else bare


def _with_notes(reading: Reading, table: TextTable, schema: TableSchema, own: dict[str, str]) -> Reading:
    """A column nobody asked for is told by its place: its title may be anything, even a row without a header."""
    known = {key_of(name) for name in schema.names} | set(own.values())
    places = [number for number, key in enumerate(table.keys, 1) if key not in known]
    notes = []
    if places:
        found = f"las columnas {', '.join(map(str, places[:20]))} no son de la tabla {schema.name}"
        accepted = ", ".join(schema.names) + (" y x_…" if schema.extensible else "")
        notes.append(Problem(table.file, None, None, "columnas-de-mas", found, accepted, "No se leyeron.", "warning"))
    return Reading(
        reading.file,
        reading.source,
        reading.rows_in,
        reading.rows,
        reading.refusals,
        (*reading.problems, *notes),
        reading.glimpsed,
        reading.lines,
    )
