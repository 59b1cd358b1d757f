"""The made-up city that 0010 to 0015 ask: its rows are worked out once, and every model is taught and judged alike."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from features import Records, build_frame, catalogue_for, outcomes
from features.feature import Catalogue
from features.sources import pseudonym
from models.evaluation import Capacity, judged_period
from models.evaluation import Period as Judged
from models.examples import KEYS, LEFT, Examples, ripe_days, thinned
from models.folds import Fold
from models.horizons import SPANS
from models.lessons import Lessons
from models.planning import first_judged, last_day, plan, ripe_on
from models.ranking import TIE_SEED
from models.recipe import Recipe, read_recipe
from models.resampling import Numbers
from models.risk_model import RiskModel
from models.teaching import taught
from models.training import ModelScores
from models.waiting import waiting

RECIPES = Path(__file__).parent / "recipes"
QUICKER = {"part_trees": 0, "refits": 0, "unseen_share": 0.0, "threads": 1, "stands": 1, "trees": 150}
"""What these questions do not ask: other outcomes, steady signs, unseen schools; and one stand of trees, not three."""

ROWS = 60_000
"""To teach with: all who left or moved, and of the others as many as there is room for, weighted."""

FACTS = ("institution_id", "outcome", "happened_on")
CHANCE = "true_chance"
"""Of leaving within four weeks, as the generator drew it; null before a recess, when nobody drew."""

BESIDE: dict[str, Any] = {"on": KEYS, "how": "left", "maintain_order": "left"}


@dataclass(frozen=True)
class City:
    """`examples`: every row of the teaching days, none thinned: features, `label`, `moved`, `weight`, and per longer
    span who left by its end (1, 0, null where nobody knows). `asked`: everyone on roll on the judged days, with what
    became of them, the same spans, and `true_chance`.
    """

    lessons: Lessons
    fold: Fold
    examples: pl.DataFrame
    asked: pl.DataFrame
    rows: int = ROWS

    @property
    def recipe(self) -> Recipe:
        return self.lessons.recipe

    @property
    def catalogue(self) -> Catalogue:
        return self.lessons.catalogue

    def fewer(self) -> pl.DataFrame:
        return thinned(self.examples, self.rows, self.recipe.seed)

    def reading(self, catalogue: Catalogue) -> City:
        """The same city, of which a model may read no other features."""
        return replace(self, lessons=replace(self.lessons, catalogue=catalogue))

    def following(self, recipe: Recipe) -> City:
        return replace(self, lessons=replace(self.lessons, recipe=recipe))

    def model(self, examples: pl.DataFrame | None = None) -> RiskModel:
        """Taught as a Monday's model is: the number of trees and the chances each come from later days of their own."""
        return taught(self.lessons, self.fold, Examples(self.fewer() if examples is None else examples))

    def chances(self, model: RiskModel) -> Numbers:
        return ModelScores(model).scores(self.asked)

    def judged(
        self, said: Mapping[str, Numbers], rules: Mapping[str, Numbers] | None = None, outcome: str = "outcome"
    ) -> Judged:
        """`said`: each method's chances of those asked; `rules`: scores that are meant as an order only."""
        every = {**said, **(rules or {})}
        rows = self.asked.select(*KEYS, *FACTS).with_columns(self.asked[outcome].alias("outcome"))
        rows = rows.with_columns(pl.Series(name, scores, dtype=pl.Float64) for name, scores in every.items())
        truth = self.asked.drop_nulls(CHANCE).select(*KEYS, chance_4w=CHANCE) if outcome == "outcome" else None
        room = Capacity(None, self.recipe.capacity_share, self.recipe.capacity_least)
        return judged_period(rows, {name: name in said for name in every}, room, truth, self.recipe.bootstrap, TIE_SEED)


