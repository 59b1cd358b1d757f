"""Where the school is: its comuna, and what the other schools of that comuna add up to."""

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from features.passes import Together
from features.view import Frame, View

SCHOOL_DAY = ("institution_id", "day")


@dataclass(frozen=True, eq=False)
class Territory(Together):
    """Sums over the other schools of the comuna on that day; a school without a comuna has no neighbours.

    ``sums`` are whole numbers of each student; ``counts`` are columns that already count the whole school.
    """

    name: str
    sums: Mapping[str, nw.Expr]
    counts: Mapping[str, str]
    table: str = "institution"

    @property
    def text(self) -> str:
        sums = [(name, repr(value)) for name, value in sorted(self.sums.items())]
        return f"{self.name}=territory({self.table}, {sums}, {sorted(self.counts.items())})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        told = view.table(self.table).filter(~nw.col("comuna").is_null())
        comunas = view.last_state(told, ["institution_id"], ["comuna"])
        schools = self._schools(grid).join(comunas, on=list(SCHOOL_DAY), how="inner")
        others = {
            f"{self.name}__{n}": nw.col(n).sum().over("comuna", "day") - nw.col(n) for n in (*self.sums, *self.counts)
        }
        return grid.join(schools.select(*SCHOOL_DAY, **others), on=list(SCHOOL_DAY), how="left")

    def _schools(self, grid: Frame) -> Frame:
        own = {n: e.fill_null(0).cast(nw.Int64) for n, e in self.sums.items()}
        whole = {n: nw.col(column).fill_null(0).cast(nw.Int64) for n, column in self.counts.items()}
        students = grid.select(*SCHOOL_DAY, **own, **whole)
        sums = {n: nw.col(n).sum() for n in own} | {n: nw.col(n).max() for n in whole}
        return students.group_by(*SCHOOL_DAY).agg(**sums)
