"""Lays a list of strategies over the one before: what is new, what changed, and which support is no longer given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from features.schema import SUPPORT

KEY = ["student_id", "strategy", "starts_on"]
LARGEST_LOSS = 0.2
"""A larger share of a strategy's children that vanishes from one list inside a year is a broken list."""
SMALLEST_LOSS = 10

_NEVER = date(9999, 12, 31)


@dataclass(frozen=True)
class SupportChanges:
    """The rows a list adds, and the strategies of which too many children vanished at once to be believed."""

    rows: pl.DataFrame
    not_believed: tuple[tuple[str, int, int], ...] = ()  # strategy, vanished, given before


def support_changes(before: pl.DataFrame, now: pl.DataFrame, schools: pl.DataFrame, known_on: date) -> SupportChanges:
    """`before` is all that was known, `now` the list with the school of each row, `schools` where each child is.

    A support ends on the day of the first list that no longer has it, if that list names the child's school and still
    gives the strategy to others: silence about a whole school or strategy says nothing.
    """
    latest = _latest(before)
    given = _one_each(now)
    open_ = latest.filter(pl.col("ends_on").fill_null(_NEVER) > known_on)
    expected = open_.join(schools, on="student_id", how="left").filter(
        pl.col("institution_id").is_in(now["institution_id"].drop_nulls().unique().implode())
        & pl.col("strategy").is_in(now["strategy"].unique().implode())
    )
    gone = expected.join(given, on=KEY, how="anti", nulls_equal=True)
    doubtful = _losses(expected, gone, given)
    ended = gone.filter(~pl.col("strategy").is_in([strategy for strategy, _, _ in doubtful]))
    ended = ended.with_columns(happened_on=pl.lit(known_on), known_on=pl.lit(known_on), ends_on=pl.lit(known_on))
    rows = pl.concat([_news(given, latest).select(SUPPORT.names), ended.select(SUPPORT.names)])
    return SupportChanges(rows, doubtful)


def _latest(before: pl.DataFrame) -> pl.DataFrame:
    """The last word on each support."""
    ordered = before.sort("known_on", "happened_on", maintain_order=True)
    return ordered.group_by(KEY, maintain_order=True).last().select(SUPPORT.names)


def _one_each(now: pl.DataFrame) -> pl.DataFrame:
    """One row per support: of several kinds of meal from the same day the one that goes on longest."""
    ordered = now.sort(pl.col("ends_on").fill_null(_NEVER), maintain_order=True)
    return ordered.group_by(KEY, maintain_order=True).last()


def _news(given: pl.DataFrame, latest: pl.DataFrame) -> pl.DataFrame:
    """Supports not known yet, and those whose end is another than was known."""
    known = latest.select(*KEY, ended="ends_on", known=pl.lit(True))
    both = given.join(known, on=KEY, how="left", nulls_equal=True, maintain_order="left")
    return both.filter(pl.col("known").is_null() | pl.col("ends_on").ne_missing(pl.col("ended")))


def _losses(expected: pl.DataFrame, gone: pl.DataFrame, given: pl.DataFrame) -> tuple[tuple[str, int, int], ...]:
    """Strategies that lost more children inside a year than can be true."""
    were = expected.group_by("strategy").agg(before=pl.len(), year=pl.col("starts_on").dt.year().max())
    lost = gone.group_by("strategy").agg(gone=pl.len())
    years = given.group_by("strategy").agg(year_now=pl.col("starts_on").dt.year().max())
    both = were.join(lost, on="strategy").join(years, on="strategy")
    broken = both.filter(
        (pl.col("gone") >= SMALLEST_LOSS)
        & (pl.col("gone") > LARGEST_LOSS * pl.col("before"))
        & (pl.col("year").eq_missing(pl.col("year_now")))
    )
    return tuple(broken.select("strategy", "gone", "before").sort("strategy").iter_rows())
