"""A fast made-up year of Mondays: those above the cut are contacted, which prevents a known share of departures."""

from dataclasses import dataclass

import numpy as np
import polars as pl

WEEKS, HORIZON, REST = 36, 4, 4


@dataclass(frozen=True)
class Year:
    """`near`: rows for at_the_cut; `drawn`: rows for in_the_band; the true differences that each of them looks for."""

    near: pl.DataFrame
    drawn: pl.DataFrame
    true_at_the_cut: float
    true_in_the_band: float


def year(seed: int, prevented: float, students: int = 3_000, seats: int = 60, band: int = 20) -> Year:
    """Weekly lists of `seats`; the last `band` of them and as many below are drawn; a contact rests 4 weeks."""
    rng = np.random.default_rng(seed)
    hazard = hazards(rng, students)
    above = np.full((students, WEEKS), np.nan)
    drawn = np.zeros((students, WEEKS), dtype=np.int8)  # 1 in, -1 out
    listed = np.zeros((students, WEEKS), dtype=bool)
    gone = np.full(students, WEEKS + HORIZON)
    rested = np.zeros(students, dtype=int)
    helped = np.zeros(students, dtype=int)
    cuts = np.zeros(WEEKS + HORIZON)
    for week in range(WEEKS + HORIZON):
        risk = log_odds(1 - (1 - hazard[:, week]) ** HORIZON)
        free = np.flatnonzero((gone > week) & (rested <= week))
        order = free[np.argsort(-risk[free])]
        cuts[week] = (risk[order[seats - 1]] + risk[order[seats]]) / 2
        on = order[: seats - band]
        near = rng.permutation(order[seats - band : seats + band])
        if week < WEEKS:
            above[free, week] = risk[free] - cuts[week]
            drawn[near[:band], week], drawn[near[band:], week] = 1, -1
        on = np.concatenate([on, near[:band]])
        if week < WEEKS:
            listed[on, week] = True
        rested[on], helped[on] = week + REST, week + HORIZON
        chance = hazard[:, week] * np.where(helped > week, 1 - prevented, 1.0)
        gone[(gone > week) & (rng.random(students) < chance)] = week
    return told(hazard, above, drawn, listed, gone, prevented, cuts)


def hazards(rng: np.random.Generator, students: int) -> np.ndarray:
    """A weekly chance of leaving that wanders about each student's own."""
    own = rng.normal(-5.4, 1.0, students)
    wander = np.zeros((students, WEEKS + HORIZON))
    wander[:, 0] = rng.normal(0, 0.8, students)
    for week in range(1, WEEKS + HORIZON):
        wander[:, week] = 0.8 * wander[:, week - 1] + rng.normal(0, 0.48, students)
    return 1 / (1 + np.exp(-(own[:, None] + wander)))


def log_odds(chance: np.ndarray) -> np.ndarray:
    return np.log(chance / (1 - chance))


def told(hazard, above, drawn, listed, gone, prevented, cuts) -> Year:
    left = (gone[:, None] >= np.arange(WEEKS)) & (gone[:, None] < np.arange(WEEKS) + HORIZON)
    gain = difference_for_each(hazard, cuts, prevented)
    student, week = np.nonzero(np.isfinite(above))
    rows = pl.DataFrame(
        {
            "cluster": student,
            "day": week,
            "above_cut": above[student, week],
            "left": left[student, week],
            "drawn": drawn[student, week],
            "gain": gain[student, week],
        }
    )
    lots = rows.filter(pl.col("drawn") != 0).with_columns(drawn_in=pl.col("drawn") == 1)
    by_the_cut = rows.filter(pl.col("above_cut").abs() < 0.1)
    return Year(rows, lots, mean(by_the_cut["gain"]), mean(lots["gain"]))


def mean(numbers: pl.Series) -> float:
    return float(numbers.to_numpy().mean()) if len(numbers) else 0.0


def difference_for_each(hazard: np.ndarray, cuts: np.ndarray, prevented: float) -> np.ndarray:
    """The chance of leaving within the horizon if listed this week, less that if not (but perhaps a later week)."""
    risk = log_odds(1 - (1 - hazard) ** HORIZON)
    stays_if_listed = np.ones((len(hazard), WEEKS))
    stays_if_not = np.ones((len(hazard), WEEKS))
    later = np.zeros((len(hazard), WEEKS), dtype=bool)
    for ahead in range(HORIZON):
        then = slice(ahead, ahead + WEEKS)
        if ahead:
            later |= risk[:, then] > cuts[then]
        stays_if_listed *= 1 - hazard[:, then] * (1 - prevented)
        stays_if_not *= 1 - hazard[:, then] * np.where(later, 1 - prevented, 1.0)
    return (1 - stays_if_listed) - (1 - stays_if_not)
