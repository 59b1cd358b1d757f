"""The recipe, followed top to bottom: earlier days teach, later days choose and calibrate, a later year judges."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from features import Records, catalogue_for, days_to_score
from features.feature import Catalogue
from features.frame import report_days
from features.labels import CLOSING_DAYS
from models.baselines import Chance, Flags, Method, Scores, fit_regression, fit_school_rate
from models.calibration import fit_calibration
from models.evaluation import MODEL, Capacity, Evaluation, evaluate
from models.examples import LEFT, STAYED, Examples, spaced, thinned
from models.folds import Fold, NotEnoughDays, by_time, judged_days, weeks_before
from models.inputs import categories_in, input_names
from models.lessons import Lessons, Progress, silent
from models.ranking import TIE_RULE
from models.recipe import Recipe
from models.registry import Registry, Run
from models.risk_model import RiskModel
from models.scoring import refuse_other_catalogue
from models.trees import best_count, grove, regrow
from models.waiting import beside_wait, waiting

REGRESSION_ROWS = 300_000


@dataclass(frozen=True)
class TrainingResult:
    """`run_id` and `version` are None when the run was not recorded."""

    run_id: str | None
    version: str | None
    table: pl.DataFrame
    model: RiskModel
    fold: Fold
    evaluation: Evaluation
    excluded: dict[str, int]


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
    methods = [ModelScores(model, recipe.threads), *baselines(examples.frame, lessons.catalogue, recipe)]
    evaluation = beside_wait(judged(lessons, fold.test, methods, until, truth, capacity), wait)
    run = as_run(records, recipe, fold, examples, model, evaluation)
    run_id, version = registry.record(run) if registry else (None, None)
    return TrainingResult(run_id, version, evaluation.table, model, fold, evaluation, examples.excluded)


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
) -> Evaluation:
    """A registered version on any ripe period, beside baselines taught on the days the version was taught on."""
    model, until = registry.load(version), last_day(records)
    recipe = replace(recipe or Recipe(), horizon_weeks=model.horizon_weeks, absent_weeks=model.absent_weeks)
    lessons = Lessons(records, catalogue_for(records), recipe, progress or silent)
    refuse_other_catalogue(model, lessons.catalogue)
    wait = waiting(records, recipe, first)
    days = reported(records, ripe_by(records, days_to_score(records, first, last), recipe, until, wait.weeks), recipe)
    if not days:
        raise NotEnoughDays("Ningún corte de ese periodo tiene resultados conocidos. Elija fechas anteriores.")
    examples = lessons.examples(model.taught_on, told_by=ripe_on(model.taught_on, recipe, wait.weeks))
    methods = [ModelScores(model, recipe.threads), *baselines(examples.frame, lessons.catalogue, recipe)]
    told = beside_wait(judged(lessons, days, methods, until, truth, capacity), wait)
    return replace(told, notes=overlap(model, recipe, days))


def last_day(records: Records) -> date:
    day = records.last_known_on()
    if day is None:
        raise NotEnoughDays("El archivo está vacío. Cargue exportaciones con «permanencia ingest».")
    return day


def first_judged(records: Records, recipe: Recipe, until: date) -> date:
    """Where the judged period begins, whatever the wait will be."""
    days = reported(records, ripe_by(records, days_to_score(records, None, until), recipe, until), recipe)
    judged = judged_days(days, year_names(records), recipe.test_share, recipe.test_from, recipe.test_until)
    return judged[0] if judged else until


def plan(records: Records, recipe: Recipe, until: date, wait_weeks: int | None = None) -> Fold:
    """Which days teach and which judge; of very many teaching days, an even part."""
    wait = recipe.absent_weeks if wait_weeks is None else wait_weeks
    days = reported(records, ripe_by(records, days_to_score(records, None, until), recipe, until, wait), recipe)
    fold = by_time(
        days,
        year_names(records),
        recipe.horizon_weeks,
        wait,
        recipe.stop_share,
        recipe.calibrate_share,
        recipe.test_share,
        recipe.test_from,
        recipe.test_until,
    )
    return replace(fold, fit=tuple(spaced(fold.fit, recipe.most_days)), stop=tuple(spaced(fold.stop, recipe.most_days)))


def ripe_on(days: Sequence[date], recipe: Recipe, wait_weeks: int) -> date:
    """The day on which all their outcomes could first be known; before the judged period, since the fold has a gap."""
    return max(days) + timedelta(weeks=recipe.horizon_weeks + wait_weeks)


def ripe_by(
    records: Records, days: Sequence[date], recipe: Recipe, until: date, wait_weeks: int | None = None
) -> list[date]:
    """The days whose outcomes can all be known: after the horizon or the close of the year, and the wait."""
    wait = timedelta(weeks=recipe.absent_weeks if wait_weeks is None else wait_weeks)
    horizon, years = timedelta(weeks=recipe.horizon_weeks), year_spans(records)

    def ends(day: date) -> date:
        closes = [end + timedelta(days=CLOSING_DAYS) for start, end, _ in years if start <= day <= end]
        return min([day + horizon, *([max(closes)] if closes else [])])

    return [day for day in days if ends(day) + wait <= until]


def reported(records: Records, days: Sequence[date], recipe: Recipe) -> list[date]:
    """The days followed by an export within the horizon: before a recess there may be none, and then nobody knows."""
    reports, horizon = report_days(records), timedelta(weeks=recipe.horizon_weeks)
    return [day for day in days if not reports or any(day < seen <= day + horizon for seen in reports)]


def year_names(records: Records) -> Callable[[date], str]:
    """The school year of a day, by the calendar that came with the records."""
    years = year_spans(records)

    def year_of(day: date) -> str:
        holding = [(start, name) for start, end, name in years if start <= day <= end]
        return max(holding)[1] if holding else str(day.year)

    return year_of


def year_spans(records: Records) -> list[tuple[date, date, str]]:
    """First class, last class and name of every year of the calendar that came with the records."""
    rows = records.table("calendar").select("starts_on", "ends_on", "school_year").unique()
    return [(start, end, str(name)) for start, end, name in rows.collect().rows()]


def taught(lessons: Lessons, fold: Fold, examples: Examples) -> RiskModel:
    """Trees on the earlier days, chances on the later ones; then as many trees again on all the days of `examples`."""
    if examples.left == 0:
        raise NotEnoughDays("Nadie salió en los cortes que enseñan: no hay de qué aprender. Cargue más exportaciones.")
    recipe, catalogue = lessons.recipe, lessons.catalogue
    names = input_names(catalogue, recipe.use_sensitive)
    trees = grove(names, categories_in(examples.frame, names, catalogue), catalogue, recipe)
    lessons.progress("árboles")
    grown_on = pl.concat([examples.on(fold.fit), examples.on(fold.stop)])
    count = best_count(trees, examples.on(fold.fit), examples.on(fold.stop), recipe)
    model = RiskModel(
        booster=regrow(trees, grown_on, count, recipe),
        features=names,
        fingerprint=catalogue.fingerprint,
        categories=trees.categories,
        horizon_weeks=recipe.horizon_weeks,
        absent_weeks=recipe.absent_weeks,
        taught_on=tuple(sorted(examples.frame["day"].unique())),
        taught_until=fold.calibrate[-1],
    )
    model = calibrated(model, lessons, fold)
    # NOTE: the chances were set on days that those trees had not seen; the trees that replace them have, so the
    # chances are not set again.
    return replace(model, booster=regrow(trees, examples.frame, count, recipe))


def calibrated(model: RiskModel, lessons: Lessons, fold: Fold) -> RiskModel:
    """The chances are set on days that the trees have never seen."""
    told = lessons.judged(fold.calibrate, [RawScores(model, lessons.recipe.threads)], told_by=fold.test[0])
    told = told.filter(pl.col("outcome").is_in([LEFT, STAYED]))
    label = (told["outcome"] == LEFT).cast(pl.Float64).to_numpy()
    return replace(model, calibration=fit_calibration(told["raw"].to_numpy(), label))


@dataclass(frozen=True)
class RawScores:
    """The trees before calibration."""

    model: RiskModel
    threads: int = 1
    name: str = "raw"
    chances: bool = False

    def scores(self, frame: pl.DataFrame) -> Scores:
        return self.model.raw_score(self.model.inputs(frame), self.threads)


def baselines(examples: pl.DataFrame, catalogue: Catalogue, recipe: Recipe) -> list[Method]:
    names = input_names(catalogue, recipe.use_sensitive)
    fewer = thinned(examples, REGRESSION_ROWS, recipe.seed)
    regression = fit_regression(fewer, names, categories_in(fewer, names, catalogue))
    found: list[Method] = [Flags(), fit_school_rate(examples), Chance(recipe.seed)]
    return [regression, *found] if regression else found


def judged(
    lessons: Lessons,
    days: Sequence[date],
    methods: Sequence[Method],
    until: date,
    truth: pl.DataFrame | None,
    capacity: int | None,
) -> Evaluation:
    recipe = lessons.recipe
    told = lessons.judged(days, methods, told_by=until)
    lessons.progress("evaluación")
    room = Capacity(capacity, recipe.capacity_share, recipe.capacity_least)
    chances = {method.name: method.chances for method in methods}
    return evaluate(told, chances, room, truth, recipe.bootstrap)


def overlap(model: RiskModel, recipe: Recipe, days: Sequence[date]) -> tuple[str, ...]:
    """Says so when the period is not later than what the model has seen: its figures are then too good."""
    gap = recipe.horizon_weeks + recipe.absent_weeks
    if model.taught_until is None or weeks_before(days[0], gap) >= model.taught_until:
        return ()
    return (f"El periodo toca días con los que se entrenó (hasta {model.taught_until}): sus cifras no juzgan.",)


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
        metrics={"examples": float(examples.frame.height), "examples_left": float(examples.left), **counts},
    )


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
