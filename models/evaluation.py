"""At the capacity of real visits: how many listed left, how many who left were listed, beside every baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.metrics import (
    Numbers,
    area_under_curve,
    average_precision,
    brier,
    calibration_line,
    deciles,
    interval,
    precision_draws,
    school_counts,
)
from models.ranking import TIE_SEED, capacity_of, lottery

BEST = "best_possible"
MODEL = "model"
Figure = float | int | str | None


@dataclass(frozen=True)
class Capacity:
    """How many students are contacted each Monday: a number that somebody declared, or a share of those on roll."""

    declared: int | None = None
    share: float = 300 / 160_000
    least: int = 5

    def of(self, students: int) -> int:
        if self.declared is not None:
            return min(self.declared, students)
        return capacity_of(students, self.share, self.least)


@dataclass(frozen=True)
class Evaluation:
    table: pl.DataFrame
    deciles: pl.DataFrame
    weeks: pl.DataFrame
    notes: tuple[str, ...] = ()


def evaluate(
    judged: pl.DataFrame,
    methods: Mapping[str, bool],
    capacity: Capacity,
    truth: pl.DataFrame | None = None,
    draws: int = 200,
    seed: int = TIE_SEED,
) -> Evaluation:
    """`judged`: student_id, day, institution_id, outcome, a column per method; `methods` says which are chances."""
    judged, methods = with_best(judged, methods, truth)
    drawn_lots = with_lottery(judged, seed)
    lists = {method: listed(drawn_lots, method, capacity) for method in methods}
    resolved = {method: rows.filter(pl.col("outcome") != "UNKNOWN") for method, rows in lists.items()}
    drawn = precision_draws({m: school_counts(rows) for m, rows in resolved.items()}, draws, seed)
    rows = [
        {**at_capacity(judged, lists[m], method=m), **spread(drawn, m), **overall(judged, m, chances)}
        for m, chances in methods.items()
    ]
    weeks = pl.concat([by_week(judged, lists[m]).with_columns(method=pl.lit(m)) for m in methods])
    return Evaluation(beside_best(pl.DataFrame(rows, infer_schema_length=None)), model_deciles(judged), weeks)


def evaluate_table(
    judged: pl.DataFrame,
    methods: Mapping[str, bool],
    capacity: Capacity,
    truth: pl.DataFrame | None = None,
    draws: int = 200,
    seed: int = TIE_SEED,
) -> pl.DataFrame:
    """One row per method; see `evaluate` for the arguments."""
    return evaluate(judged, methods, capacity, truth, draws, seed).table


def with_best(
    judged: pl.DataFrame, methods: Mapping[str, bool], truth: pl.DataFrame | None
) -> tuple[pl.DataFrame, dict[str, bool]]:
    """The best possible list: whoever made the city up knows each child's true chance; no model can know more."""
    judged = judged.with_columns(left=(pl.col("outcome") == "LEFT").cast(pl.Int8))
    if truth is None:
        return judged, dict(methods)
    known = truth.select("student_id", "day", pl.col("chance_4w").cast(pl.Float64).alias(BEST))
    judged = judged.join(known, on=["student_id", "day"], how="left", maintain_order="left")
    return judged.with_columns(pl.col(BEST).fill_null(0.0)), {**methods, BEST: True}


def with_lottery(judged: pl.DataFrame, seed: int) -> pl.DataFrame:
    return judged.with_columns(pl.Series("_lottery", lottery(judged, seed)))


def listed(judged: pl.DataFrame, method: str, capacity: Capacity) -> pl.DataFrame:
    """Each Monday's list as it would have gone out: everyone on roll is in the draw, whatever became of them."""
    order = judged.select("student_id", "day", "institution_id", "outcome", "left", method, "_lottery")
    keys = ["day", method, "_lottery", "student_id"]
    order = order.sort(keys, descending=[False, True, False, False], nulls_last=True)
    sizes = {day: capacity.of(students) for day, students in judged.group_by("day").len().rows()}
    room = pl.col("day").replace_strict(sizes, return_dtype=pl.Int64)
    return order.filter(pl.int_range(pl.len()).over("day") < room).drop("_lottery", method)


