"""How sure a chance is: between which two shares of similar students left, and when too few are known to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from models.ranking import lottery
from models.wording import after_weeks

Numbers = npt.NDArray[np.float64]

TOO_WIDE = 0.25
GRID = 2
"""Decimals of a raw score: children whose log-odds differ by less than a hundredth are taken for equals."""

HALF_A_STEP = 10.0**-GRID / 2
LEAST_LEAVERS = 20
OWN_LOT = 20240617
"""Not the lot that thinned the rows: of those who stayed only small lots are left, and leavers would win too often."""

NOT_ENOUGH = "No hay información suficiente sobre perfiles parecidos para estimar cuántos dejaron de estudiar."


@dataclass(frozen=True)
class Interval:
    """Both ends are chances within the horizon."""

    low: float
    high: float

    @property
    def too_wide(self) -> bool:
        return self.high - self.low > TOO_WIDE


@dataclass(frozen=True)
class Uncertainty:
    """The two Venn–Abers chances as steps over the raw score: `low` and `high` hold from each of `starts` on.

    Source: Vovk, Petej and Fedorova (2015), Large-scale probabilistic predictors with and without guarantees of
    validity. One of the two chances is perfectly calibrated for students drawn as those it was fitted on were.
    """

    starts: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]

    def intervals(self, raw: Numbers, chance: Numbers) -> list[Interval]:
        """One per student. The published `chance` lies inside: it comes from a smoother curve, and may stand beside."""
        step = np.searchsorted(np.asarray(self.starts), np.round(raw, GRID), side="right") - 1
        low, high = (np.asarray(side, dtype=np.float64)[np.maximum(step, 0)] for side in (self.low, self.high))
        ends = zip(np.minimum(low, chance).tolist(), np.maximum(high, chance).tolist(), strict=True)
        return [Interval(*both) for both in ends]

    def as_dict(self) -> dict[str, list[float]]:
        return {"starts": list(self.starts), "low": list(self.low), "high": list(self.high)}

    @classmethod
    def told(cls, kept: Mapping[str, Any] | None) -> "Uncertainty | None":
        """As `as_dict` wrote it; a model without it has no intervals."""
        return cls(tuple(kept["starts"]), tuple(kept["low"]), tuple(kept["high"])) if kept else None


def fit_uncertainty(told: pl.DataFrame, horizon_weeks: int = 4) -> Uncertainty | None:
    """`told`: student_id, day, raw (log-odds), label (1 left), of days the trees have not seen; weight, where thinned.

    None where fewer than twenty students left: an interval of nearly everything says nothing.
    """
    once = one_day_each(told, horizon_weeks)
    raw, label, weight = (once[name].cast(pl.Float64).to_numpy() for name in ("raw", "label", "weight"))
    if (weight * label).sum() < LEAST_LEAVERS:
        return None
    return shortened(*venn_abers(raw.round(GRID), label, weight))


def one_day_each(told: pl.DataFrame, horizon_weeks: int) -> pl.DataFrame:
    """NOTE: the days of one horizon tell of the same departure; counted four times it would look like proof.

    Of each child one day is drawn in each span of `horizon_weeks`, as often as its weight says; the child then stands
    for as many as its rows did, counted in children and no longer in weeks. Without weights, that is one for itself.
    """
    rows = told if "weight" in told.columns else told.with_columns(weight=pl.lit(1.0))
    rows = rows.with_columns(_span=pl.col("day").to_physical() // (7 * horizon_weeks))
    even = (lottery(rows, OWN_LOT).astype(np.float64) + 0.5) / 2.0**64
    late = pl.Series("_late", -np.log(even)) / pl.col("weight")
    share = pl.col("weight").sum().over("student_id", "_span") / pl.col("day").n_unique().over("_span")
    drawn = rows.with_columns(late.alias("_late"), weight=share).sort("_late", "student_id", "day")
    return drawn.unique(["student_id", "_span"], keep="first", maintain_order=True).drop("_late", "_span")


def venn_abers(raw: Numbers, label: Numbers, weight: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """At each score seen, and in each gap between two: the chance if one more child like that had stayed, and had left.

    The definition, followed word by word: one rising (isotonic) fit for each place and fate. The package `venn-abers`
    gives the same numbers (tests/test_uncertainty.py); on a city's scores it takes fifty times as long and warns.
    """
    seen, cell = np.unique(raw, return_inverse=True)
    children, left = (np.bincount(cell, weights=each).astype(np.float64) for each in (weight, weight * label))
    asked = np.sort(np.concatenate([[seen[0] - 1], seen, seen + HALF_A_STEP]))
    ends = [[with_one_more(seen, children, left, place, fate) for fate in (0.0, 1.0)] for place in asked]
    low, high = np.array(ends).T
    return asked, low, high


def with_one_more(seen: Numbers, children: Numbers, left: Numbers, place: float, fate: float) -> float:
    """The rising fit's chance at `place` once a child with that score and fate has been added."""
    from scipy.optimize import isotonic_regression  # here: a page that only reads intervals pays for no optimiser

    at = int(np.searchsorted(seen, place))
    if at == len(seen) or seen[at] != place:
        children, left = np.insert(children, at, 0.0), np.insert(left, at, 0.0)
    children, left = children.copy(), left.copy()
    children[at] += 1
    left[at] += fate
    return float(isotonic_regression(left / children, weights=children).x[at])


def shortened(starts: Numbers, low: Numbers, high: Numbers) -> Uncertainty:
    """Equal neighbours are one step."""
    ends = np.column_stack([low, high]).round(6)
    news = np.concatenate([[True], (np.diff(ends, axis=0) != 0).any(axis=1)])
    kept = (np.round(starts[news], GRID + 1), ends[news, 0], ends[news, 1])
    return Uncertainty(*(tuple(column.tolist()) for column in kept))


def frequency(interval: Interval, horizon_weeks: int) -> str:
    """The interval as a count of similar students, rounded outwards, in at most twenty words."""
    if interval.too_wide:
        return NOT_ENOUGH
    of = 10 if interval.high >= 0.2 else 100
    low, high = max(0, int(np.floor(of * interval.low + 1e-9))), int(np.ceil(of * interval.high - 1e-9))
    after = after_weeks(horizon_weeks)
    like = f"De cada {of} estudiantes con un perfil parecido,"
    if high <= 1 and low == 0:
        return f"{like} a lo sumo 1 dejó de estudiar {after}."
    told = f"entre {low} y {high}" if low < high else f"cerca de {high}"
    return f"{like} {told} dejaron de estudiar {after}."
