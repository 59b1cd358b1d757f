"""The first trees retell the regression, so that those that follow only have to learn what it cannot say."""

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from models.baselines import fit_regression
from models.examples import thinned
from models.inputs import Categories
from models.recipe import Recipe

ROWS = 300_000
"""Enough to retell a line: its scores have no noise."""

SMALL = {"objective": "regression", "num_leaves": 3, "max_depth": 2, "learning_rate": 0.1, "min_data_in_leaf": 20}
"""A sum over features needs no more than one split a tree; two let a missing value go its own way."""


def retold(
    names: tuple[str, ...],
    categories: Categories,
    examples: pl.DataFrame,
    dataset: Callable[[pl.DataFrame, np.ndarray], lgb.Dataset],
    parameters: dict[str, Any],
    recipe: Recipe,
) -> lgb.Booster | None:
    """Small trees that give each student the regression's log-odds; None where there is no regression to retell.

    Few children leave, and a regression needs few of them to find its line; trees that start from nothing spend most
    of what they see on finding it too. The rules that bind the trees (``monotone``) bind these as well.
    """
    if recipe.retold_trees == 0:
        return None
    rows = thinned(examples, ROWS, recipe.seed)
    regression = fit_regression(rows, names, categories)
    if regression is None:
        return None
    chance = np.clip(regression.scores(rows), 1e-9, 1 - 1e-9)
    target = np.log(chance / (1 - chance))
    return lgb.train(parameters | SMALL, dataset(rows, target), num_boost_round=recipe.retold_trees)