def by_week(judged: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Per Monday: how many were listed and resolved, how many of them left, and how many left in all."""
    left = judged.group_by("day").agg(left=pl.col("left").sum(), students=pl.len())
    known = pl.col("outcome") != "UNKNOWN"
    found = rows.group_by("day").agg(hits=pl.col("left").sum(), resolved=known.sum(), listed=pl.len())
    return (
        left.join(found, on="day", how="left")
        .sort("day")
        .select(
            "day",
            "students",
            "listed",
            "resolved",
            "hits",
            "left",
            precision=pl.col("hits") / pl.col("resolved"),
            recall=pl.when(pl.col("left") > 0).then(pl.col("hits") / pl.col("left")),
        )
    )


def at_capacity(judged: pl.DataFrame, rows: pl.DataFrame, method: str) -> dict[str, Figure]:
    """NOTE: a listed child who moved away is a visit that found no dropout; one of unknown fate counts as neither."""
    weeks = by_week(judged, rows)
    hits, resolved, left = (int(weeks[column].sum()) for column in ("hits", "resolved", "left"))
    known = judged.filter(pl.col("outcome") != "UNKNOWN").height
    precision = share(hits, resolved)
    base = share(left, known)
    return {
        "method": method,
        "precision_at_capacity": precision,
        "recall_at_capacity": share(hits, left),
        "lift": precision / base if precision is not None and base else None,
        "precision_weekly_mean": mean(weeks["precision"]),
        "recall_weekly_mean": mean(weeks["recall"]),
        "days": weeks.height,
        "students": judged["student_id"].n_unique(),
        "capacity": round(rows.height / max(weeks.height, 1)),
        "rows": judged.height,
        "left": left,
        "hits": hits,
        "listed": rows.height,
        "unresolved": rows.height - resolved,
    }


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def mean(numbers: pl.Series) -> float | None:
    known = numbers.drop_nulls().drop_nans().to_numpy()
    return float(np.mean(known)) if len(known) else None


def spread(drawn: Mapping[str, Numbers], method: str) -> dict[str, Figure]:
    """95 % intervals over schools: of the precision, and of how far above it the model is on the same draws."""
    low, high = interval(drawn.get(method))
    paired = drawn[MODEL] - drawn[method] if MODEL in drawn and method in drawn and method != MODEL else None
    above_low, above_high = interval(paired)
    return {
        "precision_low": low,
        "precision_high": high,
        "model_above_low": above_low,
        "model_above_high": above_high,
    }


def overall(judged: pl.DataFrame, method: str, chances: bool) -> dict[str, Figure]:
    """Over everyone who stayed or left, not only those listed."""
    told = judged.filter(pl.col("outcome").is_in(["LEFT", "STAYED"]))
    label, score = (told[column].to_numpy().astype(float) for column in ("left", method))
    slope, intercept = calibration_line(label, score) if chances else (None, None)
    return {
        "auc": area_under_curve(label, score),
        "average_precision": average_precision(label, score),
        "brier": brier(label, score) if chances else None,
        "calibration_slope": slope,
        "calibration_intercept": intercept,
    }


def model_deciles(judged: pl.DataFrame) -> pl.DataFrame:
    told = judged.filter(pl.col("outcome").is_in(["LEFT", "STAYED"]))
    return deciles(told["left"].to_numpy().astype(float), told[MODEL].to_numpy())


def beside_best(table: pl.DataFrame) -> pl.DataFrame:
    """How much of what could be known at all each method finds; empty where the truth is not known."""
    best = table.filter(pl.col("method") == BEST)["precision_at_capacity"].to_list()
    ratio = pl.col("precision_at_capacity") / best[0] if best and best[0] else pl.lit(None, pl.Float64)
    return ordered(table.with_columns(ratio_to_best=ratio.cast(pl.Float64)))


COLUMNS: Sequence[str] = (
    "method",
    "precision_at_capacity",
    "precision_low",
    "precision_high",
    "recall_at_capacity",
    "lift",
    "ratio_to_best",
    "model_above_low",
    "model_above_high",
    "precision_weekly_mean",
    "recall_weekly_mean",
    "auc",
    "average_precision",
    "brier",
    "calibration_slope",
    "calibration_intercept",
    "days",
    "students",
    "capacity",
    "rows",
    "left",
    "hits",
    "listed",
    "unresolved",
)
FRACTIONS = COLUMNS[1:16]


def ordered(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(COLUMNS).with_columns(pl.col(list(FRACTIONS)).cast(pl.Float64))
