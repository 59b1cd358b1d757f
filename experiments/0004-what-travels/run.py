"""Does the house's model find more than the usual methods, in modules it was taught on and in modules never seen?"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl

sys.path.append(str(Path(__file__).parents[2]))
sys.path.append(str(Path(__file__).parents[1] / "0001-oulad"))

from oulad import as_of
from teaching import NOT_A_YEAR_YET, OF_ONE_MODULE, MissedWork, Register

from experiments.beside import best_of_others, label_of
from experiments.challengers import CHALLENGERS, Columns, Numbers, ahead, house_model, markdown
from experiments.running import run
from features import catalogue_for
from features.feature import Catalogue
from models.averaging import averaged
from models.inputs import input_names, matrix, monotone_directions
from models.lessons import Lessons
from models.metrics import area_under_curve
from models.recipe import read_recipe
from models.travel import travels

HERE = Path(__file__).parent
ANSWER, RECIPE = HERE / "answer.md", read_recipe(HERE / "recipe.toml")
EVERYTHING, RELATIVE, BOTH = "house model, everything", "house model, relative", "house model, both views"
TAUGHT_DAYS, LIST_DAYS = range(14, 127, 14), (28, 56, 84)
LATER = date(2014, 12, 31)
"""By then everything has been heard of: what is asked here is what travels, not what could have been known in time."""


@dataclass(frozen=True)
class Question:
    """Who teaches, on which days, and who is asked about; `hidden` features say nothing of the others."""

    taught: tuple[str, ...]
    asked: tuple[str, ...]
    taught_in: tuple[str, ...] = ("2013B", "2013J")
    asked_in: tuple[str, ...] = ("2013B", "2013J")
    hidden: tuple[str, ...] = OF_ONE_MODULE


SEEN = ("BBB", "DDD", "FFF", "AAA")
QUESTIONS = {
    "the same modules a presentation later": Question(SEEN, SEEN, ("2013B",), ("2013J",), NOT_A_YEAR_YET),
    "taught on AAA and BBB, asked about DDD and FFF": Question(("AAA", "BBB"), ("DDD", "FFF")),
    "taught on DDD and FFF, asked about AAA and BBB": Question(("DDD", "FFF"), ("AAA", "BBB")),
}


@dataclass(frozen=True)
class Told:
    """Everyone asked about, with `label`, `course_day` and what each method says."""

    rows: pl.DataFrame
    methods: list[str]


def days_of(presentations: Sequence[str], course_days: Sequence[int]) -> list[date]:
    return [as_of(presentation, day) for presentation in presentations for day in course_days]


def answer(question: Question, home: Path) -> Told:
    registers = {modules: through(home, modules) for modules in {question.taught, question.asked}}
    records = registers[question.taught].records
    catalogue = Catalogue(feature for feature in catalogue_for(records) if feature.name not in question.hidden)
    examples = labelled_on(registers[question.taught], catalogue, days_of(question.taught_in, TAUGHT_DAYS))
    asked = labelled_on(registers[question.asked], catalogue, days_of(question.asked_in, LIST_DAYS))
    said = opinions(examples, asked, catalogue)
    told = asked.select("student_id", "day", "institution_id", "label", course_day(question.asked_in))
    return Told(told.with_columns(pl.Series(name, scores) for name, scores in said.items()), list(said))


def through(home: Path, modules: tuple[str, ...]) -> Register:
    return Register.through_the_front_door(home / "-".join(modules), () if modules == SEEN else modules)


def labelled_on(register: Register, catalogue: Catalogue, days: list[date]) -> pl.DataFrame:
    """Features of everyone on roll, and `label`: has left within 28 days. Nobody moves or graduates within a module."""
    return Lessons(register.records, catalogue, RECIPE).examples(days, told_by=LATER).frame


def course_day(presentations: Sequence[str]) -> pl.Expr:
    days = {as_of(presentation, day): day for presentation in presentations for day in LIST_DAYS}
    return pl.col("day").replace_strict(days, return_dtype=pl.Int64).alias("course_day")


def opinions(examples: pl.DataFrame, asked: pl.DataFrame, catalogue: Catalogue) -> dict[str, Numbers]:
    names = input_names(catalogue, use_sensitive=False)
    spoken = frozenset(name for name in names if catalogue[name].kind == "category")
    directions = dict(zip(names, monotone_directions(names, catalogue), strict=True))
    columns = Columns(names, spoken, directions)
    rows = matrix(asked, names, columns.words(examples))
    views = two_views(examples, columns, catalogue)
    told = {name: raw(booster, rows) for name, booster in views.items()}
    told |= {name: challenger(examples, asked, columns) for name, challenger in CHALLENGERS.items()}
    return {**told, "missed work": MissedWork().scores(asked)}


def two_views(examples: pl.DataFrame, columns: Columns, catalogue: Catalogue) -> dict[str, lgb.Booster]:
    """The house's model on every feature; on what means the same everywhere; and the mean of both, as one booster."""
    local = [name for name in columns.names if not travels(catalogue[name])]
    hidden = examples.with_columns(pl.lit(None, examples.schema[name]).alias(name) for name in local)
    whole = house_model(examples, columns, RECIPE).booster
    words = columns.words(examples)
    relative = house_model(hidden, columns, RECIPE, words).booster
    return {BOTH: averaged([whole, relative], [0.5, 0.5]), EVERYTHING: whole, RELATIVE: relative}


