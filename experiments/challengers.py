"""What any data scientist would try first, untuned, on the very rows and columns that the house's model is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import polars as pl

from models.baselines import fit_regression
from models.calibration import fit_calibration, log_odds
from models.inputs import Categories, matrix
from models.metrics import area_under_curve, average_precision, brier, calibration_error, deciles
from models.recipe import Recipe
from models.risk_model import RiskModel
from models.trees import Grove, Growth, regrow

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
LOOSE = 1.0
"""How scikit-learn holds a regression unasked."""

DRAWS = 300
ROUNDS = 300
"""CatBoost's, not the thousand it takes unasked: on OULAD those took ten times as long as all others and found less."""


@dataclass(frozen=True)
class Columns:
    """What may be read: the names in order, which of them are words, and which can only push one way."""

    names: tuple[str, ...]
    spoken: frozenset[str] = frozenset()
    directions: Mapping[str, int] = field(default_factory=dict)

    def words(self, examples: pl.DataFrame) -> dict[str, list[str]]:
        """The words of each category, as the examples have them."""
        return {name: sorted(examples[name].drop_nulls().unique()) for name in self.names if name in self.spoken}

    def only(self, kept: Callable[[str], bool]) -> Columns:
        return replace(self, names=tuple(name for name in self.names if kept(name)))


Challenger = Callable[[pl.DataFrame, pl.DataFrame, Columns], Numbers]
"""Is given examples with `label` and `weight`, and who is asked about; answers log-odds."""


def house_model(
    examples: pl.DataFrame, columns: Columns, recipe: Recipe, words: dict[str, list[str]] | None = None
) -> RiskModel:
    """Half the regression's opinion, half that of small trees, as one booster; its chances are not set yet."""
    words = columns.words(examples) if words is None else words
    trees = Grove(columns.names, words, tuple(columns.directions.get(name, 0) for name in columns.names))
    booster = regrow(trees, examples, Growth(recipe.trees), recipe)
    return RiskModel(booster, columns.names, fingerprint="no catalogue", categories=words)


def with_chances(
    model: RiskModel, examples: pl.DataFrame, parts: Sequence[Places], columns: Columns, recipe: Recipe
) -> RiskModel:
    """The chances are set on opinions about rows that had not taught them: each of `parts` is asked of all others."""
    everyone = np.arange(examples.height)
    told = [
        opinion(house_model(examples[np.setdiff1d(everyone, part)], columns, recipe), examples[part]) for part in parts
    ]
    label = examples["label"].cast(pl.Float64).to_numpy()[np.concatenate(parts)]
    return replace(model, calibration=fit_calibration(np.concatenate(told), label))


def opinion(model: RiskModel, asked: pl.DataFrame) -> Numbers:
    return model.raw_score(model.inputs(asked))


def regression(examples: pl.DataFrame, asked: pl.DataFrame, columns: Columns) -> Numbers:
    fitted = fit_regression(examples, columns.names, columns.words(examples), hold=LOOSE)
    assert fitted is not None
    return log_odds(fitted.scores(asked))


def histogram_boosting(examples: pl.DataFrame, asked: pl.DataFrame, columns: Columns) -> Numbers:
    from sklearn.ensemble import HistGradientBoostingClassifier

    words = columns.words(examples)
    rows, others = (told(frame, columns, words) for frame in (examples, asked))
    empty = np.isnan(rows).all(axis=0)  # a column of which nothing is known stops it
    fitted = HistGradientBoostingClassifier(categorical_features=places(columns) or None, random_state=0)
    fitted.fit(np.where(empty, 0, rows), examples["label"].to_numpy())
    return log_odds(np.asarray(fitted.predict_proba(np.where(empty, 0, others))[:, 1]))


def untuned_lightgbm(examples: pl.DataFrame, asked: pl.DataFrame, columns: Columns) -> Numbers:
    words = columns.words(examples)
    fitted = lgb.LGBMClassifier(verbosity=-1, n_jobs=1, random_state=0)
    rows, label = told(examples, columns, words), examples["label"].to_numpy()
    fitted.fit(rows, label, categorical_feature=places(columns))
    return np.asarray(fitted.booster_.predict(told(asked, columns, words), raw_score=True))


