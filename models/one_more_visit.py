"""What one more visit a week would find, and how many visits a simpler way of choosing needs to find as many."""

from collections.abc import Mapping

import polars as pl

from models.fates import known_fate
from models.resampling import Cities, Measured

TIMES = (0.25, 0.5, 0.75, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0)
MOST_TIMES = 5
"""How many times the capacity is looked at."""

A_LITTLE_MORE = 1.1
SCHEMA = {"method": pl.String, **dict.fromkeys(("times", "visits", "found", "precision"), pl.Float64)}


def visits_table(places: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """`method, times, visits, found, precision, per_visit`: a week's visits and what they find.

    `places`: of `models.places.placed`, `MOST_TIMES` × the capacity. `per_visit`: leavers found per visit
    added since the row before.
    """
    rows = [visits_row(m, rows, times) for m, rows in places.items() for times in TIMES]
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    added = (pl.col("found").diff() / pl.col("visits").diff().replace(0.0, None)).over("method")
    first = pl.col("found") / pl.col("visits")
    return table.with_columns(per_visit=pl.when(pl.col("visits") > 0).then(pl.coalesce(added, first)))


def visits_row(method: str, rows: pl.DataFrame, times: float) -> tuple[object, ...]:
    seen = rows.filter(pl.col("place") <= times * pl.col("room"))
    resolved, found = int(seen.select(known_fate().sum()).item()), int(seen["left"].sum())
    weeks = max(rows["day"].n_unique(), 1)
    return (method, times, seen.height / weeks, found / weeks, found / resolved if resolved else None)


def one_more(rows: pl.DataFrame, cities: Cities) -> Measured:
    """Leavers found per visit by the tenth of visits that comes after the cut."""
    after = (pl.col("place") > pl.col("room")) & (pl.col("place") <= A_LITTLE_MORE * pl.col("room"))
    told = rows.filter(after & known_fate())
    return cities.ratio(told.with_columns(one=pl.lit(1.0)), "left", "one")


def visits_to_match(rows: pl.DataFrame, found: int) -> float | None:
    """The weekly visits with which these places find as many; None where `MOST_TIMES` the capacity is not enough."""
    order = rows.with_columns(depth=pl.col("place") / pl.col("room")).sort("depth", "day")
    enough = order.with_columns(sum=pl.col("left").cum_sum(), visits=pl.int_range(1, pl.len() + 1))
    reached = enough.filter(pl.col("sum") >= found)
    return int(reached["visits"][0]) / rows["day"].n_unique() if reached.height and found else None


def access_ratio(visits: pl.DataFrame, model: str, simpler: str) -> float | None:
    """The prediction-access ratio: what a tenth more visits finds, by what the model finds that the simpler way misses.

    Above one, more visits are worth more than the model. Source: Perdomo, "The Relative Value of Prediction in
    Algorithmic Decision Making" (2024). None where the model finds no more.
    """
    found = {(m, t): f for m, t, f in visits.select("method", "times", "found").iter_rows()}
    if (simpler, 1.0) not in found or (model, 1.0) not in found:
        return None
    better = float(found[model, 1.0] - found[simpler, 1.0])
    more = float(found[model, A_LITTLE_MORE] - found[model, 1.0])
    return more / better if better > 0 else None
