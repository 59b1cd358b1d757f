"""Lists the students of modules never seen from what other modules taught: what travels between institutions?"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from oulad import BEGINS, as_of
from run import ANSWER, AT_ALL, RECIPE, SOON, capacity, markdown
from sklearn.base import clone
from teaching import OF_ONE_MODULE, MissedWork, Register, ToTheEnd

from experiments import running
from features import catalogue_for
from features.feature import Catalogue
from models.baselines import Chance, Method, Regression, Scores, fit_regression
from models.calibration import log_odds
from models.evaluation import evaluate
from models.examples import Examples
from models.folds import Fold, teaching_parts
from models.inputs import categories_in, input_names, matrix
from models.lessons import Lessons
from models.metrics import area_under_curve
from models.recipe import Recipe, read_recipe
from models.risk_model import RiskModel
from models.teaching import taught
from models.training import ModelScores
from models.travel import beside_others, travels
from models.trees import Growth, grove, regrow

SEEN, NEVER_SEEN = ("AAA", "BBB"), ("DDD", "FFF")
LIST_DAYS = (28, 56)
TAUGHT_DAYS = range(14, 127, 14)
LATER = date(2014, 12, 31)
"""By then everything has been heard of: what is asked here is what travels, not what could have been known in time."""

SMALL = {"stands": 1, "leaves": 4, "depth": 2, "trees": 300}
LOOSE = 1.0
CHOSEN, PLAIN = "regression and small trees, relative", "regression, raw"
DRAWS = 200


@dataclass(frozen=True)
class Both:
    """Half the regression's opinion and half that of small trees: the one holds the line, the others bend it."""

    name: str
    regression: Method
    trees: Method
    chances: bool = False

    def scores(self, frame: pl.DataFrame) -> Scores:
        told = log_odds(self.regression.scores(frame)) + log_odds(self.trees.scores(frame))
        return np.asarray(told / 2, dtype=np.float64)


@dataclass(frozen=True)
class NeverSeen:
    """Everyone on the lists' days in the modules never seen, with what became of them and what each method says."""

    judged: dict[str, pl.DataFrame]
    names: dict[str, list[str]]
    recipe: Recipe


def inputs(whole: Catalogue) -> dict[str, Catalogue]:
    """Without any comparison with the others of the module; only what travels; and everything."""
    return {
        "raw": Catalogue(f for f in whole if not beside_others(f)),
        "relative": Catalogue(f for f in whole if travels(f)),
        "whole": whole,
    }


QUESTIONS = {SOON: Lessons, AT_ALL: ToTheEnd}


def find(home: Path, questions: Sequence[str] = tuple(QUESTIONS), house: bool = True) -> NeverSeen:
    """`house` also teaches as the Monday list is taught, which takes most of the time."""
    recipe = read_recipe(RECIPE)
    seen = Register.through_the_front_door(home / "seen", SEEN)
    asked = Register.through_the_front_door(home / "never_seen", NEVER_SEEN)
    whole = Catalogue(f for f in catalogue_for(seen.records) if f.name not in OF_ONE_MODULE)
    judged, names = {}, {}
    for question in questions:
        kind = QUESTIONS[question]
        examples = kind(seen.records, whole, recipe).examples(days_of(TAUGHT_DAYS), told_by=LATER)
        methods = methods_of(kind(seen.records, whole, recipe), examples, house and question == SOON)
        lists = kind(asked.records, whole, recipe)
        judged[question] = lists.judged(days_of(LIST_DAYS), methods, told_by=LATER)
        names[question] = [method.name for method in methods]
    return NeverSeen(judged, names, recipe)


def days_of(course_days: Sequence[int]) -> list[date]:
    return [as_of(presentation, day) for presentation in BEGINS for day in course_days]


def methods_of(lessons: Lessons, examples: Examples, house: bool) -> list[Method]:
    """What was counted by hand, the regression and the trees, each on raw numbers and on comparisons."""
    told: list[Method] = [MissedWork(), Chance(lessons.recipe.seed)]
    for name, catalogue in inputs(lessons.catalogue).items():
        own = replace(lessons, catalogue=catalogue)
        regression = replace(regression_of(own, examples), name=f"regression, {name}")
        loose = replace(held_loosely(regression, examples), name=f"loose regression, {name}")
        both = Both(f"regression and small trees, {name}", regression, small_trees(own, examples))
        told += [loose, regression, both]
        if house:
            told.append(replace(ModelScores(as_the_house_teaches(own, examples)), name=f"house model, {name}"))
    return told


