"""Looks for a better recipe on the teaching years alone: each trial is judged on later years than taught it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np
import polars as pl

from features import Records, catalogue_for
from models.calibration import Numbers, fit_calibration, logistic_height, loss
from models.examples import thinned
from models.folds import NotEnoughDays
from models.inputs import matrix
from models.lessons import Lessons, Progress, silent
from models.planning import first_judged, last_day, plan, ripe_on, year_names
from models.recipe import Recipe
from models.teaching import grove_for
from models.time_folds import TimeFolds
from models.trees import Grove, parameters
from models.waiting import waiting

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

    from models.registry import Registry

ROWS = 150_000
"""Enough to tell recipes apart; a trial then takes seconds."""

WHOLE: Mapping[str, tuple[int, int]] = {"trees": (40, 600), "leaves": (3, 31), "depth": (2, 6), "min_leaf": (20, 1000)}
SHARED: Mapping[str, tuple[float, float]] = {
    "learning_rate": (0.01, 0.1),
    "l2": (0.1, 100.0),
    "feature_share": (0.1, 1.0),
    "row_share": (0.3, 1.0),
}
ON_A_LOG = ("trees", "min_leaf", "learning_rate", "l2")
CHOICES = (*WHOLE, *SHARED)


@dataclass(frozen=True)
class Tuned:
    """The best recipe found, its figure and that of the recipe one began with; `trials` are all that were made."""

    recipe: Recipe
    skill: float
    skill_before: float
    trials: int


@dataclass(frozen=True)
class Part:
    """One fold: rows as LightGBM reads them, of the years that teach and of the later one that judges."""

    taught: pl.DataFrame
    judged: Numbers
    label: Numbers
    weight: Numbers


@dataclass(frozen=True)
class Bench:
    """What every trial is tried on: the folds are cut once."""

    trees: Grove
    parts: Sequence[Part]

    def skill(self, recipe: Recipe) -> float:
        """The mean over folds of the surprise taken away, against saying the same chance of everyone: 0 is nothing."""
        return float(np.mean([skill_on(part, self.trees, recipe) for part in self.parts]))


def tune(
    records: Records,
    recipe: Recipe,
    trials: int,
    storage: str,
    registry: "Registry | None" = None,
    until: date | None = None,
    progress: Progress | None = None,
) -> Tuned:
    """At least `trials` trials in all, those of an earlier, interrupted search included.

    `storage`: where the search is kept, as SQLAlchemy names it (`sqlite:///…`). The judged year is never looked at.
    """
    lessons = Lessons(records.known_by(until or last_day(records)), catalogue_for(records), recipe, progress or silent)
    study = study_of(lessons, storage)
    bench = bench_of(lessons, until or last_day(records))
    kept = registry.searches.opened(study.study_name, recipe.as_text()) if registry else None

    def objective(trial: "Trial") -> float:
        lessons.progress(f"ensayo {trial.number + 1}")
        return bench.skill(replace(recipe, stands=1, **asked(trial)))

    def remember(_: "Study", trial: "FrozenTrial") -> None:
        if registry and kept and trial.value is not None:
            registry.searches.tried(kept, trial.number, trial.params, {"skill": trial.value})

    study.optimize(objective, n_trials=max(0, trials - len(finished(study))), callbacks=[remember])
    found = Tuned(best_recipe(study, recipe), study.best_value, first_value(study), len(finished(study)))
    if registry and kept:
        registry.searches.closed(kept, {"skill": found.skill, "skill_before": found.skill_before})
    return found


def study_of(lessons: Lessons, storage: str) -> "Study":
    """The search for this recipe on these records, begun or gone on with; the recipe itself is its first trial."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=lessons.recipe.seed)
    study = optuna.create_study(
        storage=storage, study_name=name_of(lessons), sampler=sampler, direction="maximize", load_if_exists=True
    )
    if not any(trial.state.name in ("COMPLETE", "WAITING") for trial in study.trials):
        study.enqueue_trial({choice: getattr(lessons.recipe, choice) for choice in CHOICES})
    return study


def name_of(lessons: Lessons) -> str:
    """A search goes on only where the question is the same: these records and features, so many weeks, this lot."""
    recipe = lessons.recipe
    asks = f"{recipe.horizon_weeks}w{recipe.absent_weeks}-{recipe.seed}"
    return f"{recipe.name}-{asks}-{lessons.catalogue.fingerprint}-{lessons.records.digest()[:12]}"


def asked(trial: "Trial") -> dict[str, Any]:
    whole = {name: trial.suggest_int(name, *ends, log=name in ON_A_LOG) for name, ends in WHOLE.items()}
    shared = {name: trial.suggest_float(name, *ends, log=name in ON_A_LOG) for name, ends in SHARED.items()}
    return {**whole, **shared}


def best_recipe(study: "Study", recipe: Recipe) -> Recipe:
    rounded = {name: round(value, 4) if name in SHARED else value for name, value in study.best_params.items()}
    return replace(recipe, name=f"{recipe.name}_tuned", **rounded)


def first_value(study: "Study") -> float:
    """What the recipe one began with shows."""
    return float(finished(study)[0].value or 0.0)


def finished(study: "Study") -> list["FrozenTrial"]:
    """Those that came to an end; one that was interrupted, which Optuna calls failed, does not count."""
    return [trial for trial in study.trials if trial.state.name == "COMPLETE"]


def bench_of(lessons: Lessons, until: date) -> Bench:
    """The teaching days of a training, cut into folds by school year with the same gap as before the judged period."""
    records, recipe = lessons.records, lessons.recipe
    wait = waiting(records, recipe, first_judged(records, recipe, until))
    days = plan(records, recipe, until, wait.weeks).taught_on
    examples = lessons.examples(days, told_by=ripe_on(days, recipe, wait.weeks)).frame
    frame = thinned(examples, ROWS, recipe.seed)
    trees = grove_for(lessons, frame)
    folds = TimeFolds(recipe.horizon_weeks + wait.weeks, year_names(records))
    parts = [part_of(frame[taught], frame[judged], trees) for taught, judged in folds.split(frame)]
    parts = [part for part in parts if part.label.sum() > 0 and part.taught["label"].sum() > 0]
    if not parts:
        raise NotEnoughDays("No hay dos periodos con salidas para buscar una receta. Cargue más exportaciones.")
    return Bench(trees, parts)


def part_of(taught: pl.DataFrame, judged: pl.DataFrame, trees: Grove) -> Part:
    label, weight = (judged[column].cast(pl.Float64).to_numpy() for column in ("label", "weight"))
    return Part(taught, matrix(judged, trees.names, trees.categories), label, weight)


def skill_on(part: Part, trees: Grove, recipe: Recipe) -> float:
    booster = lgb.train(parameters(trees, recipe), trees.dataset(part.taught), num_boost_round=recipe.trees)
    raw = np.asarray(booster.predict(part.judged, raw_score=True), dtype=np.float64)
    line = fit_calibration(raw, part.label, part.weight)
    flat = np.full_like(raw, logistic_height(np.zeros_like(raw), part.label, part.weight))
    said = loss(line.log_odds(raw), part.label, part.weight)
    return 1.0 - said / loss(flat, part.label, part.weight)
