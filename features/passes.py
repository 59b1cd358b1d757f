"""The few ways of reading a table for many days at once; each feature says which of them it reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import narwhals as nw

from features.retold import FACTS, LOOKED_BACK, STANDS_UNTIL, kept_columns, may_fall, never_null
from features.view import STUDENT_DAY, Frame, How, Prepare, Story, View


@dataclass(frozen=True, eq=False)
class Measure:
    """A number or a date worked out on every row of a table, and how rows are gathered."""

    value: nw.Expr
    how: How = "sum"

    @property
    def text(self) -> str:
        return f"{self.how}({self.value!r})"


HOLIDAYS = 45
"""Days before the first class from which a year's enrolments are dated: the holidays between two years."""


class Pass(Protocol):
    """One reading of one table. Its columns are called ``<pass>__<measure>``."""

    @property
    def name(self) -> str: ...

    @property
    def table(self) -> str: ...

    @property
    def text(self) -> str:
        """What the pass does, for the catalogue's fingerprint."""
        ...

    @property
    def alone(self) -> bool:
        """Whether it reads nothing but each student's own rows: then a share of the students can be read apart."""
        ...

    @property
    def stories(self) -> Sequence[Story]:
        """What a pass that reads of all students wants prepared of each, share by share."""
        ...

    def add_to(self, grid: Frame, view: View) -> Frame:
        """The grid with the pass's columns."""
        ...


class Alone:
    """A reading of each student's own rows."""

    @property
    def alone(self) -> bool:
        return True

    @property
    def stories(self) -> Sequence[Story]:
        return ()


class Together:
    """A reading of what others did too, once every student's own columns are there."""

    @property
    def alone(self) -> bool:
        return False

    @property
    def stories(self) -> Sequence[Story]:
        return ()


@dataclass(frozen=True, eq=False)
class Latest(Alone):
    """The newest known value of each column, a null saying nothing and so hiding nothing."""

    name: str
    table: str
    columns: Sequence[str]

    @property
    def text(self) -> str:
        return f"{self.name}=latest({self.table}, {sorted(self.columns)})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        states = view.engine.settled(view.last_values(view.story(self.table), self.columns))
        return _join(grid, _prefixed(view.carried(states), self.name, self.columns))


