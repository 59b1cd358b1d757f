"""Can the chances be believed: over everyone, tenth by tenth, and group by group, with how sure that is."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from models.calibration import log_odds
from models.metrics import (
    area_under_curve,
    average_precision,
    brier,
    calibration_error,
    error_by_chance,
    in_deciles,
)
from models.redrawn import Binned, binned, drawn_area, drawn_average_precision, drawn_lines, line_of
from models.resampling import SCHOOL, Cities, Figures, Measured, Numbers, divided, school

ENOUGH_ROWS = 200
"""A decile with fewer rows says nothing of a chance."""

Z = 1.959964


def order_figures(told: pl.DataFrame, method: str, chances: bool, cities: Cities) -> Figures:
    """AUC and AP of any order; Brier, ECE, slope and intercept of one that is meant as a chance."""
    label, score = (told[column].cast(pl.Float64).to_numpy() for column in ("left", method))
    bins = binned(told, label, score, cities)
    area, precision = drawn_area(bins), drawn_average_precision(bins)
    order = {
        "auc": area.moved_to(area_under_curve(label, score)),
        "average_precision": precision.moved_to(average_precision(label, score)),
    }
    return {**order, **(chance_figures(told, label, score, bins, cities) if chances else {})}


def chance_figures(told: pl.DataFrame, label: Numbers, score: Numbers, bins: Binned, cities: Cities) -> Figures:
    slope, intercept = line_of(label, score, log_odds)
    slopes, intercepts = drawn_lines(bins, log_odds) if slope is not None else (Measured(None), Measured(None))
    wrong = told.select(SCHOOL, wrong=pl.Series((score - label) ** 2), one=pl.lit(1.0))
    tenths = by_decile(told.select(SCHOOL, "left", chance=pl.Series(score)))
    return {
        "brier": cities.ratio(wrong, "wrong", "one").moved_to(brier(label, score)),
        "ece": decile_error(tenths, cities),
        "ece_by_chance": Measured(error_by_chance(deciles_of(tenths))),
        "slope": slopes.moved_to(slope),
        "intercept": intercepts.moved_to(intercept),
    }


def by_decile(told: pl.DataFrame) -> pl.DataFrame:
    """Per tenth and school: `rows`, how many would leave and how many left; summed in the order of the rows.

    NOTE: sums of fractions differ in their last digit with their order, and the same data must give the same table.
    """
    tenths = told.with_columns(in_deciles(pl.col("chance")))
    return tenths.group_by("decile", school(), maintain_order=True).agg(
        rows=pl.len(), expected=pl.col("chance").sum(), observed=pl.col("left").sum().cast(pl.Float64)
    )


def deciles_of(tenths: pl.DataFrame) -> pl.DataFrame:
    sums = (
        tenths.group_by("decile", maintain_order=True).agg(pl.col("rows", "expected", "observed").sum()).sort("decile")
    )
    return sums.with_columns(pl.col("expected", "observed") / pl.col("rows"))


def decile_error(tenths: pl.DataFrame, cities: Cities) -> Measured:
    """NOTE: a drawn city is off by its own luck besides; the interval is moved back by as much."""
    value = calibration_error(deciles_of(tenths))
    parts = tenths.partition_by("decile")
    apart = sum(np.abs(cities.totals(one, "expected") - cities.totals(one, "observed")) for one in parts)
    everyone = sum(cities.totals(one, "rows") for one in parts)
    if value is None or not len(cities.weights):
        return Measured(value)
    draws = divided(np.asarray(apart), np.asarray(everyone))
    return Measured(value, np.clip(draws + (value - np.nanmean(draws)), 0, None))


def decile_table(told: pl.DataFrame, method: str, cities: Cities) -> pl.DataFrame:
    """`decile, rows, expected, observed, low, high, inside`: whether what was said lies where what happened could."""
    tenths = by_decile(told.select(SCHOOL, "left", chance=pl.col(method)))
    rows = [{**row, **bounds(row, tenths, cities)} for row in deciles_of(tenths).iter_rows(named=True)]
    table = pl.DataFrame(rows, schema_overrides={"low": pl.Float64, "high": pl.Float64}, infer_schema_length=None)
    within = pl.col("expected").is_between("low", "high")
    return table.with_columns(inside=pl.when(pl.col("rows") >= ENOUGH_ROWS).then(within))


def bounds(row: Mapping[str, float], tenths: pl.DataFrame, cities: Cities) -> dict[str, float | None]:
    """The wider of two intervals: of the schools drawn again, and of so few children, which no draw can widen."""
    share = cities.ratio(tenths.filter(pl.col("decile") == row["decile"]), "observed", "rows")
    low, high = share.interval
    least, most = wilson(row["observed"], row["rows"])
    return {"low": least if low is None else min(low, least), "high": most if high is None else max(high, most)}


def wilson(share: float, rows: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: it holds for rare events and for none at all."""
    middle = (share + Z**2 / (2 * rows)) / (1 + Z**2 / rows)
    half = Z * np.sqrt(share * (1 - share) / rows + Z**2 / (4 * rows**2)) / (1 + Z**2 / rows)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
