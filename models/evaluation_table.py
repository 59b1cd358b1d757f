"""The columns of the evaluation's table, their order, and how each figure's interval is named."""

from collections.abc import Sequence

import polars as pl

from models.resampling import Figures

BEST = "best_possible"
MODEL = "model"
OTHER = "other_version"

LONG_NAMES = {
    "precision": "precision_at_capacity",
    "recall": "recall_at_capacity",
    "slope": "calibration_slope",
    "intercept": "calibration_intercept",
}
"""Figures whose column is called otherwise; their intervals keep the short name."""

WITH_INTERVAL = (
    *(
        "precision",
        "recall",
        "ratio_to_best",
        "auc",
        "average_precision",
        "brier",
        "ece",
        "slope",
        "intercept",
        "said_at_capacity",
    ),
    *("lead_4w", "new_names", "jaccard", "off_roll", "risen", "new_fact", "one_more_visit", "precision_unvisited"),
)
ALONE = ("lift", "ece_by_chance", "dwell_weeks", "new_fact_of_kept", "visits_to_match_model")
UNVISITED = ("recall_unvisited", "auc_unvisited", "visited_share")
COUNTS = ("days", "students", "capacity", "rows", "left", "hits", "listed", "unresolved")

FIGURES: Sequence[str] = (
    *(column for name in WITH_INTERVAL for column in (LONG_NAMES.get(name, name), f"{name}_low", f"{name}_high")),
    *("model_above_low", "model_above_high", "precision_weekly_mean", "recall_weekly_mean"),
    *ALONE,
    *UNVISITED,
)
COLUMNS: Sequence[str] = ("method", *FIGURES, *COUNTS)


def columns_of(figures: Figures) -> dict[str, float | None]:
    """Each figure under its column, with the bounds of its interval."""
    told: dict[str, float | None] = {}
    for name, measured in figures.items():
        low, high = measured.interval
        told |= {LONG_NAMES.get(name, name): measured.value, f"{name}_low": low, f"{name}_high": high}
    return told


def ordered(table: pl.DataFrame) -> pl.DataFrame:
    """Every column in its place; null for what was not measured."""
    missing = [pl.lit(None, pl.Float64).alias(name) for name in FIGURES if name not in table.columns]
    return table.with_columns(missing).select(COLUMNS).with_columns(pl.col(list(FIGURES)).cast(pl.Float64))