@dataclass(frozen=True, eq=False)
class Total(Alone):
    """Everything known so far, gathered: ``m``; and since the student's school year began: ``m_year`` (sums only).

    Unless ``all_years``, what happened before the oldest school year in class that day is left unread.
    """

    name: str
    table: str
    measures: Mapping[str, Measure]
    prepare: Prepare | None = None
    all_years: bool = False

    @property
    def text(self) -> str:
        return f"{self.name}=total({self.table}, {_texts(self.measures)}, {_name(self.prepare)}, {self.all_years})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        rows = self._rows(view).with_columns(**_values(self.measures))
        rows = rows.select("student_id", "happened_on", "visible_on", *kept_columns(rows), *self.measures)
        columns = {f"{self.name}__{n}": n for n in self.measures}
        grid = self._told(grid, rows, STUDENT_DAY, columns, view)
        counted = {f"{self.name}__{n}_year": n for n, measure in self.measures.items() if measure.how == "sum"}
        if self.all_years or len(view.eves) > 1:
            return self._since_the_year_began(grid, rows, counted, view) if counted else grid
        same = {year: nw.col(f"{self.name}__{n}") for year, n in counted.items()}
        return grid.with_columns(**same) if same else grid

    def _since_the_year_began(self, grid: Frame, rows: Frame, counted: Mapping[str, str], view: View) -> Frame:
        """What became known this year of this year: a past of years ago that comes late is no news of this one."""
        eves = view.engine.days(view.eves or view.days[:1]).rename({"day": "eve"})
        rows = rows.join(eves, how="cross").filter(nw.col("visible_on") > nw.col("eve"))
        recent = nw.col("happened_on") > nw.col("eve").dt.offset_by(f"-{HOLIDAYS}d")
        rows = view.engine.settled(rows.filter(recent))
        grid = grid.with_columns(eve=nw.col("starts_on").dt.offset_by("-1d"))
        return self._told(grid, rows, (*STUDENT_DAY, "eve"), counted, view).drop("eve")

    def _told(self, grid: Frame, rows: Frame, on: Sequence[str], columns: Mapping[str, str], view: View) -> Frame:
        """The grid with what was told by each day: what stands for good, and what stood until it was corrected."""
        by, names = [key for key in on if key != "day"], list(columns.values())
        lasting = rows.filter(nw.col(STANDS_UNTIL).is_null()) if may_fall(rows) else rows
        states = view.engine.settled(self._states(lasting, by, names, view))
        grid = _join(grid, view.carried(states, by).select(*on, **_named(columns)), on)
        if not may_fall(rows):
            return grid
        passing = view.engine.settled(rows.filter(~nw.col(STANDS_UNTIL).is_null()))
        briefly = {f"_{column}": name for column, name in columns.items()}
        grid = _join(grid, self._briefly(passing, on, names, view).select(*on, **_named(briefly)), on)
        both = {column: _together(self.measures[n].how, column, f"_{column}") for column, n in columns.items()}
        return grid.with_columns(**both).drop(*briefly)

    def _states(self, rows: Frame, by: Sequence[str], names: Sequence[str], view: View) -> Frame:
        rows, dated = self._numbered(view.bucketed(rows), names, view)
        gathered = rows.group_by(*by, "bucket").agg(*(_gather(n, self.measures[n]) for n in names))
        states = view.running(gathered, {name: self.measures[name].how for name in names}, by)
        return _recast(states, dated, view.engine.dates)

    def _briefly(self, passing: Frame, on: Sequence[str], names: Sequence[str], view: View) -> Frame:
        rows, dated = self._numbered(view.while_standing(passing), names, view)
        gathered = rows.group_by(*on).agg(*(_gather(n, self.measures[n]) for n in names))
        return _recast(gathered, dated, view.engine.dates)

    def _numbered(self, rows: Frame, names: Sequence[str], view: View) -> tuple[Frame, list[str]]:
        """Dates as numbers, where an engine can gather nothing else; and which they are."""
        dated = _dated(rows, {name: self.measures[name] for name in names})
        return _recast(rows, dated, view.engine.numbers), dated

    def _rows(self, view: View) -> Frame:
        if self.all_years:
            return view.story(self.table, self.prepare)
        return _prepared(view.table(self.table, view.year_began), self.prepare, view)


@dataclass(frozen=True, eq=False)
class Window(Alone):
    """What happened in the last ``weeks`` weeks, gathered; ``skip`` leaves out the newest of them."""

    name: str
    table: str
    weeks: int
    measures: Mapping[str, Measure]
    skip: int = 0
    by: Sequence[str] = ("student_id",)
    prepare: Prepare | None = None
    whole: bool = False
    """Whether ``prepare`` must see the rows before the window, to tell what changed at its edge."""

    def __post_init__(self) -> None:
        if self.table in FACTS and timedelta(weeks=self.weeks) > LOOKED_BACK:
            raise ValueError(f"la ventana {self.name} mira más atrás de donde se buscan correcciones")

    @property
    def alone(self) -> bool:
        return "student_id" in self.by

    @property
    def text(self) -> str:
        how = f"{self.table}, {self.skip}-{self.weeks}, {list(self.by)}"
        return f"{self.name}=window({how}, {_texts(self.measures)}, {_name(self.prepare)})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        rows = self._rows(view)
        rows = rows.with_columns(**_values(self.measures))
        rows = never_null(rows.select(*self.by, "happened_on", "visible_on", *kept_columns(rows), *self.measures))
        dates = ["happened_on", "visible_on", *kept_columns(rows)]
        seen = rows.join(self._reach(rows.select(*dates).unique(), view), on=dates, how="inner")
        gathered = seen.group_by(*self.by, "day").agg(*(_gather(n, m) for n, m in self.measures.items()))
        return _join(grid, _prefixed(gathered, self.name, list(self.measures), self.by), (*self.by, "day"))

    def _rows(self, view: View) -> Frame:
        if self.whole:
            return view.story(self.table, self.prepare)
        return _prepared(view.table(self.table, view.days[0] - timedelta(weeks=self.weeks)), self.prepare, view)

    def _reach(self, dates: Frame, view: View) -> Frame:
        """Which dates of rows fall in which day's window: a small table, so that the rows are joined once."""
        pairs = dates.join(view.engine.days(view.days), how="cross")
        if may_fall(dates):
            pairs = pairs.filter(nw.col("day") < nw.col(STANDS_UNTIL))
        oldest = nw.col("day").dt.offset_by(f"-{7 * self.weeks}d")
        newest = nw.col("day").dt.offset_by(f"-{7 * self.skip}d")
        return pairs.filter(
            nw.col("visible_on") <= nw.col("day"), nw.col("happened_on") > oldest, nw.col("happened_on") <= newest
        )


