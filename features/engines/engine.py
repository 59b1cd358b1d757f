"""What every engine can do: read a table, write down a few days, keep a result, and hand it over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

import narwhals as nw
import polars as pl

from features.engines.steps import Frame, How
from features.records import Records


class Engine(Protocol):
    """The definitions are written once, in Narwhals; an engine gives them something to run on."""

    name: str
    students_at_once: int | None
    """Of how many students it holds the past at once; None where it bounds its memory itself."""

    def scan(self, records: Records, table: str) -> Frame:
        """A table's rows that the records know, with every column of its schema."""
        ...

    def days(self, days: Sequence[date]) -> Frame:
        """One column, ``day``."""
        ...

    def settled(self, frame: Frame) -> Frame:
        """The frame worked out once and kept: what several readings build on is not worked out again for each."""
        ...

    def grown(self, grid: Frame, grow: Callable[[Frame], Frame]) -> Frame:
        """The grid with the columns that ``grow`` adds to it, worked out; ``grow`` neither adds nor drops rows."""
        ...

    def collected(self, frame: Frame) -> pl.DataFrame:
        """The frame in this process, numbers as ``Int64`` or ``Float64`` and texts as ``String``."""
        ...

    def numbers(self, column: str) -> nw.Expr:
        """A column of dates in the form in which this engine can gather its least and its greatest."""
        ...

    def dates(self, column: str) -> nw.Expr:
        """Such a column as dates again."""
        ...

    def placed(self, rows: Frame, by: Sequence[str], order: Sequence[str]) -> Frame: ...

    def with_previous(self, rows: Frame, columns: Sequence[str]) -> Frame: ...

    def running(self, gathered: Frame, how: Mapping[str, How], by: Sequence[str]) -> Frame: ...

    def last_values(self, rows: Frame, columns: Sequence[str], by: Sequence[str]) -> Frame: ...

    def with_until(self, states: Frame, by: Sequence[str]) -> Frame: ...
