"""Once weeks have ripened here: the model learned elsewhere, the same adjusted, and one's own, on the same weeks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from features import Records, catalogue_for, days_to_score, outcomes
from models.adjusting import adjusted
from models.baselines import Chance, Method, simple_rules
from models.beside import InUse, in_use
from models.borrowed import ELSEWHERE, JUDGED_HERE, LEAST_TAUGHT, too_few
from models.borrowing import nobody
from models.calibration import log_odds, loss
from models.evaluation import MODEL, OTHER, Capacity, Evaluation, evaluate
from models.examples import Examples
from models.fates import has_left, known_fate
from models.folds import Fold, NotEnoughDays, judged_days, teaching_parts, until, weeks_before
from models.gates import GateRefused, written_gates
from models.lessons import Lessons, Progress, silent
from models.metrics import area_under_curve
from models.planning import first_judged, last_day, reported, ripe_by, ripe_on, year_names
from models.recipe import Recipe
from models.registry import Registry
from models.risk_model import RiskModel
from models.runs import Run
from models.scoring import refuse_other_catalogue
from models.strangers import PARTS, Strangers, dealt, without
from models.teaching import taught
from models.training import ModelScores, baselines, git_commit
from models.waiting import beside_wait, waiting

BORROWED, ADJUSTED, OWN, REGRESSION = "borrowed", "adjusted", "own", "logistic_regression"
TAUGHT_HERE = (
    "Esa versión se entrenó en esta secretaría o ya se ajustó a ella: sus cortes no la juzgan. Use la versión que se "
    "recibió, o «permanencia evaluate» con fechas posteriores a las que la entrenaron."
)
NOTHING_RIPE = (
    "Aquí todavía no ha madurado ningún corte: siga con el modelo aprendido en otra secretaría, y repita cuando haya "
    "más semanas de reportes."
)


@dataclass(frozen=True)
class Weeks:
    """The weeks that have ripened: the earlier teach, the later judge, with a gap between."""

    taught_on: tuple[date, ...]
    test: tuple[date, ...]


@dataclass(frozen=True)
class Judged:
    """`chosen`: borrowed, adjusted or own; `run`: what to register, unless it is one's own, which `train` makes.

    `notes`: what could not be taught yet, and why.
    """

    chosen: str
    evaluation: Evaluation
    run: Run | None
    notes: tuple[str, ...]

    def sentence(self, version: str | None) -> str:
        """What to do next."""
        if self.chosen == OWN:
            return "En instituciones que no ha visto ordena mejor uno propio. Ejecute: permanencia train, y promote."
        what = "ajustado a los cortes de aquí" if self.chosen == ADJUSTED else "tal como vino"
        return (
            f"Sirve el aprendido en otra secretaría, {what}: versión {version}. Ejecute: permanencia promote {version}"
        )


def refuse_where_judged(records: Records, borrowed: RiskModel) -> None:
    """Where enough has ripened a model is judged, and no decision stands in for that."""
    day, recipe = last_day(records), Recipe(horizon_weeks=borrowed.horizon_weeks, absent_weeks=borrowed.absent_weeks)
    days = reported(records, ripe_by(records, days_to_score(records, None, day), recipe, day), recipe)
    if not days:
        return
    told = outcomes(records, days[:: recipe.horizon_weeks], recipe.horizon_weeks, recipe.absent_weeks)
    left = told.filter(pl.col("ripe") & has_left()).height
    if left >= written_gates().least_left:
        raise GateRefused([
            f"Aquí ya maduraron {left} salidas o más: júzguela por ellas, y no por decisión. "
            "Ejecute: permanencia model judge VERSIÓN."
        ])  # fmt: skip


def judge_here(
    records: Records,
    borrowed: RiskModel,
    recipe: Recipe,
    upto: date | None = None,
    progress: Progress | None = None,
    registry: Registry | None = None,
) -> Judged:
    """All on the same weeks of this secretariat; the one to use is the one that does best in schools it never saw.

    Every school here is one that the borrowed model never saw. One's own model and the regression are taught without
    a third of the schools, three times, and each school is told by the one that was taught without it. With `registry`,
    the version in use is judged on the same weeks too, as the gates ask.
    """
    if borrowed.borrowed is None or borrowed.borrowed.adjusted_on:
        raise GateRefused([TAUGHT_HERE])
    day = upto or last_day(records)
    records = records.known_by(day)
    recipe = replace(recipe, horizon_weeks=borrowed.horizon_weeks, absent_weeks=borrowed.absent_weeks)
    lessons = Lessons(records, catalogue_for(records), recipe, progress or silent)
    refuse_other_catalogue(borrowed, lessons.catalogue)
    wait = waiting(records, recipe, first_judged(records, recipe, day))
    weeks = ripe_weeks(lessons, day, wait.weeks)
    champion = in_use(registry, lessons.catalogue.fingerprint, borrowed) if registry else None
    methods, models, notes = contenders(lessons, borrowed, weeks, wait.weeks)
    methods += [ModelScores(champion.model, recipe.threads, OTHER)] if champion else []
    told = lessons.judged(weeks.test, methods, told_by=day)
    if told.is_empty():
        raise NotEnoughDays(NOTHING_RIPE)
    chosen = choose(told, [method.name for method in methods])
    evaluation = beside_wait(judged_as(told, methods, chosen, recipe), wait)
    run = run_of(lessons, models[chosen], evaluation, weeks, champion) if chosen in models else None
    return Judged(chosen, evaluation, run, tuple(notes))


def ripe_weeks(lessons: Lessons, day: date, wait_weeks: int) -> Weeks:
    """The last third judges, or the last school year; what comes a horizon and a wait before it may teach."""
    records, recipe = lessons.records, lessons.recipe
    days = reported(records, ripe_by(records, days_to_score(records, None, day), recipe, day, wait_weeks), recipe)
    if not days:
        raise NotEnoughDays(NOTHING_RIPE)
    test = judged_days(days, year_names(records), recipe.test_share, recipe.test_from, recipe.test_until)
    earlier = until(days, weeks_before(test[0], recipe.horizon_weeks + wait_weeks))
    return Weeks(tuple(earlier), tuple(test))


def contenders(
    lessons: Lessons, borrowed: RiskModel, weeks: Weeks, wait_weeks: int
) -> tuple[list[Method], dict[str, RiskModel], list[str]]:
    """The methods to judge, the models behind those that could be registered, and what could not be taught."""
    threads = lessons.recipe.threads
    methods: list[Method] = [ModelScores(borrowed, threads, BORROWED), *simple_rules(), Chance(lessons.recipe.seed)]
    if not weeks.taught_on:
        return methods, {BORROWED: borrowed}, ["Todavía no hay cortes maduros anteriores a los que juzgan."]
    examples = lessons.examples(weeks.taught_on, told_by=ripe_on(weeks.taught_on, lessons.recipe, wait_weeks))
    here = adjusted(borrowed, examples.frame, threads)
    methods.append(ModelScores(here, threads, ADJUSTED))
    own, notes = own_methods(lessons, weeks, examples)
    return [*methods, *own], {BORROWED: borrowed, ADJUSTED: here}, notes


def own_methods(lessons: Lessons, weeks: Weeks, examples: Examples) -> tuple[list[Method], list[str]]:
    groups = dealt(examples.frame["institution_id"])
    if examples.left < LEAST_TAUGHT or len(groups) < PARTS:
        return [], [too_few(examples.left)]
    apart = [without(examples, groups, number) for number in range(PARTS)]
    regressions = [baselines(one.frame, lessons.catalogue, lessons.recipe)[0] for one in apart]
    found: list[Method] = [Strangers(REGRESSION, groups, regressions)]
    try:
        fold = fold_of(weeks, lessons.recipe)
    except NotEnoughDays as few:
        return found, [str(few)]
    alone = replace(lessons, recipe=replace(lessons.recipe, part_trees=0, refits=0))
    parts = [ModelScores(taught(alone, fold, one), lessons.recipe.threads) for one in apart]
    return [*found, Strangers(OWN, groups, parts)], []


def fold_of(weeks: Weeks, recipe: Recipe) -> Fold:
    parts = teaching_parts(weeks.taught_on, recipe.horizon_weeks, recipe.stop_share, recipe.calibrate_share)
    return Fold(*parts, weeks.test)


def choose(told: pl.DataFrame, names: Sequence[str]) -> str:
    """One's own where it orders the judged children no worse; else the borrowed one, by what surprises less.

    NOTE: by the order over everyone, not by the few at the cut: of thirty names a week two more are luck.
    """
    known = told.filter(known_fate())
    label = known.select(has_left().cast(pl.Float64)).to_series().to_numpy()
    area = {name: area_under_curve(label, known[name].to_numpy()) or 0.5 for name in names if name in (OWN, BORROWED)}
    if area.get(OWN, 0.0) >= area[BORROWED]:
        return OWN
    if ADJUSTED not in names:
        return BORROWED
    even = np.ones_like(label)
    return min((ADJUSTED, BORROWED), key=lambda name: loss(log_odds(known[name].to_numpy()), label, even))


def judged_as(told: pl.DataFrame, methods: Sequence[Method], chosen: str, recipe: Recipe) -> Evaluation:
    """The table with the chosen one as the model; its own name stays for the others."""
    chances = {MODEL if one.name == chosen else one.name: one.chances for one in methods}
    room = Capacity(None, recipe.capacity_share, recipe.capacity_least)
    return evaluate(told.rename({chosen: MODEL}), chances, room, draws=recipe.bootstrap)


def run_of(lessons: Lessons, model: RiskModel, evaluation: Evaluation, weeks: Weeks, champion: InUse | None) -> Run:
    """A borrowed model with the figures of this secretariat: from here on the gates judge it like any other.

    `unseen.…`: no school here taught it, and the regression beside it was taught without the schools it told.
    """
    adjusted_here = model.borrowed is not None and model.borrowed.adjusted_on != ""
    days = {"calibrate_days": weeks.taught_on if adjusted_here else (), "test_days": weeks.test}
    tags = {name: f"{part[0]}/{part[-1]} ({len(part)})" for name, part in days.items() if part}
    areas = dict(evaluation.table.select("method", "auc").iter_rows())
    unseen = {f"unseen.{name}.auc": areas[name] for name in (MODEL, REGRESSION) if areas.get(name) is not None}
    digest = {"data_digest": lessons.records.digest(), "git_commit": git_commit()}
    return Run(
        model=replace(model, version=None),
        params={**lessons.recipe.as_text(), "trees_kept": str(model.booster.num_trees())},
        tags={**digest, **tags, "horizon_weeks": str(model.horizon_weeks), ELSEWHERE: JUDGED_HERE},
        table=evaluation.table,
        deciles=evaluation.deciles,
        weeks=evaluation.weeks,
        example=nobody(model),
        evaluation=evaluation,
        metrics=unseen | (champion.figures(evaluation.comparison) if champion else {}),
    )
