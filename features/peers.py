"""How a student compares: the same measure over the other students of the school, the student left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from features.view import Frame, View


@dataclass(frozen=True, eq=False)
class Peers:
    """A share over the other students of the school on that day: ``(sum − own) / (sum − own)``, never a self-join.

    ``shares`` gives, by name, a part and a whole in whole numbers: sums of fractions differ in the last digit with the
    order of the rows, and two runs must give the same frame.
    """

    name: str
    table: str
    shares: Mapping[str, tuple[nw.Expr, nw.Expr]]
    by: Sequence[str] = ("institution_id", "day")

    @property
    def text(self) -> str:
        return f"{self.name}=peers({list(self.by)}, {[(n, repr(s)) for n, s in sorted(self.shares.items())]})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        own = grid.with_columns(**self._own())
        columns = list(self._own())
        group = own.group_by(*self.by).agg(*(nw.col(c).sum().alias(f"{c}_sum") for c in columns))
        placed = own.join(group, on=list(self.by), how="left")
        placed = placed.with_columns(**{f"{self.name}__{n}": self._others(n) for n in self.shares})
        return placed.drop(*columns, *(f"{c}_sum" for c in columns))

    def _own(self) -> dict[str, nw.Expr]:
        """The student's own part and whole, where both are known."""
        own: dict[str, nw.Expr] = {}
        for name, (part, whole) in self.shares.items():
            known = ~(part.is_null() | whole.is_null())
            own[f"{self.name}__{name}_part"] = nw.when(known).then(part).otherwise(0).cast(nw.Int64)
            own[f"{self.name}__{name}_whole"] = nw.when(known).then(whole).otherwise(0).cast(nw.Int64)
        return own

    def _others(self, name: str) -> nw.Expr:
        part, whole = (f"{self.name}__{name}_{end}" for end in ("part", "whole"))
        others = nw.col(f"{whole}_sum") - nw.col(whole)
        return nw.when(others > 0).then((nw.col(f"{part}_sum") - nw.col(part)) / others)
