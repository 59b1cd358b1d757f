"""How a school reports: of how many students it told attendance lately, and since when nothing came from it."""

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from features.passes import Together
from features.view import ENROLMENT_REPORTS, Frame, View

SCHOOL_DAY = ("institution_id", "day")


@dataclass(frozen=True, eq=False)
class Reporting(Together):
    """What the school of each student reports, counted over its students on roll that day.

    ``reported_on`` is the last day of class that this school told of the student; ``counted`` are conditions, each of
    which becomes the number of the school's students of whom it holds. Whole numbers and days only, so that every
    engine gives the same.
    """

    name: str
    table: str
    reported_on: nw.Expr
    counted: Mapping[str, nw.Expr]

    @property
    def text(self) -> str:
        counted = [(name, repr(holds)) for name, holds in sorted(self.counted.items())]
        return f"{self.name}=reporting({self.reported_on!r}, {counted})"

    def add_to(self, grid: Frame, view: View) -> Frame:
        placed = grid.join(self._told(grid, view), on=list(SCHOOL_DAY), how="left")
        placed = placed.join(self._exports(view), on=list(SCHOOL_DAY), how="left")
        # A year that has just begun owes no report yet: the silence is counted from its first day.
        since = nw.max_horizontal(nw.col(f"{self.name}__last_on"), nw.col("starts_on"))
        return placed.with_columns(**{f"{self.name}__silent_since": since})

    def _told(self, grid: Frame, view: View) -> Frame:
        """One row per school and day: how many students each condition holds of, and the last day told of any."""
        ones = {f"_{name}": _one_if(holds) for name, holds in self.counted.items()}
        told = grid.select(*SCHOOL_DAY, _last_on=self.reported_on, **ones)
        told = told.with_columns(_last_on=view.engine.numbers("_last_on"))
        sums = {f"{self.name}__{name}": nw.col(f"_{name}").sum() for name in self.counted}
        last_on = f"{self.name}__last_on"
        counted = told.group_by(*SCHOOL_DAY).agg(**sums, **{last_on: nw.col("_last_on").max()})
        return counted.with_columns(**{last_on: view.engine.dates(last_on)})

    def _exports(self, view: View) -> Frame:
        """The last enrolment export that listed each school; a register that sends none says nothing of it."""
        rows = view.table("report").filter(nw.col("source").is_in(list(ENROLMENT_REPORTS)))
        rows = view.bucketed(rows.filter(~nw.col("institution_id").is_null()))
        rows = rows.with_columns(export_on=view.engine.numbers("known_on"))
        last = rows.group_by("institution_id", "bucket").agg(nw.col("export_on").max())
        last = last.with_columns(export_on=view.engine.dates("export_on"))
        carried = view.carried(last, ["institution_id"])
        return carried.select(*SCHOOL_DAY, **{f"{self.name}__export_on": nw.col("export_on")})


def _one_if(condition: nw.Expr) -> nw.Expr:
    """1 where it holds; 0 where it does not, or cannot be told."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))
