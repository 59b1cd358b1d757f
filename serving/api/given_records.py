"""Turns the records of a request into tables, and says in a sentence which value cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from features.schema import OPEN_FORMAT_REQUIRED, OPEN_FORMAT_TABLES, TABLES, Column, TableSchema
from serving.api.days import OUT_OF_TIME, day_from, out_of_time
from serving.api.problems import Problem
from serving.api.records_schema import LARGEST_NUMBER, LONGEST_TEXT

MOST_ERRORS = 50
Rows = Sequence[Mapping[str, Any]]


class _WrongError(Exception):
    """What is wrong with one value."""


def frames_from(tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    """The tables as frames; a Problem that lists what is wrong when any value is not accepted."""
    errors = [_error(name, "Esta tabla falta.") for name in OPEN_FORMAT_REQUIRED if not tables.get(name)]
    errors += [_error("tabla", "Esta tabla no se conoce.") for name in tables if name not in OPEN_FORMAT_TABLES]
    frames = {name: _frame(TABLES[name], rows, errors) for name, rows in tables.items() if name in OPEN_FORMAT_TABLES}
    if errors:
        well_formed = all(error["problem"] == OUT_OF_TIME for error in errors)
        raise Problem(422, "Corrija los valores señalados.", errors[:MOST_ERRORS], rule=well_formed)
    return frames


def _frame(table: TableSchema, rows: Rows, errors: list[dict[str, str]]) -> pl.DataFrame:
    own = sorted({name for row in rows for name in row if _is_own(table, name)})
    known = {*table.names, *own}
    for place, row in enumerate(rows):
        if any(name not in known for name in row):
            errors.append(_error(f"{table.name}[{place}]", "Tiene una columna que no se conoce."))
    columns = [_column(table.name, column, rows, errors) for column in table.columns]
    return pl.DataFrame([*columns, *(_own_column(table.name, name, rows, errors) for name in own)])


def _column(table: str, column: Column, rows: Rows, errors: list[dict[str, str]]) -> pl.Series:
    values: list[Any] = []
    for place, row in enumerate(rows):
        try:
            values.append(_value(column, row.get(column.name)))
        except _WrongError as wrong:
            values.append(None)
            errors.append(_error(f"{table}[{place}].{column.name}", str(wrong)))
    return pl.Series(column.name, values, dtype=column.dtype)


def _value(column: Column, value: Any) -> Any:
    if value is None:
        if not column.published:  # what we write ourselves: here every date comes from the sender
            return column.allowed[0] if column.allowed else None
        if column.required:
            raise _WrongError("Este valor es obligatorio.")
        return None
    read = _read(column.dtype, value)
    if column.allowed and read not in column.allowed:
        raise _WrongError("Se admite: " + ", ".join(column.allowed) + ".")
    _within(column, read)
    return read


def _read(dtype: pl.DataType, value: Any) -> Any:
    if dtype == pl.Date:
        return _day(value)
    if dtype == pl.Boolean:
        return _of_type(value, bool, "Debe ser true o false.")
    if dtype == pl.String:
        return _text(value)
    return _number(value, whole=dtype.is_integer())


def _text(value: Any) -> str:
    text: str = _of_type(value, str, "Debe ser un texto.")
    if len(text) > LONGEST_TEXT:
        raise _WrongError(f"El texto supera {LONGEST_TEXT} caracteres.")
    if any("\ud800" <= letter <= "\udfff" for letter in text):  # half a letter, which no table can keep
        raise _WrongError("El texto trae letras que no existen.")
    return text


def _day(value: Any) -> date:
    try:
        day = day_from(value)
    except ValueError:
        raise _WrongError("Debe ser una fecha AAAA-MM-DD.") from None
    if wrong := out_of_time(day):
        raise _WrongError(wrong)
    return day


def _of_type(value: Any, kind: type, otherwise: str) -> Any:
    if not isinstance(value, kind):
        raise _WrongError(otherwise)
    return value


def _number(value: Any, whole: bool) -> float | int:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER
    if not fits or (whole and int(value) != value):
        raise _WrongError("Debe ser un número entero." if whole else "Debe ser un número.")
    return int(value) if whole else float(value)


def _within(column: Column, value: Any) -> None:
    low, high = column.minimum, column.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise _WrongError(
            f"Debe estar entre {low:g} y {high:g}." if high is not None else f"Debe ser al menos {low:g}."
        )


def _is_own(table: TableSchema, name: str) -> bool:
    return table.extensible and name.startswith("x_") and name.isidentifier()


def _own_column(table: str, name: str, rows: Rows, errors: list[dict[str, str]]) -> pl.Series:
    """Numbers when every value is one, else texts."""
    values: list[float | str | None] = []
    for place, row in enumerate(rows):
        try:
            values.append(_own_value(row.get(name)))
        except _WrongError as wrong:
            values.append(None)
            errors.append(_error(f"{table}[{place}].x_", str(wrong)))
    if any(isinstance(value, str) for value in values):
        return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
    return pl.Series(name, [None if value is None else float(value) for value in values], dtype=pl.Float64)


def _own_value(value: Any) -> float | str | None:
    if isinstance(value, str):
        return _text(value)
    if value is not None:
        _number(value, whole=False)
    own: float | None = value
    return own


def _error(where: str, problem: str) -> dict[str, str]:
    return {"where": where, "problem": problem}