def raw(booster: lgb.Booster, rows: Numbers) -> Numbers:
    return np.asarray(booster.predict(rows, raw_score=True, num_threads=RECIPE.threads), dtype=np.float64)


def section(name: str, told: Told) -> str:
    rows = [{"method": method, **in_lists(told.rows, method)} for method in told.methods]
    best = best_of_others(rows, "mean AUC")
    gain, low, high = mean_ahead(told.rows, BOTH, best)
    listed = [f"day {d}: {on(told.rows, d).height} students, {on(told.rows, d)['label'].sum()} left" for d in LIST_DAYS]
    note = (
        f"AUC of «{BOTH}» less that of «{best}», mean of the days: {gain:+.4f} ({low:+.4f} to {high:+.4f}), "
        "nine draws of students in ten."
    )
    return "\n".join(
        [f"### {name[0].upper()}{name[1:]}", "", "; ".join(listed) + ".", "", markdown(rows), "", note],
    )


def on(rows: pl.DataFrame, day: int) -> pl.DataFrame:
    return rows.filter(pl.col("course_day") == day)


def in_lists(rows: pl.DataFrame, method: str) -> dict[str, object]:
    """AUC on each day of the course, and how many of the tenth listed of the three days left."""
    areas = {f"AUC day {day}": area(on(rows, day), method) for day in LIST_DAYS}
    found = sum(hits(on(rows, day), method) for day in LIST_DAYS)
    return {**areas, "mean AUC": float(np.mean(list(areas.values()))), "hits": found}


def area(rows: pl.DataFrame, method: str) -> float:
    return area_under_curve(label_of(rows), rows[method].to_numpy()) or 0.5


def hits(rows: pl.DataFrame, method: str) -> int:
    listed = np.argsort(-rows[method].to_numpy(), kind="stable")[: round(rows.height / 10)]
    return int(rows["label"].to_numpy()[listed].sum())


def mean_ahead(rows: pl.DataFrame, one: str, other: str) -> tuple[float, float, float]:
    """The interval takes the three days for independent, which they nearly are: others leave after each."""
    apart = [
        ahead(
            label_of(on(rows, day)),
            on(rows, day)[one].to_numpy(),
            on(rows, day)[other].to_numpy(),
            on(rows, day)["student_id"].to_numpy(),
        )
        for day in LIST_DAYS
    ]
    middle = float(np.mean([gain for gain, _, _ in apart]))
    half = float(np.sqrt(np.sum([((high - low) / 2) ** 2 for _, low, high in apart])) / len(apart))
    return middle, middle - half, middle + half


def find() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as spare:
        told = {name: answer(question, Path(spare)) for name, question in QUESTIONS.items()}
    return {"figures": "\n\n".join(section(name, one) for name, one in told.items())}


if __name__ == "__main__":
    run(__doc__, ANSWER, find)
