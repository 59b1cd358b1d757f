"""What a list finds and what it misses, on the roll that it was cut from."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from models.fates import known_fate
from models.places import SCORE
from models.resampling import SCHOOL, Cities, Figures, Measured

Counts = dict[str, float | int | None]


@dataclass(frozen=True)
class Roll:
    """What is the same for every method, worked out once: a city's year has millions of rows.

    `days`: day, students, left. `gone`: the institution of each row that left. `told`: those of known fate, with what
    each method says of them. `base`: the share of them that left.
    """

    days: pl.DataFrame
    gone: pl.DataFrame
    told: pl.DataFrame
    base: float | None
    students: int


def roll_of(judged: pl.DataFrame, methods: Iterable[str]) -> Roll:
    slim = judged.select("outcome", SCHOOL, "left", *methods)
    told, left = slim.filter(known_fate()).drop("outcome"), int(judged["left"].sum())
    return Roll(
        days=judged.group_by("day").agg(students=pl.len(), left=pl.col("left").sum()).sort("day"),
        gone=slim.filter(pl.col("left") == 1).select(SCHOOL, left=pl.lit(1.0), hit=pl.lit(0.0)),
        told=told,
        base=left / told.height if told.height else None,
        students=judged["student_id"].n_unique(),
    )


def at_the_cut(rows: pl.DataFrame, roll: Roll, chances: bool, cities: Cities) -> Figures:
    """NOTE: a listed child who moved away is a visit that found no dropout; one of unknown fate counts as neither."""
    resolved = of_known_fate(rows)
    hits = rows.select(SCHOOL, left=pl.lit(0.0), hit=pl.col("left").cast(pl.Float64))
    precision = cities.ratio(resolved, "left", "one")
    lift = precision.value / roll.base if precision.value is not None and roll.base else None
    said = {"said_at_capacity": cities.ratio(resolved, SCORE, "one")} if chances else {}
    return {
        "precision": precision,
        "recall": cities.ratio(pl.concat([roll.gone, hits]), "hit", "left"),
        "lift": Measured(lift),
        **said,
    }


def of_known_fate(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(known_fate()).with_columns(one=pl.lit(1.0))


def beside_best(rows: pl.DataFrame, best: pl.DataFrame, cities: Cities) -> Measured:
    """A list's precision by the best possible list's, on the Mondays of which the truth is known."""
    same = best.select("day").unique()
    pair = [of_known_fate(one.join(same, on="day", how="semi")) for one in (rows, best)]
    own, top = (cities.ratio(one, "left", "one") for one in pair)
    if own.value is None or not top.value:
        return Measured(None)
    return Measured(own.value / top.value, own.draws / top.draws)


def by_week(roll: Roll, rows: pl.DataFrame) -> pl.DataFrame:
    """Per Monday: how many were listed and resolved, how many of them left, and how many left in all."""
    found = rows.group_by("day").agg(hits=pl.col("left").sum(), resolved=known_fate().sum(), listed=pl.len())
    return (
        roll.days.join(found, on="day", how="left")
        .sort("day")
        .select(
            *("day", "students", "listed", "resolved", "hits", "left"),
            precision=pl.col("hits") / pl.col("resolved"),
            recall=pl.when(pl.col("left") > 0).then(pl.col("hits") / pl.col("left")),
        )
    )


def counts(roll: Roll, rows: pl.DataFrame) -> Counts:
    weeks = by_week(roll, rows)
    hits, resolved, left = (int(weeks[column].sum()) for column in ("hits", "resolved", "left"))
    return {
        "precision_weekly_mean": mean(weeks["precision"]),
        "recall_weekly_mean": mean(weeks["recall"]),
        "days": weeks.height,
        "students": roll.students,
        "capacity": round(rows.height / max(weeks.height, 1)),
        "rows": int(weeks["students"].sum()),
        "left": left,
        "hits": hits,
        "listed": rows.height,
        "unresolved": rows.height - resolved,
    }


def mean(numbers: pl.Series) -> float | None:
    known = numbers.drop_nulls().drop_nans().to_numpy()
    return float(known.mean()) if len(known) else None