@dataclass(frozen=True, eq=False)
class Active(Alone):
    """What is running on each day: rows that have begun, and have not ended, as far as is known.

    Of two rows that agree in ``same`` the later takes the place of the one before, from the day it is seen. No row
    means zero, but only once a first row of the table is known: a file that never came says nothing.
    """

    name: str
    table: str
    measures: Mapping[str, Measure]
    same: Sequence[str] = ("strategy", "starts_on")

    @property
    def text(self) -> str:
        return f"{self.name}=active({self.table}, {_texts(self.measures)}, {list(self.same)})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        rows = view.story(self.table)
        begins = nw.max_horizontal("visible_on", nw.coalesce("starts_on", "visible_on"))
        retold = nw.col("visible_on").shift(-1).over("student_id", *self.same, order_by=("visible_on", "place"))
        ends = nw.min_horizontal(_or_never("ends_on"), retold.fill_null(date.max).dt.offset_by("-1d"))
        rows = rows.with_columns(**_values(self.measures)).with_columns(begins=begins, ends=ends)
        seen = rows.join(self._reach(rows, view), on=["begins", "ends"], how="inner")
        gathered = seen.group_by(*STUDENT_DAY).agg(*(_gather(n, m) for n, m in self.measures.items()))
        grid = _join(grid, _prefixed(gathered, self.name, list(self.measures)))
        zero = nw.when(nw.lit(view.began(self.table), dtype=nw.Date) <= nw.col("day")).then(nw.lit(0))
        columns = [f"{self.name}__{n}" for n in self.measures]
        return grid.with_columns(**{c: nw.coalesce(nw.col(c), zero) for c in columns})

    def _reach(self, rows: Frame, view: View) -> Frame:
        pairs = rows.select("begins", "ends").unique().join(view.engine.days(view.days), how="cross")
        return pairs.filter(nw.col("begins") <= nw.col("day"), nw.col("day") <= nw.col("ends"))


def _together(how: How, one: str, other: str) -> nw.Expr:
    """Two numbers or dates as one, either of which may be unknown."""
    if how == "sum":
        return nw.coalesce(nw.col(one) + nw.col(other), nw.col(one), nw.col(other))
    return nw.max_horizontal(one, other) if how == "max" else nw.min_horizontal(one, other)


def _or_never(column: str) -> nw.Expr:
    return nw.col(column).fill_null(date.max)


def _values(measures: Mapping[str, Measure]) -> dict[str, nw.Expr]:
    return {name: measure.value for name, measure in measures.items()}


def _dated(rows: Frame, measures: Mapping[str, Measure]) -> list[str]:
    """The measures that are dates."""
    schema = rows.collect_schema()
    return [name for name in measures if schema[name] == nw.Date]


def _recast(rows: Frame, columns: Sequence[str], cast: Callable[[str], nw.Expr]) -> Frame:
    return rows.with_columns(**{name: cast(name) for name in columns}) if columns else rows


def _texts(measures: Mapping[str, Measure]) -> list[str]:
    return [f"{name}:{measure.text}" for name, measure in sorted(measures.items())]


def _name(prepare: Prepare | None) -> str:
    return prepare.__name__ if prepare is not None else ""


def _prepared(rows: Frame, prepare: Prepare | None, view: View) -> Frame:
    return prepare(rows, view) if prepare is not None else rows


def _gather(name: str, measure: Measure) -> nw.Expr:
    column = nw.col(name)
    return {"sum": column.sum, "max": column.max, "min": column.min}[measure.how]()


def _prefixed(frame: Frame, name: str, columns: Sequence[str], by: Sequence[str] = ("student_id",)) -> Frame:
    return frame.select(*by, "day", **{f"{name}__{c}": nw.col(c) for c in columns})


def _named(columns: Mapping[str, str]) -> dict[str, nw.Expr]:
    return {column: nw.col(name) for column, name in columns.items()}


def _join(grid: Frame, columns: Frame, on: Sequence[str] = STUDENT_DAY) -> Frame:
    return grid.join(columns, on=list(on), how="left")
