"""The usual engine: everything in the memory of one machine, by Polars."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import narwhals as nw
import numpy as np
import polars as pl

from features.engines.steps import Frame, How
from features.records import Records

ROW = "_row"


class Polars:
    """Reads only the columns that a definition asks for, straight from the archive.

    Rows are sorted once and then looked at in their order: Polars would sort anew for each window it is asked for.
    """

    name = "polars"
    students_at_once: int | None = 200_000

    def scan(self, records: Records, table: str) -> Frame:
        native = records.table(table)
        if "student_id" in native.collect_schema():
            # Joins and groups on text cost five times as much as on its dictionary.
            native = native.with_columns(pl.col("student_id").cast(pl.Categorical))
        return nw.from_native(native)

    def days(self, days: Sequence[date]) -> Frame:
        return nw.from_native(pl.LazyFrame({"day": list(days)}, schema={"day": pl.Date}))

    def settled(self, frame: Frame) -> Frame:
        kept: pl.DataFrame = frame.to_native().collect()
        return nw.from_native(kept.lazy())

    def grown(self, grid: Frame, grow: Callable[[Frame], Frame]) -> Frame:
        """Only the new columns are worked out and laid beside the grid, which a join would have copied whole."""
        kept: pl.DataFrame = grid.to_native().collect()
        wider = grow(nw.from_native(kept.lazy().with_row_index(ROW)))
        added = [column for column in wider.collect_schema().names() if column not in (ROW, *kept.columns)]
        columns: pl.DataFrame = wider.select(ROW, *added).to_native().collect()
        return nw.from_native(kept.hstack(_in_rows(columns, kept.height)).lazy())

    def collected(self, frame: Frame) -> pl.DataFrame:
        kept: pl.LazyFrame = frame.to_native()
        return kept.with_columns(pl.col(pl.Categorical).cast(pl.String)).collect()

    def numbers(self, column: str) -> nw.Expr:
        return nw.col(column)

    def dates(self, column: str) -> nw.Expr:
        return nw.col(column)

    def placed(self, rows: Frame, by: Sequence[str], order: Sequence[str]) -> Frame:
        return nw.from_native(_sorted(rows, *by, *order).with_row_index("place"))

    def with_previous(self, rows: Frame, columns: Sequence[str]) -> Frame:
        ordered = _sorted(rows, "student_id", "visible_on", "place")
        same = pl.col("student_id") == pl.col("student_id").shift(1)
        before = [pl.when(same).then(pl.col(column).shift(1)).alias(f"last_{column}") for column in columns]
        return nw.from_native(ordered.with_columns(before))

    def running(self, gathered: Frame, how: Mapping[str, How], by: Sequence[str]) -> Frame:
        ordered = _sorted(gathered, *by, "bucket")
        run = [_accumulated(name, way).over(by) for name, way in how.items()]
        return nw.from_native(ordered.with_columns(run))

    def last_values(self, rows: Frame, columns: Sequence[str], by: Sequence[str]) -> Frame:
        native: pl.LazyFrame = rows.to_native().sort("place")
        places = {c: pl.col("place").filter(pl.col(c).is_not_null()).last().alias(f"place_{c}") for c in columns}
        gathered = native.group_by(*by, "bucket").agg(pl.col(columns).drop_nulls().last(), *places.values())
        ordered = gathered.sort(*by, "bucket")
        # Late news of an old fact comes in a later bucket with a lesser place, and changes nothing.
        newest = [pl.when(_is_record(f"place_{c}", by)).then(pl.col(c)).alias(c) for c in columns]
        ordered = ordered.with_columns(newest).with_columns(pl.col(columns).forward_fill().over(by))
        return nw.from_native(ordered.select(*by, "bucket", *columns))

    def with_until(self, states: Frame, by: Sequence[str]) -> Frame:
        same = pl.all_horizontal(pl.col(key) == pl.col(key).shift(-1) for key in by)
        until = pl.when(same).then(pl.col("bucket").shift(-1)).otherwise(pl.lit(date.max))
        return nw.from_native(_sorted(states, *by, "bucket").with_columns(until=until))


def _in_rows(columns: pl.DataFrame, height: int) -> pl.DataFrame:
    """The columns in the order of the grid's rows; joins do not promise to keep it, and each must lie by its child."""
    columns = columns if columns[ROW].is_sorted() else columns.sort(ROW)
    if not np.array_equal(columns[ROW].to_numpy(), np.arange(height)):
        raise ValueError("una lectura de las tablas cambió las filas de la planilla: cada estudiante y día va una vez")
    return columns.drop(ROW)


def _is_record(place: str, by: Sequence[str]) -> pl.Expr:
    return pl.col(place) == pl.col(place).cum_max().over(by)


def _sorted(rows: Frame, *order: str) -> pl.LazyFrame:
    native: pl.LazyFrame = rows.to_native()
    return native.sort(*order)


def _accumulated(name: str, how: How) -> pl.Expr:
    column = pl.col(name)
    if how == "sum":
        return column.cum_sum()
    return (column.cum_max() if how == "max" else column.cum_min()).forward_fill()
