"""Holds what was read against what a table may contain: types, bounds, allowed values and what must not be missing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl

from features.schema import TABLES, Column
from features.sources.table_checker import SchemaErrors, pa


@cache
def schema_of(table: str, columns: tuple[str, ...]) -> pa.DataFrameSchema:
    """The checks of a table's columns, drawn from its one description in schema.py."""
    described = (column for column in TABLES[table].columns if column.name in columns)
    return pa.DataFrameSchema({column.name: _checked(column) for column in described})


def _checked(column: Column) -> pa.Column:
    return pa.Column(column.dtype, list(_checks(column)), nullable=not column.required)


def _checks(column: Column) -> Iterable[pa.Check]:
    if column.allowed is not None:
        yield pa.Check.isin(column.allowed)
    if column.minimum is not None:
        yield pa.Check.ge(column.minimum)
    if column.maximum is not None:
        yield pa.Check.le(column.maximum)


def failures(table: str, frame: pl.DataFrame) -> dict[str, pl.Series]:
    """For each column with something wrong, the rows that have it; all failures of the table at once."""
    columns = tuple(name for name in TABLES[table].names if name in frame.columns)
    try:
        schema_of(table, columns).validate(frame.select(columns), lazy=True)
    except SchemaErrors as error:
        return _by_column(error.failure_cases, frame.height)
    return {}


def _by_column(cases: pl.DataFrame, height: int) -> dict[str, pl.Series]:
    """Row numbers of each failing column; a failure without a row is a mistake of ours, not of the file."""
    if cases["index"].null_count():
        raise TypeError(f"columnas de tipo inesperado: {sorted(set(cases['column'].to_list()))}")
    everyone = pl.int_range(height, eager=True)
    return {
        str(column): everyone.is_in(rows["index"].cast(pl.Int64).unique().implode())
        for (column,), rows in cases.group_by("column")
    }


def accepted_values(column: Column) -> str:
    """What a column accepts, in words."""
    if column.allowed:
        return ", ".join(column.allowed)
    if column.minimum is not None and column.maximum is not None:
        return f"de {column.minimum:g} a {column.maximum:g}"
    return column.meaning
