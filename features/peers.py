"""How a student compares: the same measure over the other students of the school, the student left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from features.view import Frame, View


@dataclass(frozen=True, eq=False)
class Peers:
    """A measure over the other students of the school on that day: ``(sum − own) / (n − 1)``, never a self-join."""

    name: str
    table: str
    values: Mapping[str, nw.Expr]
    by: Sequence[str] = ("institution_id", "day")

    @property
    def text(self) -> str:
        return f"{self.name}=peers({list(self.by)}, {[(n, repr(v)) for n, v in sorted(self.values.items())]})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        own = grid.with_columns(**{f"{self.name}__{n}_own": v.cast(nw.Float64) for n, v in self.values.items()})
        sums = {f"{self.name}__{n}_sum": nw.col(f"{self.name}__{n}_own").sum() for n in self.values}
        counts = {f"{self.name}__{n}_n": nw.col(f"{self.name}__{n}_own").count() for n in self.values}
        group = own.group_by(*self.by).agg(
            *(e.alias(n) for n, e in sums.items()), *(e.alias(n) for n, e in counts.items())
        )
        placed = own.join(group, on=list(self.by), how="left")
        placed = placed.with_columns(**{f"{self.name}__{n}": self._others(n) for n in self.values})
        return placed.drop(*(f"{self.name}__{n}{end}" for n in self.values for end in ("_own", "_sum", "_n")))

    def _others(self, name: str) -> nw.Expr:
        own, column = nw.col(f"{self.name}__{name}_own"), f"{self.name}__{name}"
        others = nw.col(f"{column}_n") - (~own.is_null()).cast(nw.Int64)
        total = nw.col(f"{column}_sum") - own.fill_null(0.0)
        return nw.when(others > 0).then(total / others)
