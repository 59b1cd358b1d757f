"""One fit on many Mondays: trees on the earlier days, chances on later ones; then the trees again on all the days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import lightgbm as lgb
import numpy as np
import polars as pl

from models import steady_signs
from models.bends import fit_bent
from models.calibration import LEAST_LEAVERS
from models.examples import KEYS, Examples
from models.folds import Fold, NotEnoughDays
from models.horizons import SCHOOL_WEEKS, SPANS, WEEKS_INTO_YEAR, Horizons, Numbers, fit_horizons
from models.inputs import categories_in, input_names, matrix
from models.lessons import Lessons
from models.parts import BETWEEN_YEARS, MOVED, Part
from models.planning import year_spans
from models.recipe import Recipe
from models.returning import passages, with_not_back
from models.risk_model import RiskModel
from models.steady_signs import SteadySigns
from models.trees import Grove, Growth, best_growth, grove, parameters, regrow
from models.uncertainty import fit_uncertainty

REFIT_TREES = 150


@dataclass(frozen=True)
class Class:
    """What one teaching needs: the lessons, the days by their use, the examples, and how the trees read them."""

    lessons: Lessons
    fold: Fold
    examples: Examples
    trees: Grove

    @property
    def recipe(self) -> Recipe:
        return self.lessons.recipe

    def on(self, *parts: Sequence[date]) -> pl.DataFrame:
        return self.examples.on([day for part in parts for day in part])


def taught(lessons: Lessons, fold: Fold, examples: Examples) -> RiskModel:
    """Everything a model knows, from the days before the judged period and nothing else."""
    if examples.left == 0:
        raise NotEnoughDays("Nadie salió en los cortes que enseñan: no hay de qué aprender. Cargue más exportaciones.")
    here = Class(lessons, fold, examples, grove_for(lessons, examples.frame))
    lessons.progress("árboles")
    growth = best_growth(here.trees, here.on(fold.fit), here.on(fold.stop), here.recipe)
    early = calibrated(model_of(here, regrow(here.trees, here.on(fold.fit, fold.stop), growth, here.recipe)), here)
    # NOTE: the chances were set on days that those trees had not seen; the trees that replace them have, so the
    # chances are not set again.
    model = replace(early, booster=regrow(here.trees, examples.frame, growth, here.recipe), parts=parts_of(here))
    return replace(model, steady=steadied(model, here, growth))


def grove_for(lessons: Lessons, frame: pl.DataFrame) -> Grove:
    names = input_names(lessons.catalogue, lessons.recipe.use_sensitive)
    return grove(names, categories_in(frame, names, lessons.catalogue), lessons.catalogue, lessons.recipe)


def model_of(here: Class, booster: lgb.Booster) -> RiskModel:
    recipe = here.recipe
    return RiskModel(
        booster=booster,
        features=here.trees.names,
        fingerprint=here.lessons.catalogue.fingerprint,
        categories=here.trees.categories,
        horizon_weeks=recipe.horizon_weeks,
        absent_weeks=recipe.absent_weeks,
        taught_on=tuple(sorted(here.examples.frame["day"].unique())),
        taught_until=here.fold.calibrate[-1],
    )


def calibrated(model: RiskModel, here: Class) -> RiskModel:
    """The chances, their intervals and the longer spans are set on days that the trees have never seen."""
    told = here.on(here.fold.calibrate)
    raw = model.raw_score(model.inputs(told), here.recipe.threads)
    label, weight = (told[column].cast(pl.Float64).to_numpy() for column in ("label", "weight"))
    seen = told.select(*KEYS, "label", "weight").with_columns(pl.Series("raw", raw, dtype=pl.Float64))
    return replace(
        model,
        calibration=fit_bent(raw, label, weight),
        uncertainty=fit_uncertainty(seen, here.recipe.horizon_weeks),
        horizons=longer(raw, told, here) if here.recipe.part_trees else None,
    )


def longer(raw: Numbers, told: pl.DataFrame, here: Class) -> Horizons:
    """NOTE: one opinion serves every span; only how high it stands is learnt for each (docs/decisions/0023)."""
    spans = here.lessons.spans(here.fold.calibrate, told_by=here.fold.test[0])
    columns = [*KEYS, "weight", *([WEEKS_INTO_YEAR] if WEEKS_INTO_YEAR in told.columns else [])]
    beside = told.select(columns).join(spans, on=KEYS, how="left", maintain_order="left")
    if WEEKS_INTO_YEAR not in beside.columns:
        beside = beside.with_columns(pl.lit(None, pl.Float64).alias(WEEKS_INTO_YEAR))
    return fit_horizons(raw, beside.select(*KEYS, "weight", WEEKS_INTO_YEAR, *SPANS), year_weeks(here))


def year_weeks(here: Class) -> float:
    """How long the taught school years are, the middle one of them."""
    spans = year_spans(here.lessons.records)
    held = [
        (end - start).days / 7 for start, end, _ in spans if any(start <= day <= end for day in here.fold.taught_on)
    ]
    return float(np.median(held)) if held else SCHOOL_WEEKS


def parts_of(here: Class) -> dict[str, Part]:
    """What else may become of a child, where enough children show it."""
    if here.recipe.part_trees == 0:
        return {}
    found = {
        MOVED: taught_part(here, MOVED, here.on(here.fold.fit, here.fold.stop), here.on(here.fold.calibrate)),
        BETWEEN_YEARS: between_years(here),
    }
    return {name: part for name, part in found.items() if part is not None}


def between_years(here: Class) -> Part | None:
    """Needs two school years whose return is known: the later one sets the chances of what the earlier taught."""
    lessons, told_by = here.lessons, here.fold.test[0]
    asked = passages(here.fold.taught_on, year_spans(lessons.records), told_by)
    if len(asked) < 2:
        return None
    frame = with_not_back(here.examples.frame, lessons.records, asked, told_by, here.recipe.absent_weeks)
    frame = frame.filter(pl.col(BETWEEN_YEARS).is_not_null())
    latest = pl.col("passage") == asked[-1].name
    return taught_part(here, BETWEEN_YEARS, frame.filter(~latest), frame.filter(latest))


def taught_part(here: Class, target: str, grown_on: pl.DataFrame, later: pl.DataFrame) -> Part | None:
    """Trees on the earlier rows, a calibration on the later ones, and the trees again on both."""
    if min(grown_on[target].sum(), later[target].sum()) < LEAST_LEAVERS:
        return None
    trees = here.trees.without_directions()

    def grown(rows: pl.DataFrame) -> lgb.Booster:
        taught_rows = trees.dataset(rows, rows[target].cast(pl.Float64).to_numpy())
        return lgb.train(parameters(trees, here.recipe), taught_rows, num_boost_round=here.recipe.part_trees)

    rows = matrix(later, trees.names, trees.categories)
    raw = np.asarray(grown(grown_on).predict(rows, raw_score=True), dtype=np.float64)
    label, weight = (later[column].cast(pl.Float64).to_numpy() for column in (target, "weight"))
    return Part(grown(pl.concat([grown_on, later])), fit_bent(raw, label, weight))


def steadied(model: RiskModel, here: Class, growth: Growth) -> SteadySigns | None:
    """Smaller models of the same kind on other schools: which reasons would still point the same way."""
    recipe = here.recipe
    if recipe.refits == 0:
        return None
    here.lessons.progress("signos de las razones")
    small, few = replace(recipe, stands=1, retold_trees=0), Growth(min(growth.trees, REFIT_TREES), 0.0)
    return steady_signs.measured(
        model,
        here.examples.frame,
        lambda frame: regrow(here.trees, frame, few, small),
        here.lessons.catalogue,
        recipe.refits,
        recipe.seed,
    )
