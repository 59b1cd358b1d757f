"""How much worse the list is in schools that taught nothing: the same children, told with and without their schools."""

from collections.abc import Mapping

import polars as pl

from models.beside import name_of
from models.borrowed_gates import UNSEEN_AREA
from models.evaluation import judged_period
from models.evaluation_table import MODEL, OTHER
from models.fates import has_left, known_fate
from models.metrics import area_under_curve
from models.places import Capacity
from models.ranking import TIE_SEED
from models.recipe import Recipe
from models.unseen import PREFIX, Unseen

LOST = "lost."
STATED = ("auc", "precision")
DRAWS = 200


def stated_loss(unseen: Unseen, judged: pl.DataFrame, recipe: Recipe) -> dict[str, float]:
    """`lost.auc`, `lost.precision`, each with `_low` and `_high`, and `lost.schools`; empty where nobody left there.

    Of the judged rows of the schools left out: what the model that was taught in them finds, less what the one that
    was not finds, with their part of the visits. The interval draws those schools again, for both models alike.
    """
    theirs = judged.filter(pl.col("institution_id").is_in(unseen.schools))
    if theirs.filter(has_left()).is_empty() or PREFIX + MODEL not in theirs.columns:
        return {}
    told = theirs.with_columns(pl.col(MODEL).alias(OTHER), pl.col(PREFIX + MODEL).alias(MODEL))
    room = Capacity(None, recipe.capacity_share, recipe.capacity_least)
    period = judged_period(told, {MODEL: True, OTHER: True}, room, None, DRAWS, TIE_SEED)
    rows = {row["figure"]: row for row in period.comparison().iter_rows(named=True)}
    lost = {name: value for figure in STATED for name, value in turned(figure, rows[figure]).items()}
    return {**lost, f"{LOST}schools": float(theirs["institution_id"].n_unique())} if lost else {}


def beside_in_unseen(unseen: Unseen | None, judged: pl.DataFrame, seal: str) -> dict[str, float]:
    """`against.<seal>.unseen_auc`: of the version in use, in the schools that taught the new one nothing."""
    if unseen is None or OTHER not in judged.columns:
        return {}
    theirs = judged.filter(pl.col("institution_id").is_in(unseen.schools) & known_fate())
    label = theirs.select(has_left().cast(pl.Float64)).to_series().to_numpy()
    area = area_under_curve(label, theirs[OTHER].to_numpy())
    return {} if area is None else {f"{name_of(seal)}.{UNSEEN_AREA}": area}


def turned(figure: str, row: Mapping[str, float | None]) -> dict[str, float]:
    """A difference, unseen less seen, as what is lost; its upper end is the lower end turned over."""
    told = {figure: row["difference"], f"{figure}_low": row["high"], f"{figure}_high": row["low"]}
    return {f"{LOST}{name}": -value for name, value in told.items() if value is not None}
