"""What a published student's last months at school were like: weeks of attendance, marks, and what help they get."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl

from features import Records
from features.sources import meanings
from features.sources.codes import OFFICIAL
from serving.school_words import AREA_NAMES, NO_AREA, OTHER, SUPPORT_NAMES, UNTOLD

WEEKS = timedelta(weeks=26)
YEAR = timedelta(weeks=52)
PERIOD = r"^\d[\dA-Z.-]{0,9}$"
OTHER_PERIOD = "otro"

_WEEK = ("student_id", "week")
_MARK = ("student_id", "period", "area")
_HELP = ("student_id", "strategy", "starts_on")


def lately(records: Records, day: date, students: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Per student ``weeks``, ``marks`` and ``support``, each oldest first, as the records told them by that day.

    Equal records give equal rows in an equal order: they are part of what a list's content hash is over. Of areas,
    periods and help only what this house has a word for is kept; other texts may be a name.
    """
    wanted = pl.LazyFrame({"student_id": list(students)}, schema={"student_id": pl.String})
    known = records.known_by(day)
    weeks = _per_student(_weeks(_of(known, "attendance", wanted, day - WEEKS), day))
    marks = _per_student(_marks(_of(known, "progress", wanted, day - YEAR)))
    support = _per_student(_support(_of(known, "support", wanted), day - YEAR))
    everyone = wanted.collect()["student_id"]
    return {
        one: {"weeks": weeks.get(one, []), "marks": marks.get(one, []), "support": support.get(one, [])}
        for one in everyone
    }


def _of(records: Records, table: str, wanted: pl.LazyFrame, since: date | None = None) -> pl.LazyFrame:
    rows = records.table(table)
    recent = rows if since is None else rows.filter(pl.col("happened_on") >= since)
    return recent.with_columns(pl.col("student_id").cast(pl.String)).join(wanted, on="student_id", how="semi")


def _last_told(rows: pl.LazyFrame, fact: tuple[str, ...]) -> pl.LazyFrame:
    """A correction takes the place of what was told before; what one delivery says twice stays twice."""
    return rows.filter(pl.col("known_on") == pl.col("known_on").max().over(fact))


def _weeks(rows: pl.LazyFrame, day: date) -> pl.LazyFrame:
    """One row a week: who changed school within it is told by both, and was away as long as both say."""
    begun = rows.with_columns(pl.col("week").dt.truncate("1w")).filter(pl.col("week") <= day)
    days = pl.col("days_expected", "days_absent").cast(pl.Int64).sum()
    return _last_told(begun, _WEEK).group_by(_WEEK).agg(days).sort(_WEEK)


def _marks(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Of each area the last word, and in it the newest marks: two subjects of one area are two marks of it."""
    marked = _last_told(rows.filter(pl.col("score").is_finite()), _MARK)
    newest = marked.filter(pl.col("happened_on") == pl.col("happened_on").max().over(_MARK))
    told = newest.with_columns(_worded("area", _area_of), _period()).filter(~pl.col("area").is_in(NO_AREA))
    return told.select(*_MARK, "score", "happened_on").sort("student_id", "happened_on", "period", "area", "score")


def _support(rows: pl.LazyFrame, since: date) -> pl.LazyFrame:
    """What is received, and what ended lately: only the last word on each says whether it has ended.

    Told twice in one delivery, it goes on as long as either says; without a beginning, it is what has one.
    """
    worded = rows.with_columns(_worded("strategy", _help_of)).filter(~pl.col("strategy").is_in(UNTOLD))
    ends = pl.when(pl.col("ends_on").is_not_null().all()).then(pl.col("ends_on").max()).alias("ends_on")
    told = _last_told(worded, _HELP).group_by(_HELP).agg(ends)
    dated = pl.col("starts_on").is_not_null()
    going_on = told.filter(dated | ~dated.any().over("student_id", "strategy"))
    recent = going_on.filter(pl.col("ends_on").is_null() | (pl.col("ends_on") >= since))
    return recent.sort("student_id", "starts_on", "strategy")


def _worded(column: str, meaning: Callable[[str], str]) -> pl.Expr:
    def each(texts: pl.Series) -> pl.Series:
        unique = texts.cast(pl.String).drop_nulls().unique()
        words = {text: meaning(text) for text in unique}
        return texts.cast(pl.String).replace_strict(words, default=OTHER, return_dtype=pl.String)

    return pl.col(column).map_batches(each, return_dtype=pl.String)


def _area_of(text: str) -> str:
    if text in AREA_NAMES or text in NO_AREA:
        return text
    return OFFICIAL.meaning("area", text) or OTHER


def _help_of(text: str) -> str:
    return text if text in SUPPORT_NAMES or text in UNTOLD else meanings.strategy(text)


def _period() -> pl.Expr:
    told = pl.col("period").cast(pl.String)
    return pl.when(told.str.contains(PERIOD)).then(told).otherwise(pl.lit(OTHER_PERIOD)).alias("period")


def _per_student(rows: pl.LazyFrame) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.collect().iter_rows(named=True):
        found.setdefault(row.pop("student_id"), []).append(row)
    return found
