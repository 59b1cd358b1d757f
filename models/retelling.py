"""Small trees retell the regression, so that its opinion and that of the trees can be told as one sum."""

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from models.baselines import Regression, fit_regression
from models.examples import thinned
from models.inputs import Categories
from models.recipe import Recipe

ROWS = 120_000
"""Enough to find a line; and to retell it: its scores have no noise."""

SMALL = {"objective": "regression", "num_leaves": 3, "max_depth": 2, "learning_rate": 0.1, "min_data_in_leaf": 20}
"""A sum over features needs no more than one split a tree; two let a missing value go its own way."""

APART = {
    "num_leaves": 8, "max_depth": 4, "learning_rate": 0.3, "min_data_in_leaf": 5, "feature_fraction": 1.0,
    "bagging_fraction": 1.0, "lambda_l2": 0.0, "min_data_per_group": 1, "cat_smooth": 1.0, "cat_l2": 0.0,
    "max_cat_to_onehot": 2,
}  # fmt: skip
"""Where each tree reads one feature (`retold_apart`) it may be large: 600 of them say what 1,500 small ones do."""


def retold(
    names: tuple[str, ...],
    categories: Categories,
    examples: pl.DataFrame,
    dataset: Callable[[pl.DataFrame, np.ndarray], lgb.Dataset],
    parameters: dict[str, Any],
    recipe: Recipe,
) -> lgb.Booster | None:
    """Small trees that give each student the regression's log-odds; None where there is no regression to retell.

    Few children leave, and a regression needs few of them to find its line. The rules that bind the trees
    (``monotone``) bind these as well.
    """
    if recipe.retold_trees == 0:
        return None
    rows = thinned(examples, ROWS, recipe.seed)
    regression = regression_of(names, categories, examples, recipe)
    if regression is None:
        return None
    chance = np.clip(regression.scores(rows), 1e-9, 1 - 1e-9)
    target = np.log(chance / (1 - chance))
    how = parameters | SMALL
    if recipe.retold_apart:
        how |= APART | {"interaction_constraints": [[place] for place in range(len(names))]}
    return lgb.train(how, dataset(rows, target), num_boost_round=recipe.retold_trees)


def regression_of(
    names: tuple[str, ...], categories: Categories, examples: pl.DataFrame, recipe: Recipe
) -> Regression | None:
    """The line to retell; None where nobody left, or everybody did."""
    return fit_regression(thinned(examples, ROWS, recipe.seed), names, categories, recipe.hold)
