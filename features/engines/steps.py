"""The steps that cost most, for they put rows in order, written for any engine; one with a quicker way has its own."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import narwhals as nw

Frame = nw.LazyFrame[Any]
How = Literal["sum", "max", "min"]


class Steps(ABC):
    """Windows over a student's rows. ``by`` is the key, ``bucket`` the day in which rows were gathered."""

    students_at_once: int | None = None

    @abstractmethod
    def settled(self, frame: Frame) -> Frame: ...

    def grown(self, grid: Frame, grow: Callable[[Frame], Frame]) -> Frame:
        """The grid with the columns that ``grow`` adds to it, worked out."""
        return self.settled(grow(grid))

    def placed(self, rows: Frame, by: Sequence[str], order: Sequence[str]) -> Frame:
        """The rows with ``place``, their number in an order among those of their key."""
        rows = rows.with_columns(place=nw.lit(1))
        return rows.with_columns(place=nw.col("place").cum_sum().over(*by, order_by=order))

    def with_previous(self, rows: Frame, columns: Sequence[str]) -> Frame:
        """Each row with ``last_…``: what its student's row before said, in the order in which they were seen."""
        # The row before is joined by its number: one ordering for all the columns, where a shift would order for each.
        rows = rows.with_columns(number=nw.lit(1))
        rows = rows.with_columns(number=nw.col("number").cum_sum().over("student_id", order_by=("visible_on", "place")))
        before = {f"last_{column}": nw.col(column) for column in columns}
        last = rows.select("student_id", number=nw.col("number") + 1, **before)
        return rows.join(last, on=["student_id", "number"], how="left").drop("number")

    def running(self, gathered: Frame, how: Mapping[str, How], by: Sequence[str]) -> Frame:
        """What was gathered per key and bucket, added up over the buckets so far."""
        run = {name: accumulated(name, how[name]).over(*by, order_by="bucket") for name in how}
        # A running maximum is null where its own row is: the last one known stands instead.
        last = {name: nw.col(name).fill_null(strategy="forward") for name in how if how[name] != "sum"}
        held = {name: value.over(*by, order_by="bucket") for name, value in last.items()}
        return gathered.with_columns(**run).with_columns("bucket", **held)

    def last_values(self, rows: Frame, columns: Sequence[str], by: Sequence[str]) -> Frame:
        """Per key and bucket, each column's value in the last row so far, by ``place``, that has one."""
        places = {f"place_{c}": nw.when(~nw.col(c).is_null()).then(nw.col("place")) for c in columns}
        numbered = rows.select(*by, "bucket", **places)
        gathered = numbered.group_by(*by, "bucket").agg(*(nw.col(name).max() for name in places))
        newest = self.running(gathered, dict.fromkeys(places, "max"), by)
        for column in columns:
            value = rows.select(*by, nw.col("place").alias(f"place_{column}"), column)
            newest = newest.join(value, on=[*by, f"place_{column}"], how="left")
        return newest.select(*by, "bucket", *columns)

    def with_until(self, states: Frame, by: Sequence[str]) -> Frame:
        """The states with ``until``, the bucket of the key's next one."""
        return states.with_columns(until=nw.col("bucket").shift(-1).over(*by, order_by="bucket").fill_null(date.max))


def accumulated(name: str, how: How) -> nw.Expr:
    column = nw.col(name)
    return {"sum": column.cum_sum, "max": column.cum_max, "min": column.cum_min}[how]()
