"""Grows the trees: how many is chosen on later days; then they are grown again on all of them."""

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from features.feature import Catalogue
from models.inputs import Categories, matrix, monotone_directions
from models.recipe import Recipe
from models.retelling import retold


@dataclass(frozen=True)
class Grove:
    """What the trees read and how: the names in order, the words of each category, the direction each may push."""

    names: tuple[str, ...]
    categories: Categories
    directions: tuple[int, ...]

    def dataset(
        self, examples: pl.DataFrame, target: np.ndarray | None = None, reference: lgb.Dataset | None = None
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


def plain_name(place: int, name: str) -> str:
    """LightGBM refuses names with commas, quotes or colons, and a foreign register may bring any."""
    return name if name.isidentifier() and name.isascii() else f"feature_{place}"


def grove(names: tuple[str, ...], categories: Categories, catalogue: Catalogue, recipe: Recipe) -> Grove:
    directions = monotone_directions(names, catalogue) if recipe.monotone else [0] * len(names)
    return Grove(names, categories, tuple(directions))


def regrow(grove: Grove, examples: pl.DataFrame, count: int, recipe: Recipe) -> lgb.Booster:
    """The regression retold, and `count` trees more, on the days of `examples`."""
    first = retelling(grove, examples, recipe)
    return lgb.train(parameters(grove, recipe), grove.dataset(examples), num_boost_round=count, init_model=first)


def best_count(grove: Grove, fit: pl.DataFrame, stop: pl.DataFrame, recipe: Recipe) -> int:
    """The number of trees that describes the later days best; if nobody left in them there is nothing to choose by."""
    if stop["label"].sum() == 0:
        return max(1, recipe.trees // 4)
    taught, first = grove.dataset(fit), retelling(grove, fit, recipe)
    booster = lgb.train(
        parameters(grove, recipe),
        taught,
        num_boost_round=recipe.trees,
        valid_sets=[grove.dataset(stop, reference=taught)],
        callbacks=[lgb.early_stopping(recipe.patience, verbose=False)],
        init_model=first,
    )
    return max(1, booster.best_iteration - (first.num_trees() if first else 0))


def retelling(grove: Grove, examples: pl.DataFrame, recipe: Recipe) -> lgb.Booster | None:
    return retold(grove.names, grove.categories, examples, grove.dataset, parameters(grove, recipe), recipe)


def parameters(grove: Grove, recipe: Recipe) -> dict[str, Any]:
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
        "force_row_wise": True,
        "seed": recipe.seed,
        "num_threads": recipe.threads,
        "verbosity": -1,
    }
