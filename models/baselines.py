"""What one would do without the trees: a lottery, two flags, the school's rate, a regression; always in the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from models.inputs import Categories, matrix
from models.ranking import lottery

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Scores = npt.NDArray[np.float64]

OVER_AGE_YEARS, ABSENCE_RATE = 2.0, 0.1


class Method(Protocol):
    """A way to order students; `chances` says whether its numbers are meant as probabilities."""

    @property
    def name(self) -> str: ...

    @property
    def chances(self) -> bool: ...

    def scores(self, frame: pl.DataFrame) -> Scores: ...


@dataclass(frozen=True)
class Chance:
    """A list drawn by lot: what the same visits find when nobody chooses."""

    seed: int
    name: str = "random"
    chances: bool = False

    def scores(self, frame: pl.DataFrame) -> Scores:
        return lottery(frame, self.seed + 1).astype(np.float64) / 2.0**64


@dataclass(frozen=True)
class Flags:
    """Two years over age, a tenth of days missed: a point each; among equals, who misses more comes first."""

    over_age: str | None = "over_age_years"
    absence: str | None = "absence_rate_4w"
    name: str = "over_age_and_absence"
    chances: bool = False

    def scores(self, frame: pl.DataFrame) -> Scores:
        years, absent = known_or_zero(frame, self.over_age), known_or_zero(frame, self.absence)
        points = (years >= OVER_AGE_YEARS).astype(float) + (absent >= ABSENCE_RATE).astype(float)
        among_equals = 0.5 * np.clip(absent, 0, 1) + 0.01 * np.clip(years / 10, 0, 1)
        return np.asarray(points + among_equals, dtype=np.float64)


def simple_rules() -> list[Method]:
    """What a clerk can do with a sheet: both flags, and each alone, so that it is seen which one carries the list."""
    return [Flags(), Flags(absence=None, name="over_age"), Flags(over_age=None, name="absence")]


def known_or_zero(frame: pl.DataFrame, name: str | None) -> Scores:
    """A register without the column, or a rule without the flag, leaves it down for everyone."""
    if name is None or name not in frame.columns:
        return np.zeros(frame.height)
    return np.asarray(frame[name].cast(pl.Float64).fill_nan(None).fill_null(0.0).to_numpy(), dtype=np.float64)


@dataclass(frozen=True)
class SchoolRate:
    """Everyone gets the share of their institution that left in the days that teach; a new school gets the city's."""

    rates: dict[str, float]
    overall: float
    name: str = "school_rate"
    chances: bool = True

    def scores(self, frame: pl.DataFrame) -> Scores:
        rates = frame["institution_id"].replace_strict(self.rates, default=self.overall, return_dtype=pl.Float64)
        return np.asarray(rates.fill_null(self.overall).to_numpy(), dtype=np.float64)


def fit_school_rate(examples: pl.DataFrame) -> SchoolRate:
    weighed = (pl.col("label") * pl.col("weight")).sum() / pl.col("weight").sum()
    rates = examples.drop_nulls("institution_id").group_by("institution_id").agg(weighed.alias("rate"))
    return SchoolRate(dict(rates.rows()), float(examples.select(weighed).item()))


@dataclass(frozen=True)
class Regression:
    """A logistic regression on the same features as the trees."""

    pipeline: "Pipeline"
    features: tuple[str, ...]
    categories: Categories
    name: str = "logistic_regression"
    chances: bool = True

    def scores(self, frame: pl.DataFrame) -> Scores:
        chances = self.pipeline.predict_proba(matrix(frame, self.features, self.categories))[:, 1]
        return np.asarray(chances, dtype=np.float64)


HOLD = 0.005
"""How far the regression may lean on one feature (scikit-learn's C).

The catalogue says many things twice, raw and beside the others. Held loosely (C = 1), the regression learns the noise
between the two: on a made-up city of 4,000, AUC 0.733 against 0.811.
"""


def fit_regression(
    examples: pl.DataFrame, features: Sequence[str], categories: Categories, hold: float = HOLD
) -> Regression | None:
    """None when nobody left, or everybody did: there is no line to draw."""
    if examples["label"].n_unique() < 2:
        return None
    spoken = [place for place, name in enumerate(features) if name in categories]
    counted = [place for place, name in enumerate(features) if name not in categories]
    pipeline = regression_pipeline(counted, spoken, hold, rarest=max(5, min(50, examples.height // 500)))
    rows = matrix(examples, features, categories)
    pipeline.fit(rows, examples["label"].to_numpy(), logistic__sample_weight=examples["weight"].to_numpy())
    return Regression(pipeline, tuple(features), categories)


def regression_pipeline(counted: list[int], spoken: list[int], hold: float, rarest: int) -> "Pipeline":
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    parts: list[tuple[str, Any, list[int]]] = [
        ("counted", make_pipeline(filled, StandardScaler()), counted),
        ("spoken", OneHotEncoder(handle_unknown="ignore", min_frequency=rarest, sparse_output=False), spoken),
    ]
    columns = ColumnTransformer([part for part in parts if part[2]])
    return Pipeline([("columns", columns), ("logistic", LogisticRegression(C=hold, max_iter=500))])
