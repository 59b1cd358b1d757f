"""Brings what was known and what came of it together, a few days at a time, so that a large city fits in memory."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from features import Records, build_frame, outcomes
from features.feature import Catalogue
from models.baselines import Method
from models.examples import KEYS, Examples, excluded_counts, in_portions, labelled, ripe_days, stacked, thinned
from models.recipe import Recipe

Progress = Callable[[str], None]


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
        told = [self._outcomes(portion, told_by) for portion in self._portions(days)]
        excluded = sum((Counter(excluded_counts(one)) for one in told), Counter[str]())
        labels = thinned(pl.concat([labelled(one) for one in told]), self.recipe.most_rows, self.recipe.seed)
        frames = [stacked(self._frame(portion), labels) for portion in self._portions(days)]
        return Examples(pl.concat(frames), dict(sorted(excluded.items())))

    def judged(self, days: Sequence[date], methods: Sequence[Method], told_by: date) -> pl.DataFrame:
        """Everyone on roll on the ripe days: keys, institution, outcome, and what each method says."""
        return pl.concat([self._judged(portion, methods, told_by) for portion in self._portions(days)])

    def _judged(self, days: Sequence[date], methods: Sequence[Method], told_by: date) -> pl.DataFrame:
        told = self._outcomes(days, told_by)
        told = told.filter(pl.col("day").is_in(ripe_days(told))).select(*KEYS, "outcome")
        frame = self._frame(days).join(told, on=KEYS, how="inner", maintain_order="left")
        says = [pl.Series(method.name, method.scores(frame), dtype=pl.Float64) for method in methods]
        return frame.select(*KEYS, "institution_id", "outcome").with_columns(says)

    def _frame(self, days: Sequence[date]) -> pl.DataFrame:
        self.progress(f"variables de {spoken(days)}")
        return build_frame(self.records, days, catalogue=self.catalogue)

    def _outcomes(self, days: Sequence[date], told_by: date) -> pl.DataFrame:
        self.progress(f"resultados de {spoken(days)}")
        horizon, absent = self.recipe.horizon_weeks, self.recipe.absent_weeks
        return outcomes(self.records, days, horizon, absent, known_by=told_by)

    def _portions(self, days: Sequence[date]) -> list[list[date]]:
        return list(in_portions(list(days), self._students))

    @cached_property
    def _students(self) -> int:
        """About how many are on roll at once, at most."""
        rows = self.records.table("enrolment").select(pl.col("student_id").n_unique())
        return int(rows.collect().item())


def spoken(days: Sequence[date]) -> str:
    return f"{days[0]} a {days[-1]}" if len(days) > 1 else f"{days[0]}"
