"""Who left lately, and from where: the same departures counted by school, grade, class group and home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from features.moves import PLACE, with_moves
from features.passes import Together
from features.retold import STANDS_UNTIL, may_fall, never_null
from features.view import Frame, Story, View

GROUPS = {"school": ("institution_id",), "grade": ("institution_id", "grade"), "class": PLACE}


def departures(rows: Frame, view: View) -> Frame:
    """The lines of the register by which somebody leaves it, and from where."""
    leaves = with_moves(rows, view).filter(nw.col("leaves").fill_null(False))
    leaves = never_null(leaves) if may_fall(leaves) else leaves.with_columns(**{STANDS_UNTIL: nw.lit(date.max)})
    return leaves.select("student_id", "happened_on", "visible_on", STANDS_UNTIL, *PLACE)


@dataclass(frozen=True, eq=False)
class Exits(Together):
    """Departures known of the last ``weeks`` weeks, counted where they happened: ``school``, ``grade`` and ``class``.

    ``home`` counts those of the household who left and are not on roll; ``household`` is a column of the grid.
    """

    name: str
    household: str
    weeks: int = 52
    table: str = "enrolment"

    @property
    def text(self) -> str:
        return f"{self.name}=exits({self.table}, {self.weeks}, {sorted(GROUPS.items())}, {self.household})"

    @property
    def stories(self) -> Sequence[Story]:
        return ((self.table, departures),)

    def add_to(self, grid: Frame, view: View) -> Frame:
        gone = view.engine.settled(self._lately(view.story(self.table, departures), grid))
        for group, by in GROUPS.items():
            grid = self._counted(grid, gone, group, by)
        return self._counted(grid, self._from_home(gone, grid, view), "home", (self.household,))

    def _counted(self, grid: Frame, gone: Frame, group: str, by: Sequence[str]) -> Frame:
        # A class without a name is nobody's class: engines differ on whether two unknowns are the same.
        placed = gone.filter(*(~nw.col(column).is_null() for column in by))
        counted = placed.group_by(*by, "day").agg(nw.len().alias(f"{self.name}__{group}"))
        return grid.join(counted, on=[*by, "day"], how="left")

    def _lately(self, rows: Frame, grid: Frame) -> Frame:
        """Each departure once for every day that counts it."""
        dates = ["happened_on", "visible_on", STANDS_UNTIL]
        pairs = rows.select(*dates).unique().join(grid.select("day").unique(), how="cross")
        oldest = nw.col("day").dt.offset_by(f"-{7 * self.weeks}d")
        stands = (nw.col("visible_on") <= nw.col("day"), nw.col("day") < nw.col(STANDS_UNTIL))
        return rows.join(pairs.filter(*stands, nw.col("happened_on") > oldest), on=dates, how="inner")

    def _from_home(self, gone: Frame, grid: Frame, view: View) -> Frame:
        """Those who left and are not back, with their households, which are looked up for them alone."""
        here = grid.select("student_id", "day", here=nw.lit(1))
        away = gone.select("student_id", "day").unique().join(here, on=["student_id", "day"], how="left")
        away = away.filter(nw.col("here").is_null()).select("student_id", "day")
        told = view.table("person").filter(~nw.col("household_id").is_null())
        told = told.join(away.select("student_id").unique(), on="student_id", how="inner")
        homes = view.last_state(told, ["student_id"], ["household_id"])
        return away.join(homes, on=["student_id", "day"], how="inner").rename({"household_id": self.household})
