"""Two models on the same Mondays: what changes for the children found, and what the change of names costs the team."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from models.resampling import Cities, Figures, Measured
from models.steadiness import neighbours

KEYS = ["student_id", "day"]

COMPARED = (
    *("precision", "recall", "lead_4w", "auc", "average_precision", "brier", "ece"),
    *("new_names", "jaccard", "precision_unvisited"),
)
SCHEMA = {"figure": pl.String, **dict.fromkeys(("model", "other", "difference", "low", "high"), pl.Float64)}


def compare(
    model: Figures, other: Figures, lists: tuple[pl.DataFrame, pl.DataFrame], weeks: int, cities: Cities
) -> pl.DataFrame:
    """`figure, model, other, difference, low, high`: differences on the same schools drawn again.

    After the figures of both: `shared_names` (of one list's names, the share that is on the other's too),
    `found_apart` (leavers a week that only one of the two finds), `swapped_names` (names a week that a change of model
    would put in the place of others, beyond those that change anyway), `weeks_to_repay` (how many weeks of more leavers
    found pay for one swap, at one name for one child; empty where no more are found).
    """
    told = [paired(name, model[name], other[name]) for name in COMPARED if name in model and name in other]
    return pl.DataFrame([*told, *swap(lists, weeks, cities)], schema=SCHEMA, orient="row")


def paired(name: str, model: Measured, other: Measured) -> tuple[object, ...]:
    apart = model.above(other)
    return (name, model.value, other.value, apart.value, *apart.interval)


def swap(lists: tuple[pl.DataFrame, pl.DataFrame], weeks: int, cities: Cities) -> list[tuple[object, ...]]:
    mine, theirs = lists
    both = mine.join(theirs.select(*KEYS, shared=pl.lit(1.0)), on=KEYS, how="left")
    shared = cities.ratio(
        both.select("institution_id", pl.col("shared").fill_null(0.0), one=pl.lit(1.0)), "shared", "one"
    )
    only = [int(a.join(b, on=KEYS, how="anti")["left"].sum()) / weeks for a, b in ((mine, theirs), (theirs, mine))]
    extra = entering(mine, theirs) - entering(theirs, theirs)
    repaid = max(extra, 0.0) / (only[0] - only[1]) if only[0] > only[1] else None
    alone = (None, None, None, None)
    return [
        ("shared_names", shared.value, shared.value, None, *shared.interval),
        ("found_apart", only[0], only[1], only[0] - only[1], None, None),
        ("swapped_names", extra, *alone),
        ("weeks_to_repay", repaid, *alone),
    ]


def entering(now: pl.DataFrame, before: pl.DataFrame) -> float:
    """How many names of a Monday's list were not on the other's list a week earlier, on average."""
    pairs = neighbours(now["day"])
    held = before.rename({"day": "before"}).join(pairs, on="before").select(KEYS)
    new = now.join(pairs, on="day").join(held, on=KEYS, how="anti")
    return new.height / max(pairs.height, 1)


def figure(table: pl.DataFrame, name: str, column: str = "difference") -> float | None:
    """One figure of the table; None where it was not compared."""
    found: Mapping[str, float | None] = dict(table.select("figure", column).iter_rows())
    value = found.get(name)
    return None if value is None or np.isnan(value) else float(value)
