"""How long a day waits before it may teach: until the departures that followed it are on record."""

from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from features import Records
from features.ripeness import Completeness, completeness
from models.evaluation import Evaluation
from models.recipe import Recipe


@dataclass(frozen=True)
class Wait:
    """The weeks after the horizon, the share of the departures on record by then (if it can be told), and the least."""

    weeks: int
    completeness: float | None
    least: float


def waiting(records: Records, recipe: Recipe, judged_from: date) -> Wait:
    """Measured on what was known when the judged period began: what came later may not choose what teaches."""
    curve = completeness(records, judged_from, recipe.absent_weeks)
    weeks = waiting_weeks(curve, recipe.absent_weeks, recipe.least_completeness)
    return Wait(weeks, curve.after(weeks) if curve else None, recipe.least_completeness)


def waiting_weeks(curve: Completeness | None, absent_weeks: int, least: float) -> int:
    """Until nobody can still come back in time, and at least that share is on record; without a curve, the first."""
    return absent_weeks if curve is None else max(absent_weeks, curve.weeks_until(least))


def beside_wait(evaluation: Evaluation, wait: Wait) -> Evaluation:
    """The evaluation with the wait beside its figures: they hold for weeks that were as complete as this."""
    told = {
        "waiting_weeks": pl.lit(wait.weeks, pl.Int64),
        "least_completeness": pl.lit(wait.least, pl.Float64),
        "completeness": pl.lit(wait.completeness, pl.Float64),
    }
    return replace(evaluation, table=evaluation.table.with_columns(**told))
