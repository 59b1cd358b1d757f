"""How sure a figure is: worked out again and again on cities whose schools are drawn anew from those there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.float64]
SCHOOL = "institution_id"
NOTHING: Numbers = np.empty(0)


@dataclass(frozen=True, eq=False)
class Measured:
    """A figure, and what it would have been in other cities; None where there is nothing to measure."""

    value: float | None
    draws: Numbers = field(default_factory=lambda: NOTHING)

    @property
    def interval(self) -> tuple[float | None, float | None]:
        return interval(self.draws) if self.value is not None else (None, None)

    def above(self, other: "Measured") -> "Measured":
        """How much larger than the other, on the same draws of schools."""
        if self.value is None or other.value is None:
            return Measured(None)
        paired = self.draws - other.draws if len(self.draws) == len(other.draws) else NOTHING
        return Measured(self.value - other.value, paired)

    def moved_to(self, value: float | None) -> "Measured":
        """The same spread around an exact figure, of which the draws knew a coarser one."""
        if value is None or self.value is None:
            return Measured(value)
        return Measured(value, self.draws + (value - self.value))


Figures = Mapping[str, Measured]


@dataclass(frozen=True, eq=False)
class Cities:
    """`weights[d, s]`: how often school `s` is in the city drawn as number `d`.

    NOTE: schools are drawn, not rows. The weeks of one child and the children of one school resemble each other, and
    drawing rows would make every interval too narrow.
    """

    schools: pl.DataFrame
    weights: Numbers

    @property
    def size(self) -> int:
        return self.schools.height

    def totals(self, counts: pl.DataFrame, column: str) -> Numbers:
        """The sum of a column in each drawn city; `counts` has `institution_id`."""
        return np.asarray(self.weights @ self.by_school(counts, column), dtype=np.float64)

    def by_school(self, counts: pl.DataFrame, column: str) -> Numbers:
        sums = counts.group_by(school(), maintain_order=True).agg(pl.col(column).cast(pl.Float64).sum().alias("_sum"))
        placed = self.schools.join(sums, on=SCHOOL, how="left", maintain_order="left")
        return placed["_sum"].fill_null(0.0).to_numpy()

    def ratio(self, counts: pl.DataFrame, part: str, whole: str) -> Measured:
        """One column's sum by another's; null in `whole` leaves the row out of both."""
        counted = counts.drop_nulls(whole)
        parts, wholes = (float(counted[column].cast(pl.Float64).sum()) for column in (part, whole))
        if not wholes:
            return Measured(None)
        return Measured(parts / wholes, divided(self.totals(counted, part), self.totals(counted, whole)))


def other_cities(institutions: pl.Series, draws: int, seed: int) -> Cities:
    """As many schools as there are, drawn again with replacement; of a single school no other city can be drawn."""
    schools = institutions.unique().to_frame(SCHOOL).select(school()).unique().sort(SCHOOL)
    count = schools.height
    if count < 2:
        return Cities(schools, np.empty((0, count)))
    drawn = np.random.default_rng(seed).multinomial(count, [1 / count] * count, size=draws)
    return Cities(schools, drawn.astype(np.float64))


def numbered_schools(rows: pl.DataFrame) -> pl.DataFrame:
    """Institutions as numbers that know their names: millions of rows are counted by school again and again."""
    names = rows[SCHOOL].cast(pl.String).fill_null("")
    return rows.with_columns(names.cast(pl.Enum(names.unique().sort())))


def school() -> pl.Expr:
    """Students of no known institution stand together as one."""
    return pl.col(SCHOOL).fill_null("")


def divided(parts: Numbers, wholes: Numbers) -> Numbers:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(wholes > 0, parts / wholes, np.nan)


def interval(draws: Numbers | None) -> tuple[float | None, float | None]:
    """The middle 95 % of the draws."""
    if draws is None or len(draws) == 0 or np.isnan(draws).all():
        return None, None
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return float(low), float(high)
