"""Variables of a foreign register's own: its ``x_`` columns become features by themselves."""

import narwhals as nw
import polars as pl

from features.definitions import CATALOGUE
from features.feature import Catalogue, Feature
from features.passes import Latest
from features.records import Records

EXTENSIBLE = ("characterisation", "progress")


def catalogue_for(records: Records) -> Catalogue:
    """The catalogue, with one feature more for each ``x_`` column that the records bring."""
    own = [f for table in EXTENSIBLE for f in _own_features(table, records.own_columns(table))]
    own = list({feature.name: feature for feature in reversed(own)}.values())[::-1]
    return Catalogue((*CATALOGUE, *own)) if own else CATALOGUE


def _own_features(table: str, columns: dict[str, pl.DataType]) -> list[Feature]:
    reading = Latest(f"own_{table}", table, sorted(columns))
    return [_own_feature(reading, column, columns[column]) for column in sorted(columns)]


def _own_feature(reading: Latest, column: str, dtype: pl.DataType) -> Feature:
    """Its newest known value; the column's name is all there is to tell, and whether it is
    sensitive nobody has declared, so it is never said to anyone."""
    numeric = dtype.is_numeric() or dtype == pl.Boolean
    return Feature(
        name=column,
        family="own",
        source=reading.table,
        kind="number" if numeric else "category",
        unit="number" if numeric else "text",
        expression=nw.col(f"{reading.name}__{column}"),
        sentence=f"{column.removeprefix('x_').replace('_', ' ').capitalize()}: {{value}}",
        protective=f"{column.removeprefix('x_').replace('_', ' ').capitalize()}: {{value}}",
        reads=(reading,),
        shown=False,
    )
