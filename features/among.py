"""A student beside the others: what the rest of a group adds up to, and the student's place in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from features.passes import Together
from features.view import Frame, View


@dataclass(frozen=True, eq=False)
class Among(Together):
    """What the others of a group add up to on that day, the student left out: ``sum − own``, never a self-join.

    ``sums`` are whole numbers, so that every engine and every order of the rows gives the same; who has none adds
    nothing. ``by`` are columns of the grid; where one of ``known`` is unknown there is no group, and no others.
    """

    name: str
    table: str
    sums: Mapping[str, nw.Expr]
    by: Sequence[str]
    known: Sequence[str] = ()

    @property
    def text(self) -> str:
        return f"{self.name}=among({list(self.by)}, {list(self.known)}, {_texts(self.sums)})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        own = {f"{self.name}__{n}_own": e.fill_null(0).cast(nw.Int64) for n, e in self.sums.items()}
        grid = grid.with_columns(**own)
        others = {f"{self.name}__{n}": self._others(f"{self.name}__{n}_own") for n in self.sums}
        return grid.with_columns(**others).drop(*own)

    def _others(self, own: str) -> nw.Expr:
        rest = nw.col(own).sum().over(*self.by, "day") - nw.col(own)
        for column in self.known:
            rest = nw.when(~nw.col(column).is_null()).then(rest)
        return rest


@dataclass(frozen=True, eq=False)
class Ranks(Together):
    """The student's place among those of the group of whom the same is known: 0 is the least, 1 the most, ½ the middle.

    (rank − ½) / number, equals sharing their place: a raw count does not travel from one school to another, a place in
    one's own does.
    """

    name: str
    table: str
    values: Mapping[str, nw.Expr]
    by: Sequence[str]

    @property
    def text(self) -> str:
        return f"{self.name}=ranks({list(self.by)}, {_texts(self.values)})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        # Equal marks come out of divisions and may differ in the last digit from one engine to another.
        own = {f"{self.name}__{n}_own": (e.cast(nw.Float64) * 1_000_000).round() for n, e in self.values.items()}
        grid = grid.with_columns(**own)
        places = {f"{self.name}__{n}": self._place(f"{self.name}__{n}_own") for n in self.values}
        return grid.with_columns(**places).drop(*own)

    def _place(self, own: str) -> nw.Expr:
        place = nw.col(own).rank("average").over(*self.by, "day")
        return (place - 0.5) / nw.col(own).count().over(*self.by, "day")


def _texts(named: Mapping[str, nw.Expr]) -> list[str]:
    return [f"{name}:{expression!r}" for name, expression in sorted(named.items())]
