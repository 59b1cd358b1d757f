"""Order and calibration in cities drawn again, from counts per school and step of score instead of from every row."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.resampling import NOTHING, SCHOOL, Cities, Measured, Numbers, divided, school

STEPS = 600
NEWTON_STEPS = 40
CLOSE = 1e-9
FINE = 1000


@dataclass(frozen=True, eq=False)
class Binned:
    """Per step of score, from the lowest: its mean score, and how many left and stayed, here and in each drawn city."""

    score: Numbers
    left: Numbers
    stayed: Numbers
    drawn_left: Numbers
    drawn_stayed: Numbers


def binned(told: pl.DataFrame, label: Numbers, score: Numbers, cities: Cities) -> Binned:
    edges = steps(label, score)
    step = np.searchsorted(edges, score, side="right")
    where = step + school_numbers(told, cities) * (len(edges) + 1)
    size = cities.size * (len(edges) + 1)
    shape = (cities.size, len(edges) + 1)
    left, everyone = (counts(where, weights, size).reshape(shape) for weights in (label, np.ones_like(label)))
    stayed = everyone - left
    sums = counts(step, score, len(edges) + 1)
    mean = divided(sums, (left + stayed).sum(axis=0))
    return Binned(mean, left.sum(axis=0), stayed.sum(axis=0), cities.weights @ left, cities.weights @ stayed)


def counts(where: npt.NDArray[np.int64], weights: Numbers, size: int) -> Numbers:
    return np.asarray(np.bincount(where, weights=weights, minlength=size), dtype=np.float64)


def steps(label: Numbers, score: Numbers) -> Numbers:
    """Half of the steps part the leavers evenly, half part everyone: fine where the list is cut, and nowhere coarse."""
    shares = np.linspace(0, 1, STEPS // 2 + 1)[1:-1]
    groups = [group for group in (score, score[label > 0]) if len(group)]
    return np.unique(np.concatenate([np.quantile(group, shares) for group in groups])) if groups else NOTHING


def school_numbers(told: pl.DataFrame, cities: Cities) -> npt.NDArray[np.int64]:
    numbered = cities.schools.with_row_index("_number")
    placed = told.select(school()).join(numbered, on=SCHOOL, how="left", maintain_order="left")
    return placed["_number"].cast(pl.Int64).to_numpy()


def drawn_area(bins: Binned) -> Measured:
    def area(left: Numbers, stayed: Numbers) -> Numbers:
        below = np.cumsum(stayed, axis=-1) - stayed / 2
        return divided((left * below).sum(axis=-1), left.sum(axis=-1) * stayed.sum(axis=-1))

    return measured(bins, area)


def drawn_average_precision(bins: Binned) -> Measured:
    def precision(left: Numbers, stayed: Numbers) -> Numbers:
        found, listed = (np.cumsum(n[..., ::-1], axis=-1)[..., ::-1] for n in (left, left + stayed))
        steps = np.nan_to_num(divided(found, listed)) * left
        return divided(steps.sum(axis=-1), left.sum(axis=-1))

    return measured(bins, precision)


def measured(bins: Binned, figure: Callable[[Numbers, Numbers], Numbers]) -> Measured:
    value = float(figure(bins.left, bins.stayed))
    return Measured(None if np.isnan(value) else value, figure(bins.drawn_left, bins.drawn_stayed))


def line_of(
    label: Numbers, chance: Numbers, log_odds: Callable[[Numbers], Numbers]
) -> tuple[float | None, float | None]:
    """Slope and intercept over every row, told to a thousandth of log-odds; None where all left, or none, or no chance
    differs from another.
    """
    if not 0 < label.sum() < len(label) or np.ptp(chance) == 0:
        return None, None
    steps = np.round(log_odds(chance) * FINE).astype(np.int64)
    step, size = steps - steps.min(), int(np.ptp(steps)) + 1
    left, everyone = counts(step, label, size), counts(step, np.ones_like(label), size)
    filled = everyone > 0
    said = (np.flatnonzero(filled) + steps.min()) / FINE
    slope, intercept = lines(said, left[None, filled], (everyone - left)[None, filled])[0]
    return float(slope), float(intercept)


def drawn_lines(bins: Binned, log_odds: Callable[[Numbers], Numbers]) -> tuple[Measured, Measured]:
    """Slope and intercept of what happened on what was said, in each drawn city."""
    filled = bins.left + bins.stayed > 0
    said = log_odds(bins.score[filled])
    here = lines(said, bins.left[None, filled], bins.stayed[None, filled])
    drawn = lines(said, bins.drawn_left[:, filled], bins.drawn_stayed[:, filled])
    slope, intercept = (Measured(float(here[0, n]), drawn[:, n]) for n in (0, 1))
    return slope, intercept


def lines(said: Numbers, left: Numbers, stayed: Numbers) -> Numbers:
    """Newton's steps for all cities at once, each step bounded; NaN where a city has only one kind of child."""
    everyone = left + stayed
    line = np.tile([1.0, 0.0], (len(left), 1))
    for _ in range(NEWTON_STEPS):
        raw = np.clip(line[:, :1] * said + line[:, 1:], -500, 500)
        chance = 1 / (1 + np.exp(-raw))
        wrong, weight = left - everyone * chance, everyone * chance * (1 - chance)
        step = np.clip(newton(said, wrong, weight), -1, 1)
        line = line + step
        if np.abs(step).max(initial=0) < CLOSE:
            break
    line[(left.sum(axis=1) == 0) | (stayed.sum(axis=1) == 0)] = np.nan
    return line


def newton(said: Numbers, wrong: Numbers, weight: Numbers) -> Numbers:
    """The step of each city: the 2 × 2 curvature's inverse times the slope of the likelihood."""
    a, b, c = (weight * said**2).sum(1) + 1e-9, (weight * said).sum(1), weight.sum(1) + 1e-9
    p, q = (wrong * said).sum(1), wrong.sum(1)
    area = np.maximum(a * c - b * b, 1e-12)
    return np.column_stack([(c * p - b * q) / area, (a * q - b * p) / area])
