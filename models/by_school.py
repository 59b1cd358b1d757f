"""Each school's own first ten: what its watchlist catches, and how a city list is spread over the schools."""

from collections.abc import Mapping

import polars as pl

from models.fates import known_fate
from models.places import placed
from models.resampling import SCHOOL, Cities, school

PER_SCHOOL = 10
"""Places on a school's own list, as the service publishes it."""

SCHEMA = {
    "method": pl.String,
    "per_school": pl.Int64,
    "listed": pl.Int64,
    "hits": pl.Int64,
    **dict.fromkeys(("precision", "precision_low", "precision_high"), pl.Float64),
    **dict.fromkeys(("recall", "recall_low", "recall_high", "schools_on_city_list", "largest_share"), pl.Float64),
}


def schools_table(
    judged: pl.DataFrame, lists: Mapping[str, pl.DataFrame], cities: Cities, per_school: int = PER_SCHOOL
) -> pl.DataFrame:
    """One row per method: precision and recall of the watchlists; of the city list, the share of schools that are ever
    on it and the share of its places that go to the tenth of schools with most.

    `judged` has the lottery of `models.places.with_lottery`.
    """
    within = ["day", SCHOOL]
    known = judged.with_columns(school())
    room = known.group_by(within).agg(room=pl.len().clip(upper_bound=per_school).cast(pl.Int64))
    watch = {m: placed(known, m, room, within=within) for m in lists}
    gone = known.filter(pl.col("left") == 1).select(*within, "left")
    rows = [
        {"method": m, "per_school": per_school, **watched(watch[m], gone, cities), **spread(lists[m], cities)}
        for m in lists
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def watched(rows: pl.DataFrame, gone: pl.DataFrame, cities: Cities) -> dict[str, object]:
    resolved = rows.filter(known_fate()).select(SCHOOL, "left", one=pl.lit(1.0))
    precision = cities.ratio(resolved, "left", "one")
    found = pl.concat(
        [rows.select(SCHOOL, hit="left", left=pl.lit(0)), gone.select(SCHOOL, hit=pl.lit(0), left="left")],
        how="vertical_relaxed",
    )
    recall = cities.ratio(found, "hit", "left")
    (low, high), (least, most) = precision.interval, recall.interval
    return {
        "listed": rows.height,
        "hits": int(rows["left"].sum()),
        "precision": precision.value,
        "precision_low": low,
        "precision_high": high,
        "recall": recall.value,
        "recall_low": least,
        "recall_high": most,
    }


def spread(listed: pl.DataFrame, cities: Cities) -> dict[str, float | None]:
    """A list that goes to few schools is a question for those schools, not for their children."""
    places = listed.group_by(school()).len().sort("len", descending=True)["len"]
    tenth = max(1, round(cities.size / 10))
    return {
        "schools_on_city_list": len(places) / cities.size if cities.size else None,
        "largest_share": int(places.head(tenth).sum()) / listed.height if listed.height else None,
    }
