"""The plain engine: pandas, which every data scientist can check by hand; slower, and for a few thousand students."""

from collections.abc import Sequence
from datetime import date

import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa

from features.engines.steps import Frame, Steps
from features.records import Records


class Pandas(Steps):
    """Arrow columns, so that a missing whole number stays a missing whole number."""

    name = "pandas"

    def scan(self, records: Records, table: str) -> Frame:
        return _of(records.table(table).collect().to_pandas(use_pyarrow_extension_array=True))

    def days(self, days: Sequence[date]) -> Frame:
        return _of(pd.DataFrame({"day": pd.Series(list(days), dtype=pd.ArrowDtype(pa.date32()))}))

    def settled(self, frame: Frame) -> Frame:
        return _of(frame.collect().to_native())

    def collected(self, frame: Frame) -> pl.DataFrame:
        return pl.from_arrow(frame.collect().to_arrow())  # type: ignore[return-value]

    def numbers(self, column: str) -> nw.Expr:
        # pandas gathers no dates of Arrow's, but their numbers.
        return nw.col(column).cast(nw.Int32)

    def dates(self, column: str) -> nw.Expr:
        return nw.col(column).cast(nw.Int32).cast(nw.Date)


def _of(table: pd.DataFrame) -> Frame:
    return nw.from_native(table).lazy()
