"""What a contact changes: students just above the cut of the list beside those just below, or drawn out."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import t

Numbers = npt.NDArray[np.float64]

SURE = 0.95
LEAST_ON_A_SIDE = 50
LEAST_CLUSTERS = 10


class TooFewNearTheCut(ValueError):  # noqa: N818 - says what is wrong
    """There is nothing to compare: an answer would be a guess with decimals."""


@dataclass(frozen=True)
class Effect:
    """`difference`: the share that left among those on the list, less the share among the others; its 95 % interval.

    `compared` counts student-weeks, `clusters` what they were grouped by for the interval; `bandwidth` is how far from
    the cut students were looked at, where there is a cut.
    """

    difference: float
    low: float
    high: float
    compared: int
    clusters: int
    bandwidth: float | None = None

    def sentence(self) -> str:
        if self.low <= 0 <= self.high:
            return (
                f"No se puede saber si estar en la lista cambió algo: entre {points(self.low)} y {points(self.high)}."
            )
        more = "menos" if self.high < 0 else "más"
        least, most = sorted((abs(self.low), abs(self.high)))
        return f"Entre quienes estuvieron en la lista dejó de estudiar entre {points(least)} y {points(most)} {more}."


def points(share: float) -> str:
    return f"{100 * share:.1f} puntos".replace(".", ",")


def at_the_cut(rows: pl.DataFrame) -> Effect:
    """Sharp regression discontinuity. `rows`: above_cut (positive on the list), left (0 or 1), cluster.

    A line on each side with weights that fall to zero at the bandwidth; difference and interval are those of the
    second-degree fit at the same bandwidth, which is the bias-corrected estimate with its robust interval (Calonico,
    Cattaneo and Titiunik 2014, remark 7). It holds for students near the cut, for being listed this week, and counts
    what was done for the others later as nothing done: whoever is below today may be listed next Monday.
    """
    side = rows.filter(pl.col("above_cut").is_finite(), pl.col("above_cut") != 0)
    away, left = (side[name].cast(pl.Float64).to_numpy() for name in ("above_cut", "left"))
    width = bandwidth(away, left)
    near = np.abs(away) < width
    if min((away[near] > 0).sum(), (away[near] < 0).sum()) < LEAST_ON_A_SIDE:
        raise TooFewNearTheCut(
            "Hay muy pocos estudiantes cerca del cupo para comparar. Espere a que pasen más semanas."
        )
    away, left, cluster = away[near], left[near], side["cluster"].filter(pl.Series(near))
    weights = 1 - np.abs(away) / width
    return fitted(steps_and_curves(away, 2), left, weights, codes(cluster), width)


def in_the_band(rows: pl.DataFrame) -> Effect:
    """`rows`: those whom the lot drew, with day, drawn_in (true on the list), left (0 or 1) and cluster.

    Compared within each Monday, as they were drawn. They count as drawn even if a later list brought them in.
    """
    if min(rows["drawn_in"].sum(), (~rows["drawn_in"]).sum()) < LEAST_ON_A_SIDE:
        raise TooFewNearTheCut(
            "El sorteo ha reunido muy pocos estudiantes para comparar. Espere a que pasen más semanas."
        )
    number = pl.col("drawn_in").cast(pl.Float64), pl.col("left").cast(pl.Float64)
    within = rows.select(*(each - each.mean().over("day") for each in number), "cluster")
    drawn, left = (within[name].to_numpy() for name in ("drawn_in", "left"))
    return fitted(drawn[:, None], left, np.ones_like(left), codes(within["cluster"]))


def codes(cluster: pl.Series) -> npt.NDArray[np.intp]:
    return cluster.rank("dense").to_numpy().astype(np.intp) - 1


def steps_and_curves(away: Numbers, degree: int) -> Numbers:
    """The first column is the step at the cut; then a curve for each side of it."""
    above = (away > 0).astype(np.float64)
    powers = [away**power for power in range(degree + 1)]
    return np.column_stack([above, *powers, *(above * power for power in powers[1:])])


def fitted(
    design: Numbers, left: Numbers, weights: Numbers, cluster: npt.NDArray[np.intp], width: float | None = None
) -> Effect:
    """Least squares for the first column, with an interval that lets whatever shares a cluster move together."""
    groups = int(cluster.max()) + 1
    if groups < LEAST_CLUSTERS:
        raise TooFewNearTheCut("Los estudiantes comparados vienen de muy pocos grupos para saber cuánto varían.")
    bread = np.linalg.inv(design.T @ (design * weights[:, None]))
    line = bread @ (design.T @ (weights * left))
    pulls = design * (weights * (left - design @ line))[:, None]
    together = np.column_stack([np.bincount(cluster, column, groups) for column in pulls.T])
    rows, columns = design.shape
    small = groups / (groups - 1) * (rows - 1) / (rows - columns)
    error = sqrt(small * (bread @ (together.T @ together) @ bread)[0, 0])
    reach = float(t.ppf((1 + SURE) / 2, groups - 1)) * error
    middle = float(line[0])
    return Effect(middle, middle - reach, middle + reach, rows, groups, width)


def bandwidth(away: Numbers, left: Numbers) -> float:
    """How far to look: Fan and Gijbels' rule of thumb for a line at an edge, on the side of the list as far as it goes.

    Wider where outcomes vary much or children are few, narrower where the curve bends.
    """
    reach = float(np.quantile(away[away > 0], 0.95)) if (away > 0).any() else 0.0
    window = np.abs(away) <= reach
    sides = [window & (away > 0), window & (away < 0)]
    if min(side.sum() for side in sides) <= LEAST_ON_A_SIDE:
        raise TooFewNearTheCut(
            "Hay muy pocos estudiantes cerca del cupo para comparar. Espere a que pasen más semanas."
        )
    wished = np.mean([one_side(np.abs(away[side]), left[side], reach) for side in sides])
    enough = max(float(np.partition(np.abs(away[side]), LEAST_ON_A_SIDE)[LEAST_ON_A_SIDE]) for side in sides)
    return min(reach, max(float(wished), enough))


def one_side(away: Numbers, left: Numbers, reach: float) -> float:
    curve = np.polynomial.Polynomial.fit(away, left, 3)
    bend = np.mean(curve.deriv(2)(away) ** 2) + 1e-12
    spread = np.var(left - curve(away))
    return float(TRIANGULAR * (spread * reach / (bend * len(away))) ** 0.2)


TRIANGULAR = 3.4375
"""The constant of that rule for weights that fall in a straight line, at an edge."""


def band_power(base: float, reduction: float, seats: int, weeks: int, each_counts: int = 4) -> float:
    """The chance that the band shows an effect if there is one: contacts prevent `reduction` of the `base` that leave.

    `each_counts`: for how many Mondays one draw holds; its rows tell one story (models.list_order.BAND_PERIOD).
    """
    treated = base * (1 - reduction)
    students = max(1.0, seats * weeks / each_counts)
    error = sqrt((base * (1 - base) + treated * (1 - treated)) / students)
    even = NormalDist()
    return even.cdf(abs(base - treated) / error - even.inv_cdf((1 + SURE) / 2))


def weeks_needed(base: float, reduction: float, seats: int, power: float = 0.8, most: int = 520) -> int | None:
    """After how many weeks a band of so many seats is likely enough to show the effect; None within ten years."""
    return next((weeks for weeks in range(1, most + 1) if band_power(base, reduction, seats, weeks) >= power), None)
