"""Grows the trees: how many, and how much of the regression stands beside them, is chosen on later days."""

from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import polars as pl

from features.feature import Catalogue
from models.averaging import averaged
from models.calibration import fit_calibration, log_odds, loss
from models.inputs import Categories, matrix, monotone_directions
from models.recipe import Recipe
from models.retelling import regression_of, retold
from models.travel import travelling

Numbers = npt.NDArray[np.float64]

SHARES = (0.0, 0.25, 0.5, 0.75)
"""How much of the opinion may be the regression's; the rest is the trees'."""

HALF = 0.5


@dataclass(frozen=True)
class Grove:
    """What the trees read and how: the names in order, the words of each category, the direction each may push."""

    names: tuple[str, ...]
    categories: Categories
    directions: tuple[int, ...]
    travelling: frozenset[str] = frozenset()

    def dataset(
        self, examples: pl.DataFrame, target: Numbers | None = None, reference: lgb.Dataset | None = None
    ) -> lgb.Dataset:
        """The examples as LightGBM holds them; `target` instead of who left, where something else is taught."""
        return lgb.Dataset(
            matrix(examples, self.names, self.categories),
            label=examples["label"].to_numpy() if target is None else target,
            weight=examples["weight"].to_numpy(),
            feature_name=[plain_name(place, name) for place, name in enumerate(self.names)],
            categorical_feature=[place for place, name in enumerate(self.names) if name in self.categories],
            reference=reference,
            params={"verbosity": -1, "max_bin": 255, "data_random_seed": 1},
            free_raw_data=True,
        )

    def far_from_home(self, examples: pl.DataFrame) -> pl.DataFrame:
        """The examples with nothing known but what means the same in every school (`models.travel`)."""
        hidden = [name for name in self.names if name not in self.travelling]
        return examples.with_columns(pl.lit(None, examples.schema[name]).alias(name) for name in hidden)

    def without_directions(self) -> "Grove":
        """For what no feature is known to push one way only."""
        return replace(self, directions=(0,) * len(self.names))


@dataclass(frozen=True)
class Growth:
    """How many trees each stand has, and which share of the opinion is the regression's."""

    trees: int
    line_share: float = HALF


def plain_name(place: int, name: str) -> str:
    """LightGBM refuses names with commas, quotes or colons, and a foreign register may bring any."""
    return name if name.isidentifier() and name.isascii() else f"feature_{place}"


def grove(names: tuple[str, ...], categories: Categories, catalogue: Catalogue, recipe: Recipe) -> Grove:
    directions = monotone_directions(names, catalogue) if recipe.monotone else [0] * len(names)
    return Grove(names, categories, tuple(directions), travelling(names, catalogue))


def regrow(grove: Grove, examples: pl.DataFrame, growth: Growth, recipe: Recipe) -> lgb.Booster:
    """The mean opinion of the stands of trees and, for its share, of the regression retold, on the days of `examples`.

    With `relative_share`, that part of the opinion comes from others that see only what travels between schools.
    """
    whole = one_view(grove, examples, growth, recipe)
    share = recipe.relative_share
    if share == 0 or not grove.travelling:
        return whole
    return averaged([whole, one_view(grove, grove.far_from_home(examples), growth, recipe)], [1 - share, share])


def one_view(grove: Grove, examples: pl.DataFrame, growth: Growth, recipe: Recipe) -> lgb.Booster:
    line = line_of(grove, examples, recipe) if growth.line_share > 0 else None
    share = growth.line_share if line else 0.0
    stands = grown(grove, examples, growth.trees, recipe)
    shares = [(1 - share) / len(stands)] * len(stands)
    return averaged([*stands, line], [*shares, share]) if line else averaged(stands, shares)


def grown(grove: Grove, examples: pl.DataFrame, count: int, recipe: Recipe) -> list[lgb.Booster]:
    """Stands of the same recipe: each draws other rows and features, and their mean depends less on the draw."""
    taught = grove.dataset(examples)
    return [
        lgb.train(parameters(grove, recipe, stand), taught, num_boost_round=count) for stand in range(recipe.stands)
    ]


def best_growth(grove: Grove, fit: pl.DataFrame, stop: pl.DataFrame, recipe: Recipe) -> Growth:
    """What describes the later days best; if nobody left in them there is nothing to choose by."""
    if stop["label"].sum() == 0:
        return Growth(max(1, recipe.trees // 4))
    taught = grove.dataset(fit)
    stand = lgb.train(
        parameters(grove, recipe),
        taught,
        num_boost_round=recipe.trees,
        valid_sets=[grove.dataset(stop, reference=taught)],
        callbacks=[lgb.early_stopping(recipe.patience, verbose=False)],
    )
    regression = regression_of(grove.names, grove.categories, fit, recipe) if recipe.retold_trees else None
    if regression is None:
        return Growth(max(1, stand.best_iteration), 0.0)
    trees = np.asarray(stand.predict(matrix(stop, grove.names, grove.categories), raw_score=True), dtype=np.float64)
    return Growth(max(1, stand.best_iteration), best_share(log_odds(regression.scores(stop)), trees, stop))


def best_share(line: Numbers, trees: Numbers, stop: pl.DataFrame) -> float:
    """The share at which the later days are least surprising, each mixture being calibrated on them first."""
    label = stop["label"].cast(pl.Float64).to_numpy()
    weight = stop["weight"].to_numpy()

    def surprise(share: float) -> float:
        raw = share * line + (1 - share) * trees
        fitted = fit_calibration(raw, label, weight)
        return loss(fitted.log_odds(raw), label, weight)

    return min(SHARES, key=surprise)


def line_of(grove: Grove, examples: pl.DataFrame, recipe: Recipe) -> lgb.Booster | None:
    return retold(grove.names, grove.categories, examples, grove.dataset, parameters(grove, recipe), recipe)


def parameters(grove: Grove, recipe: Recipe, stand: int = 0) -> dict[str, Any]:
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "num_leaves": recipe.leaves,
        "max_depth": recipe.depth,
        "learning_rate": recipe.learning_rate,
        "min_data_in_leaf": recipe.min_leaf,
        "lambda_l2": recipe.l2,
        "feature_fraction": recipe.feature_share,
        "bagging_fraction": recipe.row_share,
        "bagging_freq": 1,
        "monotone_constraints": list(grove.directions) if any(grove.directions) else None,
        "deterministic": True,
        # By column is twice as fast on a hundred features, and gives the same trees.
        "force_col_wise": True,
        "seed": recipe.seed + stand,
        "num_threads": recipe.threads,
        "verbosity": -1,
    }
