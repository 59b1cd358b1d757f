"""Variables of a foreign register's own: its ``x_`` columns become features by themselves, and so does their place."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_

import narwhals as nw
import polars as pl

from features.among import Ranks
from features.definitions import CATALOGUE
from features.definitions.arithmetic import one_if
from features.feature import Catalogue, Feature
from features.passes import Latest
from features.records import Records

EXTENSIBLE = ("characterisation", "progress")


def catalogue_for(records: Records) -> Catalogue:
    """The catalogue, with the ``x_`` columns that the records bring: their value, their place, and if it is known."""
    own = [f for table in EXTENSIBLE for f in _own_features(table, records.own_columns(table))]
    own = list({feature.name: feature for feature in reversed(own)}.values())[::-1]
    return Catalogue.whole((*CATALOGUE, *own)) if own else CATALOGUE


def _own_features(table: str, columns: Mapping[str, pl.DataType]) -> list[Feature]:
    names = sorted(columns)
    if not names:
        return []
    reading = Latest(f"own_{table}", table, names)
    numbers = [name for name in names if _is_number(columns[name])]
    values = [_own_feature(reading, name, name in numbers) for name in names]
    return [*values, *_places(reading, numbers), _missing(reading, names)]


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype == pl.Boolean


def _own_feature(reading: Latest, column: str, numeric: bool) -> Feature:
    """Its newest known value; the column's name is all there is to tell, and whether it is
    sensitive nobody has declared, so it is never said to anyone."""
    return Feature(
        name=column,
        family="own",
        source=reading.table,
        kind="number" if numeric else "category",
        unit="number" if numeric else "text",
        expression=_newest(reading, column),
        sentence=f"{_told(column)}: {{value}}",
        protective=f"{_told(column)}: {{value}}",
        reads=(reading,),
        shown=False,
        window="record",
        fill="carried",
        companion=_missing_name(reading),
    )


def _places(reading: Latest, numbers: Sequence[str]) -> list[Feature]:
    """A register's own numbers count in its own way: a place among those of the same institution travels."""
    values = {column: _newest(reading, column).cast(nw.Float64) for column in numbers}
    ranks = Ranks(f"{reading.name}_place", reading.table, values, by=("institution_id",))
    return [_place(reading, ranks, column) for column in numbers]


def _place(reading: Latest, ranks: Ranks, column: str) -> Feature:
    return Feature(
        name=f"{column}_rank",
        family="own",
        source=reading.table,
        kind="number",
        unit="rank",
        expression=nw.col(f"{ranks.name}__{column}"),
        sentence=f"{_told(column)}: más que el {{value}} de su institución",
        reads=(reading, ranks),
        shown=False,
        window="record",
        fill="carried",
        companion=_missing_name(reading),
    )


def _missing(reading: Latest, columns: Sequence[str]) -> Feature:
    unknown = reduce(and_, [_newest(reading, column).is_null() for column in columns])
    return Feature(
        name=_missing_name(reading),
        family="own",
        source=reading.table,
        kind="flag",
        unit="yes_no",
        expression=one_if(unknown),
        sentence="No se conocen las variables propias del registro",
        reads=(reading,),
        shown=False,
        window="record",
        fill="always",
    )


def _newest(reading: Latest, column: str) -> nw.Expr:
    return nw.col(f"{reading.name}__{column}")


def _told(column: str) -> str:
    return column.removeprefix("x_").replace("_", " ").capitalize()


def _missing_name(reading: Latest) -> str:
    return f"{reading.name}_missing"
