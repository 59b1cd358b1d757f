"""Early enough to act: how many of those who left were on a list weeks before their last day."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from models.fates import has_left
from models.resampling import SCHOOL, Cities, Measured

WEEKS = (0, 1, 2, 3, 4, 6, 8, 12)
ENOUGH_WEEKS = 4
YEAR = timedelta(weeks=40)
"""A list of longer ago says nothing of this departure."""

SCHEMA = {
    "method": pl.String,
    "weeks": pl.Int64,
    "caught": pl.Int64,
    "could": pl.Int64,
    **dict.fromkeys(("share", "low", "high"), pl.Float64),
}


def departures(judged: pl.DataFrame) -> pl.DataFrame:
    """One row per child and departure: `student_id, institution_id, happened_on`; empty where the days are not told."""
    if "happened_on" not in judged.columns:
        return pl.DataFrame(schema={"student_id": pl.String, SCHOOL: pl.String, "happened_on": pl.Date})
    left = judged.filter(has_left() & pl.col("happened_on").is_not_null())
    return left.group_by("student_id", "happened_on", maintain_order=True).agg(pl.col(SCHOOL).last())


def weeks_ahead(gone: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Of each departure, how many weeks before it the first of `rows` (student_id, day) was; null where none was."""
    before = rows.select("student_id", "day").join(gone.select("student_id", "happened_on"), on="student_id")
    before = before.filter(pl.col("day").is_between(pl.col("happened_on") - YEAR, pl.col("happened_on")))
    first = before.group_by("student_id", "happened_on").agg(pl.col("day").min())
    ahead = (pl.col("happened_on") - pl.col("day")).dt.total_days() / 7
    return gone.join(first.with_columns(ahead=ahead), on=["student_id", "happened_on"], how="left")["ahead"].to_frame()


def in_time(gone: pl.DataFrame, judged: pl.DataFrame, lists: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Per method, the departures with `could` and `ahead`: weeks first roll and first list to the last day."""
    known = judged.select("student_id", "day").join(gone.select("student_id").unique(), on="student_id", how="semi")
    could = weeks_ahead(gone, known)["ahead"].alias("could")
    return {m: gone.with_columns(could, weeks_ahead(gone, rows)["ahead"]) for m, rows in lists.items()}


def share_ahead(told: pl.DataFrame, weeks: int, cities: Cities) -> Measured:
    """Listed at least so long before, of those who were on roll on a judged day that long before."""
    possible = told.filter(pl.col("could") >= weeks)
    caught = (pl.col("ahead") >= weeks).fill_null(False)
    return cities.ratio(possible.with_columns(caught=caught.cast(pl.Float64), one=pl.lit(1.0)), "caught", "one")


def lead_table(told: Mapping[str, pl.DataFrame], cities: Cities) -> pl.DataFrame:
    """`method, weeks, caught, could, share, low, high`, for so many weeks before the last day."""
    rows = [lead_row(method, rows, weeks, cities) for method, rows in told.items() for weeks in WEEKS]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def lead_row(method: str, told: pl.DataFrame, weeks: int, cities: Cities) -> tuple[object, ...]:
    share = share_ahead(told, weeks, cities)
    could = told.filter(pl.col("could") >= weeks)
    caught = could.filter(pl.col("ahead") >= weeks).height
    return (method, weeks, caught, could.height, share.value, *share.interval)