def regression_of(lessons: Lessons, examples: Examples) -> Regression:
    names = input_names(lessons.catalogue, lessons.recipe.use_sensitive)
    found = fit_regression(examples.frame, names, categories_in(examples.frame, names, lessons.catalogue))
    assert found is not None
    return found


def held_loosely(regression: Regression, examples: Examples) -> Regression:
    """The same regression as scikit-learn holds it unasked: two hundred times less drawn towards saying nothing."""
    pipeline = clone(regression.pipeline).set_params(logistic__C=LOOSE)
    rows = matrix(examples.frame, regression.features, regression.categories)
    weight = examples.frame["weight"].to_numpy()
    pipeline.fit(rows, examples.frame["label"].to_numpy(), logistic__sample_weight=weight)
    return replace(regression, pipeline=pipeline)


def small_trees(lessons: Lessons, examples: Examples) -> Method:
    recipe = replace(lessons.recipe, **SMALL)
    names = input_names(lessons.catalogue, recipe.use_sensitive)
    trees = grove(names, categories_in(examples.frame, names, lessons.catalogue), lessons.catalogue, recipe)
    booster = regrow(trees, examples.frame, Growth(recipe.trees, line_share=0.0), recipe)
    return ModelScores(RiskModel(booster, names, lessons.catalogue.fingerprint, categories=trees.categories))


def as_the_house_teaches(lessons: Lessons, examples: Examples) -> RiskModel:
    recipe = lessons.recipe
    days = sorted(examples.frame["day"].unique())
    parts = teaching_parts(days, recipe.horizon_weeks, recipe.stop_share, recipe.calibrate_share)
    return taught(lessons, Fold(*parts, test=(LATER,)), examples)


def figures(found: NeverSeen) -> str:
    return "\n\n".join(section(found, question, day) for question in found.judged for day in LIST_DAYS)


def section(found: NeverSeen, question: str, day: int) -> str:
    rows = on_days(found, question, day)
    left = int((rows["outcome"] == "LEFT").sum())
    head = f"Who {question}, day {day}: {rows.height} students still enrolled in DDD and FFF, {left} left."
    ahead = "{:+.4f} ({:+.4f} to {:+.4f})".format(*ahead_of(rows, CHOSEN, PLAIN))
    note = f"AUC of «{CHOSEN}» less that of «{PLAIN}»: {ahead}, nine draws of students in ten."
    table = pl.DataFrame([line(found, rows, name) for name in found.names[question]], infer_schema_length=None)
    return "\n".join([head, "", *markdown(table), "", note])


def on_days(found: NeverSeen, question: str, day: int) -> pl.DataFrame:
    """The lists of that day of the course: one in each presentation, each a tenth of its roll."""
    return found.judged[question].filter(pl.col("day").is_in(days_of([day])))


def line(found: NeverSeen, rows: pl.DataFrame, name: str) -> dict[str, object]:
    told = rows.with_columns(model=pl.col(name))
    table = evaluate(told, {name: False}, capacity(found.recipe), draws=5).table.row(0, named=True)
    return {
        "method": name,
        "AUC": table["auc"],
        "P@10 %": table["precision_at_capacity"],
        "hits": table["hits"],
        "listed": table["listed"],
    }


def ahead_of(rows: pl.DataFrame, one: str, other: str) -> tuple[float, float, float]:
    """How much larger the AUC is, and between what it would lie had other students of these modules enrolled."""
    label = (rows["outcome"] == "LEFT").cast(pl.Float64).to_numpy()
    scores = rows.select(one, other).to_numpy()
    rng = np.random.default_rng(7)
    draws = [np.arange(len(label)), *(rng.integers(0, len(label), len(label)) for _ in range(DRAWS))]
    gains = [gain(label[drawn], scores[drawn]) for drawn in draws]
    low, high = np.quantile(gains[1:], [0.05, 0.95])
    return gains[0], float(low), float(high)


def gain(label: np.ndarray, scores: np.ndarray) -> float:
    one, other = (area_under_curve(label, column) or 0.5 for column in scores.T)
    return one - other


def never_seen() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as spare:
        return {"never_seen": figures(find(Path(spare)))}


if __name__ == "__main__":
    running.run(__doc__, ANSWER, never_seen)
