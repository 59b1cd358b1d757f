"""Teaches on the first presentation (2013B) what is asked of the second (2013J): leaving soon, and leaving at all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
from oulad import BEGINS, Original, as_of, find_data, write_package

from features import Archive, Records, catalogue_for, outcomes
from features.feature import Catalogue
from features.labels import CLOSING_DAYS
from features.sources import IngestReport, ingest
from models.baselines import Chance, Method, Scores, fit_regression, fit_school_rate
from models.calibration import fit_calibration
from models.examples import Examples, spaced
from models.folds import Fold, teaching_parts
from models.inputs import categories_in, input_names
from models.lessons import Lessons
from models.recipe import Recipe
from models.risk_model import RiskModel
from models.teaching import taught
from models.training import ModelScores
from models.trees import grove, parameters

TAUGHT, ASKED = "2013B", "2013J"
FIRST_DAY = 14
LIST_DAYS = (28, 56, 84)
NOT_A_YEAR_YET = ("school_exit_rate",)
"""Who left in the last 52 weeks: when 2013B is taught the register is some months old, and a rate of 52 weeks grows
with it. It would tell a course of 2013B from one of 2013J, and nothing else."""
OF_ONE_MODULE = ("x_module", "school_exit_rate", "grade_exit_rate")
"""The module's own name, and rates that only tell how old its register is, say nothing of another module."""

TREES_TO_THE_END = 100
DAYS_TO_THE_END = 12


@dataclass(frozen=True)
class Register:
    """What came through the front door, and how many rows of each table went in."""

    original: Original
    records: Records
    written: dict[str, int]
    report: IngestReport

    @classmethod
    def through_the_front_door(cls, home: Path, modules: Sequence[str] = ()) -> Register:
        """All the modules, or some of them alone."""
        original = Original.read(find_data())
        original = original.only(modules) if modules else original
        written = write_package(original, home / "register")
        archive, today = home / "archive", date(2014, 12, 31)
        report = ingest(home / "register", Archive(archive), home / "quarantine", b"open format", unnamed, today)
        return cls(original, Records.open(archive), written, report)

    @cached_property
    def first_list(self) -> date:
        return as_of(ASKED, LIST_DAYS[0])

    @property
    def list_days(self) -> list[date]:
        return [as_of(ASKED, day) for day in LIST_DAYS]

    @cached_property
    def before_the_lists(self) -> Records:
        """All that was known when the first list of 2013J was made: nothing else teaches."""
        return self.records.known_by(self.first_list)

    def taught_days(self, weeks: int) -> list[date]:
        """Every week of 2013B from its day 14 whose outcome was known before the first list of 2013J."""
        ends = closes(self.records, TAUGHT) - timedelta(days=CLOSING_DAYS)
        last = min(self.first_list, ends) - timedelta(weeks=weeks)
        first = as_of(TAUGHT, FIRST_DAY)
        return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]

    def earlier_students(self) -> set[int]:
        info = self.original["studentInfo"].filter(pl.col("code_presentation") == TAUGHT)
        return set(info["id_student"])


def unnamed(_: pl.DataFrame) -> None:
    """The register has no names: nothing for the roster."""


def closes(records: Records, presentation: str) -> date:
    """The last day on which leaving still belongs to the presentation."""
    rows = records.table("calendar").filter(pl.col("school_year") == presentation)
    ends: date = rows.select(pl.col("ends_on").max()).collect().item()
    return ends + timedelta(days=CLOSING_DAYS)


class ToTheEnd(Lessons):
    """The same lessons, asked another question: does the student leave at any time before the presentation closes?"""

    def _outcomes(self, days: Sequence[date], told_by: date) -> Iterator[pl.DataFrame]:
        return (outcomes(self.records, [day], self.weeks_left(day), 0, known_by=told_by) for day in days)

    def weeks_left(self, day: date) -> int:
        presentation = max(name for name, begins in BEGINS.items() if begins <= day)
        return math.ceil((closes(self.records, presentation) - day).days / 7)


