"""Brings what was known and what came of it together, a few days at a time, so that a large city fits in memory."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from features import Records, build_frame, observed_dates, outcomes
from features.feature import Catalogue
from features.schema import TABLES
from models.audited import audited_columns, with_visits
from models.baselines import Method, Scores
from models.examples import KEYS, Examples, excluded_counts, in_portions, labelled, ripe_days, stacked, thinned
from models.horizons import FAR_AHEAD, within_spans
from models.recipe import Recipe

Progress = Callable[[str], None]

ROWS_AT_ONCE = 2_600_000
"""Some 5 GB with a hundred features. A pass over the records costs as much as ten days: fewer passes, more memory."""

OUTCOMES_AT_ONCE = 5_000_000
"""Some 4 GB: a row of outcomes is narrow, and each pass reads every enrolment of all years again."""

SCORED_AT_ONCE = 200_000
"""A regression turns every word into a column of its own: of millions of rows at once, many times the frame."""


def silent(_: str) -> None:
    """Nobody is watching."""


@dataclass(frozen=True)
class Lessons:
    """The records, read with one catalogue and one recipe."""

    records: Records
    catalogue: Catalogue
    recipe: Recipe
    progress: Progress = silent

    def examples(self, days: Sequence[date], told_by: date) -> Examples:
        """Features and labels of the days; `told_by` is the day of the teaching: what was learnt later is not there."""
        told = list(self._outcomes(days, told_by))
        excluded = sum((Counter(excluded_counts(one)) for one in told), Counter[str]())
        labels = thinned(pl.concat([labelled(one) for one in told]), self.recipe.most_rows, self.recipe.seed)
        frames = [stacked(self._frame(portion), labels) for portion in self._portions(days, ROWS_AT_ONCE)]
        return Examples(pl.concat(frames), dict(sorted(excluded.items())))

    def spans(self, days: Sequence[date], told_by: date) -> pl.DataFrame:
        """Per student and day, what had become of them by the end of each longer span (`horizons.within_spans`)."""
        absent = self.recipe.absent_weeks
        told = [
            within_spans(outcomes(self.records, portion, FAR_AHEAD, absent, known_by=told_by), told_by, absent)
            for portion in self._portions(days, OUTCOMES_AT_ONCE)
        ]
        return pl.concat(told)

    def facts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The newest happenings known of some students on some days (`student_id, day`): for a few thousand rows."""
        return observed_of(self.records, rows)

    def judged(self, days: Sequence[date], methods: Sequence[Method], told_by: date) -> pl.DataFrame:
        """Everyone on roll on the ripe days: what became of them, what is audited, and what each method says.

        `student_id, day, institution_id, outcome, happened_on` (of the departure or move; null for the others),
        `visited, grade, zone`, a `trait.…` column per audited trait (`models.audited`), and one column per method.
        """
        fates = pl.concat(ripened(told) for told in self._outcomes(days, told_by))
        judged = pl.concat([self._judged(portion, methods, fates) for portion in self._portions(days, ROWS_AT_ONCE)])
        return with_visits(judged, self.records.known_by(told_by), self.recipe.horizon_weeks)

    def _judged(self, days: Sequence[date], methods: Sequence[Method], fates: pl.DataFrame) -> pl.DataFrame:
        frame = self._frame(days).join(fates, on=KEYS, how="inner", maintain_order="left")
        says = [pl.Series(method.name, scored(method, frame), dtype=pl.Float64) for method in methods]
        kept = frame.select(*KEYS, "institution_id", "outcome", "happened_on", *audited_columns(frame))
        return kept.with_columns(says)

    def _frame(self, days: Sequence[date]) -> pl.DataFrame:
        self.progress(f"variables de {spoken(days)}")
        return build_frame(self.records, days, catalogue=self.catalogue)

    def _outcomes(self, days: Sequence[date], told_by: date) -> Iterator[pl.DataFrame]:
        horizon, absent = self.recipe.horizon_weeks, self.recipe.absent_weeks
        for portion in self._portions(days, OUTCOMES_AT_ONCE):
            self.progress(f"resultados de {spoken(portion)}")
            yield outcomes(self.records, portion, horizon, absent, known_by=told_by)

    def _portions(self, days: Sequence[date], most_rows: int) -> list[list[date]]:
        return list(in_portions(list(days), self._students, most_rows))

    @cached_property
    def _students(self) -> int:
        """About how many are on roll at once: those of the largest school year."""
        years = self.records.table("enrolment").group_by("school_year").agg(pl.col("student_id").n_unique())
        return int(years.select(pl.col("student_id").max()).collect().item() or 0)


def scored(method: Method, frame: pl.DataFrame) -> Scores:
    """What the method says of each row, some rows at a time: no method looks at a row beside another."""
    return np.concatenate([method.scores(some) for some in frame.iter_slices(SCORED_AT_ONCE)] or [np.empty(0)])


def ripened(told: pl.DataFrame) -> pl.DataFrame:
    """What became of everyone on the days that are over."""
    return told.filter(pl.col("day").is_in(ripe_days(told))).select(*KEYS, "outcome", "happened_on")


def spoken(days: Sequence[date]) -> str:
    return f"{days[0]} a {days[-1]}" if len(days) > 1 else f"{days[0]}"


def observed_of(records: Records, rows: pl.DataFrame) -> pl.DataFrame:
    """`observed_dates` of the asked rows alone."""
    asked = rows.select(KEYS).unique()
    if asked.is_empty():
        return asked
    dates = observed_dates(of_students(records, asked["student_id"].unique()), asked["day"].unique().to_list())
    return asked.join(dates, on=KEYS, how="left").sort("day", "student_id")


def of_students(records: Records, students: pl.Series) -> Records:
    """The records of these students, and whatever is no student's."""

    def theirs(name: str) -> pl.LazyFrame:
        table = records.table(name)
        return (
            table.filter(pl.col("student_id").is_in(students.implode()))
            if "student_id" in records.columns(name)
            else table
        )

    return Records({name: theirs(name) for name in TABLES if records.has(name)}, records.digest(), until=records.until)
