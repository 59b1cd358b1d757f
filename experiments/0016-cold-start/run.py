"""A secretariat without results borrows a model: what does it lose, and when is its own better?"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))
sys.path.append(str(Path(__file__).parent))

from cities import ELDER, NEWCOMER

from experiments.written import write_answer
from features import Records, catalogue_for, days_to_score
from models.adjusting import adjusted
from models.baselines import Method, Scores, simple_rules
from models.borrowed import Loss
from models.evaluation import Capacity, evaluate
from models.examples import Examples
from models.folds import Fold
from models.lessons import Lessons
from models.own_weeks import ADJUSTED, BORROWED, OWN, REGRESSION
from models.planning import last_day, reported, ripe_by, year_names
from models.recipe import Recipe, read_recipe
from models.risk_model import RiskModel
from models.strangers import PARTS, Strangers, dealt, without
from models.teaching import taught
from models.training import ModelScores, TrainingResult, baselines, train

HERE = Path(__file__).parent
RECIPE = replace(read_recipe(HERE.parent / "recipes" / "fast.toml"), threads=1, unseen_share=0.3, bootstrap=200)
QUICK = replace(RECIPE, part_trees=0, refits=0)
RIPE_WEEKS = (0, 4, 8, 16, 32)
SEEN = "own, schools seen"


@dataclass(frozen=True)
class Newcomer:
    """The young secretariat: its first year ripens week by week, its second judges, the same for every method."""

    lessons: Lessons
    taught: Examples
    ripe: tuple[date, ...]
    test: tuple[date, ...]


def newcomer(records: Records, recipe: Recipe) -> Newcomer:
    lessons = Lessons(records, catalogue_for(records), recipe, lambda step: print(step, file=sys.stderr, flush=True))
    until, year_of = last_day(records), year_names(records)
    days = reported(records, ripe_by(records, days_to_score(records, None, until), recipe, until), recipe)
    first, second = sorted({year_of(day) for day in days})
    ripe = tuple(day for day in days if year_of(day) == first)[: max(RIPE_WEEKS)]
    examples = lessons.examples(ripe, told_by=ripe[-1] + timedelta(weeks=recipe.horizon_weeks + recipe.absent_weeks))
    return Newcomer(lessons, examples, ripe, tuple(day for day in days if year_of(day) == second))


def fold_after(days: Sequence[date], test: Sequence[date]) -> Fold:
    """The last quarter sets the chances, the quarter before says how many trees.

    NOTE: without the gaps of a horizon that the house asks for: eight weeks have no room for them, and here it is asked
    what such a model would find, not whether it may be used.
    """
    size = max(1, len(days) // 4)
    return Fold(tuple(days[: -2 * size]), tuple(days[-2 * size : -size]), tuple(days[-size:]), tuple(test))


@dataclass(frozen=True)
class Named:
    """A method under a name of its own among those of other numbers of weeks: all are judged in one pass."""

    method: Method
    weeks: int

    @property
    def name(self) -> str:
        return f"{self.method.name}@{self.weeks}"

    @property
    def chances(self) -> bool:
        return self.method.chances

    def scores(self, frame: pl.DataFrame) -> Scores:
        return self.method.scores(frame)


def methods_after(weeks: int, here: Newcomer, elder: RiskModel) -> list[Method]:
    """What can be had after so many ripe weeks."""
    borrowed: list[Method] = [ModelScores(elder, 1, BORROWED), simple_rules()[0]]
    if weeks == 0:
        return borrowed
    days = here.ripe[:weeks]
    examples = Examples(here.taught.on(days))
    return [*borrowed, ModelScores(adjusted(elder, examples.frame), 1, ADJUSTED), *own(here, examples, days)]


def own(here: Newcomer, examples: Examples, days: Sequence[date]) -> list[Method]:
    lessons, groups = here.lessons, dealt(examples.frame["institution_id"])
    apart = [without(examples, groups, number) for number in range(PARTS)]
    fold = fold_after(days, here.test)
    regressions = [baselines(one.frame, lessons.catalogue, lessons.recipe)[0] for one in apart]
    trees = [ModelScores(taught(lessons, fold, one), 1) for one in apart]
    seen = ModelScores(taught(lessons, fold, examples), 1, SEEN)
    return [Strangers(OWN, groups, trees), seen, Strangers(REGRESSION, groups, regressions)]


def tables(here: Newcomer, elder: RiskModel) -> dict[int, pl.DataFrame]:
    """The evaluation on the second year, by how many weeks had ripened."""
    methods = {weeks: [Named(one, weeks) for one in methods_after(weeks, here, elder)] for weeks in RIPE_WEEKS}
    flat: list[Method] = [one for some in methods.values() for one in some]
    told = here.lessons.judged(here.test, flat, told_by=last_day(here.lessons.records))
    return {weeks: table(told, some) for weeks, some in methods.items()}


def table(told: pl.DataFrame, methods: Sequence[Named]) -> pl.DataFrame:
    names = {one.name: one.method.name for one in methods}
    rows = told.select("student_id", "day", "institution_id", "outcome", "happened_on", *names).rename(names)
    room = Capacity(None, RECIPE.capacity_share, RECIPE.capacity_least)
    return evaluate(rows, {one.method.name: one.chances for one in methods}, room, draws=RECIPE.bootstrap).table


def spread(row: dict[str, object], name: str, short: str) -> str:
    return f"{row[name]:.3f} ({row[f'{short}_low']:.3f} to {row[f'{short}_high']:.3f})"


def shown(tables: dict[int, pl.DataFrame], here: Newcomer) -> str:
    heads = ["ripe weeks", "departures", "method", "precision at capacity", "AUC", "said of the listed", "ECE", "slope"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for weeks, told in tables.items():
        left = Examples(here.taught.on(here.ripe[:weeks])).left
        for row in told.iter_rows(named=True):
            said, ece, slope = (row[name] for name in ("said_at_capacity", "ece", "calibration_slope"))
            chances = [f"{said:.3f}", f"{ece:.4f}", f"{slope:.2f}"] if ece is not None else ["", "", ""]
            figures = [spread(row, "precision_at_capacity", "precision"), spread(row, "auc", "auc"), *chances]
            lines.append(f"| {weeks} | {left} | {row['method']} | {' | '.join(figures)} |")
    return "\n".join(lines)


def stated(result: TrainingResult, tables: dict[int, pl.DataFrame]) -> str:
    """What the elder says it loses, and what it lost in the other city against the model taught there for a year."""
    first = result.table.row(0, named=True)
    last = {row["method"]: row for row in tables[max(RIPE_WEEKS)].iter_rows(named=True)}
    lines = ["| | AUC | precision at capacity |", "|---|---|---|"]
    lines.append(f"| at home, schools seen | {spread(first, 'auc', 'auc')} | {home(first)} |")
    losses = [Loss.of(result.unseen, name) for name in ("auc", "precision")]
    lines.append(
        "| stated loss | " + " | ".join(str(one).replace(",", ".").replace(" a ", " to ") for one in losses) + " |"
    )
    for name in (BORROWED, SEEN):
        row = last[name]
        there = f"| in the other city, {name} | {spread(row, 'auc', 'auc')} "
        lines.append(f"{there}| {spread(row, 'precision_at_capacity', 'precision')} |")
    return "\n".join(lines)


def home(row: dict[str, object]) -> str:
    return spread(row, "precision_at_capacity", "precision")


def cities_told(elder: TrainingResult, tables: dict[int, pl.DataFrame]) -> str:
    rows = {"elder, last year": elder.table.row(0, named=True), "newcomer, second year": tables[0].row(0, named=True)}
    told = [
        f"{name}: {row['days']} Mondays, {row['students']} students, {row['left']} departures in {row['rows']} rows "
        f"({row['left'] / row['rows']:.4f}), {row['capacity']} names a week"
        for name, row in rows.items()
    ]
    return "; ".join(told) + "."


def find(place: Path, students: int) -> dict[str, str]:
    elder = train(ELDER.records(place, students), RECIPE)
    here = newcomer(NEWCOMER.records(place, students), QUICK)
    found = tables(here, elder.model)
    return {"cities": cities_told(elder, found), "loss": stated(elder, found), "table": shown(found, here)}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--students", type=int, default=7000)
    asked.add_argument("--at", type=Path, help="a folder to keep the cities in; without it, they are made and dropped")
    asked.add_argument("--write", action="store_true", help="into answer.md")
    given, began = asked.parse_args(), time.process_time()
    with tempfile.TemporaryDirectory() as spare:
        told = find(given.at or Path(spare), given.students)
    print("\n\n".join(told.values()))
    print(f"\n{time.process_time() - began:.0f} s of one processor, reading the files aside", file=sys.stderr)
    if given.write:
        write_answer(HERE / "answer.md", told)


if __name__ == "__main__":
    main()
