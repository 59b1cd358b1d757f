"""The figures by which a way of ordering students is judged."""

import numpy as np
import polars as pl

from models.calibration import log_odds, logistic_line
from models.resampling import Numbers, interval

__all__ = [
    "area_under_curve",
    "average_precision",
    "brier",
    "calibration_error",
    "calibration_line",
    "deciles",
    "error_by_chance",
    "in_deciles",
    "interval",
]

DECILES = 10


def area_under_curve(label: Numbers, score: Numbers) -> float | None:
    """The chance that a child who left was placed above one who stayed; None when there is only one kind.

    Exact, equal scores counting half; from one sort, since a city's year has millions of rows and few who left.
    """
    left, stayed = score[label > 0], np.sort(score[label == 0])
    if not (len(left) and len(stayed)):
        return None
    below = np.searchsorted(stayed, left, side="left") + np.searchsorted(stayed, left, side="right")
    return float(below.sum() / 2 / len(left) / len(stayed))


def average_precision(label: Numbers, score: Numbers) -> float | None:
    """The mean, over those who left, of how many placed as high had left too; None when nobody left."""
    left, everyone = np.sort(score[label > 0]), np.sort(score)
    if not len(left):
        return None
    as_high = [len(group) - np.searchsorted(group, left, side="left") for group in (left, everyone)]
    return float(np.mean(as_high[0] / as_high[1]))


def brier(label: Numbers, chance: Numbers) -> float | None:
    return float(np.mean((chance - label) ** 2)) if len(label) else None


def calibration_line(label: Numbers, chance: Numbers) -> tuple[float | None, float | None]:
    """Slope and intercept of what happened on what was said, in log-odds: 1 and 0 when chances can be believed."""
    if not 0 < label.sum() < len(label) or np.ptp(chance) == 0:
        return None, None
    return logistic_line(log_odds(chance), label)


def in_deciles(chance: pl.Expr) -> pl.Expr:
    """1 to 10, as many rows in each, by what was said; equal chances are parted in the order of the rows."""
    return (((chance.rank("ordinal") - 1) * DECILES) // pl.len() + 1).cast(pl.Int8).alias("decile")


def deciles(label: Numbers, chance: Numbers) -> pl.DataFrame:
    """Students in ten groups by what was said: how many would leave, and how many left."""
    told = pl.DataFrame({"label": label, "chance": chance}).with_columns(in_deciles(pl.col("chance")))
    groups = told.group_by("decile", maintain_order=True).agg(
        rows=pl.len(), expected=pl.col("chance").mean(), observed=pl.col("label").mean()
    )
    return groups.sort("decile")


def calibration_error(told: pl.DataFrame) -> float | None:
    """ECE: how far, on average over everyone, what was said of a decile is from what happened in it."""
    if told.is_empty():
        return None
    apart = ((pl.col("expected") - pl.col("observed")).abs() * pl.col("rows")).sum() / pl.col("rows").sum()
    return float(told.select(apart).item())


def error_by_chance(told: pl.DataFrame) -> float | None:
    """The ECE that chances told exactly right would have by luck alone: the mean of a normal's absolute value."""
    if told.is_empty():
        return None
    spread = (pl.col("rows") * pl.col("expected") * (1 - pl.col("expected"))).sqrt().sum() / pl.col("rows").sum()
    return float(told.select(spread).item()) * float(np.sqrt(2 / np.pi))