@dataclass(frozen=True)
class MissedWork:
    """Who has most work due and not handed in comes first."""

    name: str = "missed_work"
    chances: bool = False

    def scores(self, frame: pl.DataFrame) -> Scores:
        return np.asarray(frame["missed_work"].fill_null(0.0).to_numpy(), dtype=np.float64)


@dataclass(frozen=True)
class Taught:
    """A question, what answers it, and on how many examples it was taught; `lessons` asks it of the whole register."""

    lessons: Lessons
    catalogue: Catalogue
    model: RiskModel
    methods: list[Method]
    examples: int
    left: int
    days: int


def teach_four_weeks(register: Register, recipe: Recipe) -> Taught:
    """As the house teaches: trees on the earlier days of 2013B, their number on later ones, the chances on the last."""
    days = register.taught_days(recipe.horizon_weeks)
    parts = teaching_parts(days, recipe.horizon_weeks, recipe.stop_share, recipe.calibrate_share)
    fold = Fold(*parts, test=tuple(register.list_days))
    whole = lessons_of(Lessons, register, recipe, left_out=())
    chosen = lessons_of(Lessons, register, recipe)
    examples = whole.examples(fold.taught_on, told_by=register.first_list)
    model = taught(chosen, fold, examples)
    everything = replace(ModelScores(taught(whole, fold, examples)), name="whole_catalogue")
    return answered(register, whole, chosen.catalogue, model, examples, [everything])


def teach_to_the_end(register: Register, recipe: Recipe) -> Taught:
    """A departure counts on every day before it, so no later days of 2013B are fresh: whole modules are, in turn."""
    days = spaced(register.taught_days(recipe.horizon_weeks), DAYS_TO_THE_END)
    lessons = lessons_of(ToTheEnd, register, recipe)
    examples = lessons.examples(days, told_by=register.first_list)
    return answered(register, lessons, lessons.catalogue, across_modules(examples.frame, lessons), examples, [])


def lessons_of(
    kind: type[Lessons], register: Register, recipe: Recipe, left_out: Sequence[str] = NOT_A_YEAR_YET
) -> Lessons:
    records = register.before_the_lists
    return kind(records, Catalogue(f for f in catalogue_for(records) if f.name not in left_out), recipe)


def answered(
    register: Register,
    lessons: Lessons,
    catalogue: Catalogue,
    model: RiskModel,
    examples: Examples,
    more: Sequence[Method],
) -> Taught:
    """The model, and what one would do without it."""
    frame, recipe = examples.frame, lessons.recipe
    names = input_names(catalogue, recipe.use_sensitive)
    regression = fit_regression(frame, names, categories_in(frame, names, catalogue))
    simple: list[Method] = [MissedWork(), fit_school_rate(frame), Chance(recipe.seed)]
    methods: list[Method] = [ModelScores(model), *more, *([regression] if regression else []), *simple]
    asked = replace(lessons, records=register.records)
    return Taught(asked, catalogue, model, methods, frame.height, examples.left, frame["day"].n_unique())


def across_modules(examples: pl.DataFrame, lessons: Lessons) -> RiskModel:
    """Trees on every module; the chances from trees that had not seen the module they speak of."""
    model = grown(examples, lessons)
    raw, label = [], []
    for module in examples["institution_id"].unique().sort():
        apart = examples.filter(pl.col("institution_id") == module)
        told = grown(examples.filter(pl.col("institution_id") != module), lessons)
        raw.append(told.raw_score(told.inputs(apart)))
        label.append(apart["label"].cast(pl.Float64).to_numpy())
    return replace(model, calibration=fit_calibration(np.concatenate(raw), np.concatenate(label)))


def grown(examples: pl.DataFrame, lessons: Lessons) -> RiskModel:
    catalogue, recipe = lessons.catalogue, lessons.recipe
    names = input_names(catalogue, recipe.use_sensitive)
    trees = grove(names, categories_in(examples, names, catalogue), catalogue, recipe)
    booster = lgb.train(parameters(trees, recipe), trees.dataset(examples), num_boost_round=TREES_TO_THE_END)
    return RiskModel(booster, names, catalogue.fingerprint, categories=trees.categories)
