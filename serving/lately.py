"""What a published student's last months at school were like: weeks of attendance, marks, and what help they get."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl

from features import Records

WEEKS = timedelta(weeks=26)
YEAR = timedelta(weeks=52)
UNTOLD = ("DISABILITY_SUPPORT",)
"""Help that tells of a disability by its name: sensitive by law, and no visit needs it on a page."""

_WEEK = ("student_id", "week")
_MARK = ("student_id", "period", "area")
_HELP = ("student_id", "strategy", "starts_on")


def lately(records: Records, day: date, students: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Per student ``weeks``, ``marks`` and ``support``, each oldest first, as the records told them by that day."""
    wanted = pl.LazyFrame({"student_id": list(students)}, schema={"student_id": pl.String})
    known = records.known_by(day)
    weeks = _per_student(_weeks(_of(known, "attendance", wanted, day - WEEKS)))
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


def _weeks(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row a week: who changed school within it is told by both, and was away as long as both say."""
    days = pl.col("days_expected", "days_absent").cast(pl.Int64).sum()
    return _last_told(rows, _WEEK).group_by(_WEEK).agg(days).sort(_WEEK)


def _marks(rows: pl.LazyFrame) -> pl.LazyFrame:
    marked = rows.filter(pl.col("score").is_not_null()).sort(*_MARK, "happened_on", "known_on", "score")
    return marked.group_by(_MARK).agg(pl.col("score", "happened_on").last()).sort("student_id", "happened_on", "area")


def _support(rows: pl.LazyFrame, since: date) -> pl.LazyFrame:
    """What is received, and what ended lately: only the last word on each says whether it has ended."""
    told = rows.filter(~pl.col("strategy").is_in(UNTOLD)).sort(*_HELP, "known_on", "happened_on")
    last = told.group_by(_HELP, maintain_order=True).agg(pl.col("ends_on").last())
    return last.filter(pl.col("ends_on").is_null() | (pl.col("ends_on") >= since)).sort(_HELP[0], _HELP[2], _HELP[1])


def _per_student(rows: pl.LazyFrame) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.collect().iter_rows(named=True):
        found.setdefault(row.pop("student_id"), []).append(row)
    return found
