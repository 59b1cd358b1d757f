"""Which reasons would still hold with other schools: a reason whose direction is a matter of luck is not told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import polars as pl

from features.feature import Catalogue
from models.contributions import contributions
from models.examples import thinned
from models.families import family_weights
from models.ranking import lottery

if TYPE_CHECKING:
    from models.risk_model import RiskModel

Numbers = npt.NDArray[np.float64]
Refit = Callable[[pl.DataFrame], lgb.Booster]

AGREE = 0.9
REFITS = 20
REFIT_ROWS = 30_000
JUDGED_ROWS = 2_000
NEVER = float("inf")


@dataclass(frozen=True)
class SteadySigns:
    """From which weight on a family's direction is the same in nine of ten refits: `up`, towards leaving; `down`.

    A family that is missing, or whose weight is smaller, is not told. The weights are in log-odds.
    """

    up: Mapping[str, float] = field(default_factory=dict)
    down: Mapping[str, float] = field(default_factory=dict)
    refits: int = 0

    def holds(self, family: str, weight: float) -> bool:
        least = self.up if weight > 0 else self.down
        return abs(weight) >= least.get(family, NEVER)

    def as_dict(self) -> dict[str, Any]:
        return {"up": finite(self.up), "down": finite(self.down), "refits": self.refits}

    @classmethod
    def told(cls, kept: Mapping[str, Any] | None) -> SteadySigns | None:
        """As `as_dict` wrote it; a model without it was never refitted, and nothing is held back."""
        return cls(dict(kept["up"]), dict(kept["down"]), int(kept["refits"])) if kept else None


def finite(least: Mapping[str, float]) -> dict[str, float]:
    return {family: round(weight, 6) for family, weight in least.items() if weight < NEVER}


def measured(
    model: RiskModel, examples: pl.DataFrame, refit: Refit, catalogue: Catalogue, refits: int = REFITS, seed: int = 0
) -> SteadySigns:
    """Teaches the model again `refits` times on schools drawn with replacement, and compares the signs of families.

    `examples`: the features, `institution_id`, `label` and `weight`; `refit` grows a booster on such a frame.
    """
    rows = judged_rows(model, examples, seed)
    families = [catalogue[name].family for name in model.features]
    fewer = thinned(examples, REFIT_ROWS, seed)
    own, names = weights_of(model.booster, rows, families)
    drawn = (redrawn(fewer, np.random.default_rng([seed, number])) for number in range(refits))
    same = np.mean([np.sign(weights_of(refit(frame), rows, families)[0]) == np.sign(own) for frame in drawn], axis=0)
    up = {name: least_steady(own[:, place], same[:, place]) for place, name in enumerate(names)}
    down = {name: least_steady(-own[:, place], same[:, place]) for place, name in enumerate(names)}
    return SteadySigns(up, down, refits)


def judged_rows(model: RiskModel, examples: pl.DataFrame, seed: int) -> Numbers:
    """Half of them drawn from all, half from those who would be on a list: the ones whose reasons are read."""
    raw = model.raw_score(model.inputs(examples))
    order = examples.select("student_id", "day").with_columns(pl.Series("_raw", raw), _row=pl.int_range(pl.len()))
    order = order.with_columns(pl.Series("_lottery", lottery(order, seed)))
    half = JUDGED_ROWS // 2
    highest = order.sort("_raw", descending=True).head(half)
    drawn = order.join(highest, on="_row", how="anti").sort("_lottery").head(half)
    return model.inputs(examples[pl.concat([highest, drawn])["_row"].sort()])


def weights_of(booster: lgb.Booster, rows: Numbers, families: Sequence[str]) -> tuple[Numbers, tuple[str, ...]]:
    return family_weights(contributions(booster, rows), families)


def redrawn(examples: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The same number of schools, some twice and some not at all: children of one school share what is not recorded."""
    schools = examples["institution_id"].unique().sort()
    times = np.bincount(rng.integers(0, len(schools), len(schools)), minlength=len(schools))
    drawn = pl.DataFrame({"institution_id": schools, "_times": times.astype(np.float64)})
    kept = examples.join(drawn, on="institution_id", how="left", maintain_order="left").filter(pl.col("_times") > 0)
    return kept.with_columns(weight=pl.col("weight") * pl.col("_times")).drop("_times")


def least_steady(weight: Numbers, agreement: Numbers) -> float:
    """The smallest weight from which on nine of ten refits agree; never, if even the largest do not.

    The agreement is first made to rise with the weight (isotonic), so that one lucky small weight decides nothing.
    """
    from sklearn.isotonic import isotonic_regression

    pushing = weight > 0
    if not pushing.any():
        return NEVER
    order = np.argsort(weight[pushing], kind="stable")
    rising = isotonic_regression(agreement[pushing][order])
    steady = np.flatnonzero(rising >= AGREE)
    return float(weight[pushing][order][steady[0]]) if len(steady) else NEVER