def catboost(examples: pl.DataFrame, asked: pl.DataFrame, columns: Columns) -> Numbers:
    from catboost import CatBoostClassifier

    rows, others = (
        frame.select(
            pl.col(name).cast(pl.String).fill_null("") if name in columns.spoken else pl.col(name).cast(pl.Float64)
            for name in columns.names
        ).to_pandas()
        for frame in (examples, asked)
    )
    fitted = CatBoostClassifier(ROUNDS, verbose=False, thread_count=1, random_seed=0, allow_writing_files=False)
    fitted.fit(rows, examples["label"].to_numpy(), cat_features=places(columns))
    return np.asarray(fitted.predict(others, prediction_type="RawFormulaVal"))


CHALLENGERS: dict[str, Challenger] = {
    "logistic regression": regression,
    "HistGradientBoosting": histogram_boosting,
    "CatBoost": catboost,
    "untuned LightGBM": untuned_lightgbm,
}


def told(frame: pl.DataFrame, columns: Columns, words: Categories) -> Numbers:
    return matrix(frame, columns.names, words)


def places(columns: Columns) -> list[int]:
    return [place for place, name in enumerate(columns.names) if name in columns.spoken]


def figures(label: Numbers, chance: Numbers, listed_share: float = 0.1) -> dict[str, float | None]:
    """AUC, average precision, Brier and calibration error, and how many of the tenth listed left."""
    listed = np.argsort(-chance, kind="stable")[: round(listed_share * len(label))]
    return {
        "AUC": area_under_curve(label, chance),
        "AP": average_precision(label, chance),
        "P@10 %": float(label[listed].mean()),
        "Brier": brier(label, chance),
        "ECE": calibration_error(deciles(label, chance)),
    }


def ahead(label: Numbers, one: Numbers, other: Numbers, blocks: Numbers | None = None) -> tuple[float, float, float]:
    """How much larger one's AUC is, and the middle nine tenths of the draws: of rows, or of whole blocks of them."""
    return middle(gains(label, one, other, blocks))


def middle(found: Numbers) -> tuple[float, float, float]:
    """What was found undrawn, and the middle nine tenths of the draws."""
    low, high = np.nanquantile(found[1:], [0.05, 0.95])
    return float(found[0]), float(low), float(high)


def gains(label: Numbers, one: Numbers, other: Numbers, blocks: Numbers | None = None) -> Numbers:
    """How much larger one's AUC is: first as it stands, then in each draw; the same blocks give the same draws."""
    names = np.arange(len(label)) if blocks is None else np.unique(blocks, return_inverse=True)[1]
    ranks = [np.unique(scores, return_inverse=True)[1] for scores in (one, other)]
    rng = np.random.default_rng(7)
    count = int(names.max()) + 1
    drawn = (np.bincount(rng.integers(0, count, count), minlength=count)[names] for _ in range(DRAWS))
    weights = (np.ones(len(label)), *(weight.astype(float) for weight in drawn))
    return np.array([gain(label, ranks, weight) for weight in weights])


def gain(label: Numbers, ranks: Sequence[npt.NDArray[np.intp]], weight: Numbers) -> float:
    """The first one's AUC less the second's, where each row counts as often as it was drawn."""
    first, second = (drawn_area(label, rank, weight) for rank in ranks)
    return first - second


def drawn_area(label: Numbers, rank: npt.NDArray[np.intp], weight: Numbers) -> float:
    """Pairs of one who left and one who stayed that stand in the right order; equals count half."""
    left, stayed = (np.bincount(rank, weight * (label == kind)) for kind in (1, 0))
    pairs = left.sum() * stayed.sum()
    return float(left @ (np.cumsum(stayed) - stayed / 2) / pairs) if pairs else float("nan")


def markdown(rows: Sequence[Mapping[str, object]]) -> str:
    titles = list(rows[0])
    lines = [" | ".join(cell(row.get(title)) for title in titles) for row in rows]
    return "\n".join([f"| {' | '.join(titles)} |", "|---|" + "---:|" * (len(titles) - 1), *(f"| {x} |" for x in lines)])


def cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
