"""The recipe, followed top to bottom: earlier days teach, later days choose and calibrate, a later year judges."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl

from features import Records, catalogue_for, days_to_score
from features.feature import Catalogue
from models.baselines import Chance, Method, Scores, fit_regression, fit_school_rate, simple_rules
from models.beside import in_use, refuse_other_question
from models.borrowed import LEAST_TAUGHT, too_few
from models.datasheet import described
from models.evaluation import MODEL, OTHER, Capacity, Evaluation, evaluate
from models.examples import Examples, thinned
from models.fates import known_fate
from models.folds import Fold, NotEnoughDays, weeks_before
from models.inputs import categories_in, input_names
from models.lessons import Lessons, Progress, silent
from models.planning import first_judged, last_day, plan, reported, ripe_by, ripe_on, year_names
from models.ranking import TIE_RULE, lottery
from models.recipe import Recipe
from models.registry import Registry, Run
from models.risk_model import RiskModel
from models.scoring import refuse_other_catalogue
from models.stated_loss import beside_in_unseen, stated_loss
from models.teaching import taught
from models.unseen import Renamed, Unseen, without
from models.waiting import beside_wait, waiting

__all__ = [
    "ModelScores", "TrainingResult", "evaluate_version", "first_judged", "plan", "ripe_by", "taught", "train",
    "year_names",
]  # fmt: skip

REGRESSION_ROWS = 120_000
TAUGHT_ELSEWHERE = (
    "La versión {version} aprendió en otra secretaría: ningún día de aquí enseñó las líneas de base que irían al "
    "lado. Ejecute: permanencia model judge {version}"
)
DRAWN = 1_000

NOBODY_KNOWN = (
    "De nadie se sabe qué pasó después de los cortes que juzgan: no hay con qué comparar. Cargue las exportaciones "
    "siguientes, o elija fechas anteriores."
)


@dataclass(frozen=True)
class TrainingResult:
    """`run_id` and `version` are None when the run was not recorded.

    `unseen`: the figures of the recipe taught without some schools, on those schools (`models.unseen`).
    """

    run_id: str | None
    version: str | None
    table: pl.DataFrame
    model: RiskModel
    fold: Fold
    evaluation: Evaluation
    excluded: dict[str, int]
    unseen: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelScores:
    """The model as one method among others."""

    model: RiskModel
    threads: int = 1
    name: str = MODEL
    chances: bool = True

    def scores(self, frame: pl.DataFrame) -> Scores:
        return self.model.calibration(self.model.raw_score(self.model.inputs(frame), self.threads))


def train(
    records: Records,
    recipe: Recipe,
    registry: Registry | None = None,
    until: date | None = None,
    truth: pl.DataFrame | None = None,
    capacity: int | None = None,
    progress: Progress | None = None,
) -> TrainingResult:
    """Nothing learnt after `until` is used; `truth` (student_id, day, chance_4w) adds the best possible list."""
    until = until or last_day(records)
    records = records.known_by(until)
    lessons = Lessons(records, catalogue_for(records), recipe, progress or silent)
    wait = waiting(records, recipe, first_judged(records, recipe, until))
    fold = plan(records, recipe, until, wait.weeks)
    examples = lessons.examples(fold.taught_on, told_by=ripe_on(fold.taught_on, recipe, wait.weeks))
    model = taught(lessons, fold, examples)
    champion = in_use(registry, lessons.catalogue.fingerprint, model) if registry else None
    methods = [ModelScores(model, recipe.threads), *baselines(examples.frame, lessons.catalogue, recipe)]
    if champion and champion.model.borrowed and examples.left < LEAST_TAUGHT:
        raise NotEnoughDays(too_few(examples.left))
    methods += [ModelScores(champion.model, recipe.threads, name=OTHER)] if champion else []
    elsewhere = unseen(lessons, fold, examples)
    told = lessons.judged(fold.test, [*methods, *(elsewhere.methods if elsewhere else [])], told_by=until)
    travels = elsewhere.figures(told, recipe) | stated_loss(elsewhere, told, recipe) if elsewhere else {}
    evaluation = beside_wait(judged(lessons, told, methods, truth, capacity), wait)
    if champion:
        seen = overlap(champion.model, recipe, fold.test, "la otra versión: ")
        evaluation = replace(evaluation, notes=(*evaluation.notes, *seen))
    run = as_run(records, recipe, fold, examples, model, evaluation)
    apart = champion.figures(evaluation.comparison) if champion else {}
    apart |= beside_in_unseen(elsewhere, told, champion.seal) if champion else {}
    run = replace(run, metrics={**run.metrics, **travels, **apart})
    run_id, version = registry.record(run) if registry else (None, None)
    return TrainingResult(run_id, version, evaluation.table, model, fold, evaluation, examples.excluded, travels)


def evaluate_version(
    records: Records,
    registry: Registry,
    version: str,
    first: date,
    last: date,
    recipe: Recipe | None = None,
    capacity: int | None = None,
    truth: pl.DataFrame | None = None,
    progress: Progress | None = None,
    against: str | None = None,
) -> Evaluation:
    """A registered version on any ripe period, beside baselines taught on the days the version was taught on.

    `against`: a second version, judged on the same weeks; `comparison` then tells how far apart they are.
    """
    model, until = registry.load(version), last_day(records)
    if model.borrowed:
        raise NotEnoughDays(TAUGHT_ELSEWHERE.format(version=version))
    recipe = replace(recipe or Recipe(), horizon_weeks=model.horizon_weeks, absent_weeks=model.absent_weeks)
    lessons = Lessons(records, catalogue_for(records), recipe, progress or silent)
    refuse_other_catalogue(model, lessons.catalogue)
    other = registry.load(against) if against else None
    if other:
        refuse_other_question(model, other)
    wait = waiting(records, recipe, first)
    days = reported(records, ripe_by(records, days_to_score(records, first, last), recipe, until, wait.weeks), recipe)
    if not days:
        raise NotEnoughDays("Ningún corte de ese periodo tiene resultados conocidos. Elija fechas anteriores.")
    examples = lessons.examples(model.taught_on, told_by=ripe_on(model.taught_on, recipe, wait.weeks))
    methods = [ModelScores(model, recipe.threads), *baselines(examples.frame, lessons.catalogue, recipe)]
    if other:
        refuse_other_catalogue(other, lessons.catalogue)
        methods.append(ModelScores(other, recipe.threads, name=OTHER))
    told = lessons.judged(days, methods, told_by=until)
    evaluation = beside_wait(judged(lessons, told, methods, truth, capacity), wait)
    seen = (*overlap(model, recipe, days), *(overlap(other, recipe, days, "la otra versión: ") if other else ()))
    return replace(evaluation, notes=(*evaluation.notes, *seen))


def baselines(examples: pl.DataFrame, catalogue: Catalogue, recipe: Recipe) -> list[Method]:
    names = input_names(catalogue, recipe.use_sensitive)
    fewer = thinned(examples, REGRESSION_ROWS, recipe.seed)
    regression = fit_regression(fewer, names, categories_in(fewer, names, catalogue))
    found: list[Method] = [*simple_rules(), fit_school_rate(examples), Chance(recipe.seed)]
    return [regression, *found] if regression else found


def unseen(lessons: Lessons, fold: Fold, examples: Examples) -> Unseen | None:
    """The model and every baseline, taught without a part of the schools; None where nothing can be taught so."""
    kept = without(examples, lessons.recipe)
    if kept is None or kept[1].left == 0:
        return None
    schools, fewer = kept
    alone = replace(lessons, recipe=replace(lessons.recipe, part_trees=0, refits=0))
    methods = [
        ModelScores(taught(alone, fold, fewer), lessons.recipe.threads),
        *baselines(fewer.frame, lessons.catalogue, lessons.recipe),
    ]
    return Unseen(schools, [Renamed(method) for method in methods])


def judged(
    lessons: Lessons, told: pl.DataFrame, methods: Sequence[Method], truth: pl.DataFrame | None, capacity: int | None
) -> Evaluation:
    recipe = lessons.recipe
    if told.filter(known_fate()).is_empty():
        raise NotEnoughDays(NOBODY_KNOWN)
    lessons.progress("evaluación")
    room = Capacity(capacity, recipe.capacity_share, recipe.capacity_least)
    chances = {method.name: method.chances for method in methods}
    return evaluate(told, chances, room, truth, recipe.bootstrap, facts=lessons.facts)


def overlap(model: RiskModel, recipe: Recipe, days: Sequence[date], who: str = "") -> tuple[str, ...]:
    """Says so when the period is not later than what the model has seen: its figures are then too good."""
    gap = recipe.horizon_weeks + recipe.absent_weeks
    if model.taught_until is None or weeks_before(days[0], gap) >= model.taught_until:
        return ()
    told = f"{who}el periodo toca días con los que se entrenó (hasta {model.taught_until}): sus cifras no juzgan."
    return (told[0].upper() + told[1:],)


def as_run(
    records: Records, recipe: Recipe, fold: Fold, examples: Examples, model: RiskModel, evaluation: Evaluation
) -> Run:
    """What is kept of the training, so that it can be understood and repeated."""
    parts = {"fit": fold.fit, "stop": fold.stop, "calibrate": fold.calibrate, "test": fold.test}
    days = {f"{name}_days": f"{days[0]}/{days[-1]} ({len(days)})" for name, days in parts.items()}
    counts = {f"excluded.{kind.lower()}": float(count) for kind, count in examples.excluded.items()}
    tags = {"data_digest": records.digest(), "git_commit": git_commit(), "tie_rule": TIE_RULE, **days}
    return Run(
        model=model,
        params={**recipe.as_text(), "trees_kept": str(model.booster.num_trees())},
        tags={**tags, "horizon_weeks": str(recipe.horizon_weeks)},
        table=evaluation.table,
        deciles=evaluation.deciles,
        weeks=evaluation.weeks,
        example=typical_row(examples.frame, model),
        evaluation=evaluation,
        sample=drawn_rows(examples.frame, model, recipe.seed),
        datasheet=described(records, examples.frame, examples.excluded, model.features),
        metrics={"examples": float(examples.frame.height), "examples_left": float(examples.left), **counts},
    )


def drawn_rows(examples: pl.DataFrame, model: RiskModel, seed: int) -> pl.DataFrame:
    """Some hundreds of rows of features, without a name, a day or a school, for pictures of the whole."""
    lots = examples.select("student_id", "day").with_columns(pl.Series("_lottery", lottery(examples, seed)))
    places = lots.select(pl.col("_lottery").arg_sort().head(DRAWN)).to_series()
    return examples.select(model.features)[places]


def typical_row(examples: pl.DataFrame, model: RiskModel) -> pl.DataFrame:
    """A child who does not exist: the middle of every number, the first of every word. No real row is kept."""
    middles = [
        pl.lit(model.categories[name][0] if model.categories[name] else None, dtype=pl.String).alias(name)
        if name in model.categories
        else pl.col(name).median()
        for name in model.features
    ]
    return examples.select(middles)


def git_commit() -> str:
    """The state of the code; unknown where it was installed without its history."""
    asked = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603 (no input)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return told.stdout.strip()