def made(home: Path, truth: Path, recipe: Recipe, kept: Path | None = None) -> City:
    """`home`: of `permanencia`, with what `simulate` and `ingest` made; `truth`: the folder that simulate wrote beside.

    `kept`: a folder in which the rows wait for the next question, which then need not be worked out again.
    """
    records = Records.open(home / "archive")
    until = last_day(records)
    lessons = Lessons(records, catalogue_for(records), recipe, lambda step: print(step, file=sys.stderr, flush=True))
    wait = waiting(records, recipe, first_judged(records, recipe, until))
    fold = plan(records, recipe, until, wait.weeks)
    seal = f"{records.digest()[:12]}-{lessons.catalogue.fingerprint}-{fold.test[0]}"
    files = [kept / seal / f"{name}.parquet" for name in ("examples", "asked")] if kept else []
    if files and all(file.is_file() for file in files):
        return City(lessons, fold, *(pl.read_parquet(file) for file in files))
    whole = replace(lessons, recipe=replace(recipe, most_rows=100_000_000))
    examples = whole.examples(fold.taught_on, told_by=ripe_on(fold.taught_on, recipe, wait.weeks)).frame
    examples = examples.join(later(lessons, fold.taught_on, fold.test[0]), on=KEYS, how="left", maintain_order="left")
    key = (home / "pseudonym.key").read_bytes()
    city = City(lessons, fold, examples, on_roll(lessons, fold.test, until).join(true_chances(truth, key), **BESIDE))
    for file, rows in zip(files, (city.examples, city.asked), strict=False):
        file.parent.mkdir(parents=True, exist_ok=True)
        rows.write_parquet(file)
    return city


def later(lessons: Lessons, days: tuple[date, ...], told_by: date) -> pl.DataFrame:
    """`student_id, day`, and per longer span 1 for who had left by its end, 0 for who had not."""
    flags = {name: (pl.col(name) == LEFT).cast(pl.Int8) for name in SPANS}
    return lessons.spans(days, told_by).with_columns(**flags)


def on_roll(lessons: Lessons, days: tuple[date, ...], told_by: date) -> pl.DataFrame:
    """Everyone on the judged days, what was known of them and what became of them."""
    recipe, records = lessons.recipe, lessons.records
    told = outcomes(records, days, recipe.horizon_weeks, recipe.absent_weeks, known_by=told_by)
    told = told.filter(pl.col("day").is_in(ripe_days(told))).select(*KEYS, "outcome", "happened_on")
    lessons.progress("variables de los días que se juzgan")
    frame = build_frame(records, days, catalogue=lessons.catalogue)
    return frame.join(told, on=KEYS, maintain_order="left").join(lessons.spans(days, told_by), **BESIDE)


def true_chances(truth: Path, key: bytes) -> pl.DataFrame:
    """`student_id, day, true_chance`, under the pseudonym that ingest gave to each."""
    drawn = pl.read_parquet(truth / "hazard" / "*" / "*.parquet", columns=["per_id", "monday", "chance_4w"])
    people = drawn.select("per_id").unique()
    named = people.with_columns(student_id=pseudonym("PER_ID:" + people["per_id"].cast(pl.String), key))
    sunday = (pl.col("monday") - pl.duration(days=1)).alias("day")
    chance = pl.col("chance_4w").cast(pl.Float64).alias(CHANCE)
    return drawn.join(named, on="per_id").select("student_id", sunday, chance)


def asked_for(question: str | None) -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(description=question)
    asked.add_argument("--home", type=Path, required=True, help="where simulate's files were ingested")
    asked.add_argument("--truth", type=Path, required=True, help="the folder truth that simulate wrote")
    asked.add_argument("--recipe", type=Path, default=RECIPES / "monday_list.toml")
    asked.add_argument("--rows", type=int, default=ROWS, help="that teach")
    asked.add_argument("--kept", type=Path, help="where the rows wait for the next of these questions")
    asked.add_argument("--write", action="store_true", help="into answer.md")
    return asked


def city_of(given: argparse.Namespace, **choices: Any) -> City:
    """`choices`: of the recipe, where a question needs others."""
    recipe = replace(read_recipe(given.recipe), **QUICKER, **choices)
    return replace(made(given.home, given.truth, recipe, given.kept), rows=given.rows)
