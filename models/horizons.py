"""The same opinion told for other spans of time: eight weeks, and until the school year closes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.labels import CLOSING_DAYS
from models.calibration import LEAST_LEAVERS, LEAST_SLOPE, logistic_fit, logistic_height, sigmoid
from models.fates import LEFT

Numbers = npt.NDArray[np.float64]

WEEKS_INTO_YEAR = "weeks_into_year"
CLOSING_WEEKS = CLOSING_DAYS / 7
SCHOOL_WEEKS = 43.0
"""Where the days of a register cannot tell how long its school years are."""

FAR_AHEAD = 53
"""Weeks that end no school year sooner than it ends by itself."""

SPANS: Mapping[str, int] = {"score_8w": 8, "score_year": FAR_AHEAD}


@dataclass(frozen=True)
class Horizon:
    """chance = 1 / (1 + exp(-(slope × raw + growth × log(weeks ahead) + intercept))), of leaving within `weeks`."""

    weeks: int
    slope: float
    growth: float
    intercept: float

    def __call__(self, raw: Numbers, weeks_left: Numbers) -> Numbers:
        return sigmoid(self.slope * raw + self.growth * log_ahead(self.weeks, weeks_left) + self.intercept)


@dataclass(frozen=True)
class Horizons:
    """One calibration of the one raw score per span, and how many weeks a school year has."""

    spans: Mapping[str, Horizon]
    year_weeks: float = SCHOOL_WEEKS

    def chances(self, raw: Numbers, score: Numbers, frame: pl.DataFrame) -> dict[str, Numbers | None]:
        """A longer span never has a smaller chance than a shorter one: what happened within it has happened."""
        weeks_left = weeks_left_in(frame, self.year_weeks)
        told: dict[str, Numbers | None] = {}
        least = score
        for name in SPANS:
            span = self.spans.get(name)
            told[name] = None if span is None else np.maximum(span(raw, weeks_left), least)
            least = least if span is None else np.maximum(span(raw, weeks_left), least)
        return told

    def as_dict(self) -> dict[str, Any]:
        return {
            "year_weeks": self.year_weeks,
            "closing_weeks": CLOSING_WEEKS,
            "spans": {name: vars(span) for name, span in self.spans.items()},
        }

    @classmethod
    def told(cls, kept: Mapping[str, Any] | None) -> "Horizons | None":
        """As `as_dict` wrote it; a model without it says nothing of other spans."""
        return (
            cls({name: Horizon(**span) for name, span in kept["spans"].items()}, kept["year_weeks"]) if kept else None
        )


def weeks_left_in(frame: pl.DataFrame, year_weeks: float) -> Numbers:
    """From each row's day to the closing export of its school year; at least one."""
    begun = frame[WEEKS_INTO_YEAR].cast(pl.Float64).fill_null(0.0).fill_nan(0.0).to_numpy()
    return np.maximum(year_weeks - begun, 0.0) + CLOSING_WEEKS


def log_ahead(weeks: int, weeks_left: Numbers) -> Numbers:
    return np.log(np.minimum(float(weeks), weeks_left))


def fit_horizons(raw: Numbers, told: pl.DataFrame, year_weeks: float) -> Horizons:
    """`told`, beside `raw`: weeks_into_year, weight, and per span the outcome within it, null where it is not ripe."""
    spans = {name: fit_span(weeks, raw, told, name, year_weeks) for name, weeks in SPANS.items()}
    return Horizons({name: span for name, span in spans.items() if span is not None}, year_weeks)


def fit_span(weeks: int, raw: Numbers, told: pl.DataFrame, name: str, year_weeks: float) -> Horizon | None:
    """None where too few of the ripe rows left; without a rising slope, only the height and the weeks ahead."""
    ripe = told[name].is_not_null().to_numpy()
    label = (told[name].filter(ripe) == LEFT).cast(pl.Float64).to_numpy()
    if label.sum() < LEAST_LEAVERS:
        return None
    weight = told["weight"].filter(ripe).to_numpy()
    seen, ahead = raw[ripe], log_ahead(weeks, weeks_left_in(told.filter(ripe), year_weeks))
    start = np.array([1.0, 0.0, logistic_height(seen, label, weight)])
    slope, growth, intercept = logistic_fit(np.column_stack([seen, ahead, np.ones_like(seen)]), label, start, weight)
    if slope < LEAST_SLOPE:
        return Horizon(weeks, 1.0, 0.0, float(start[2]))
    return Horizon(weeks, float(slope), float(growth), float(intercept))


def within_spans(outcomes: pl.DataFrame, told_by: date, absent_weeks: int) -> pl.DataFrame:
    """From the outcomes until the year closes: student_id, day, and per span what had become of the child by its end.

    NOTE: the first exit of the longest span is the first of any shorter one that it falls into. A span is null where
    its end, or the wait after it, had not come by `told_by`; what happened sooner must not tell it alone.
    """
    columns = {name: by_the_end(weeks, told_by, absent_weeks).alias(name) for name, weeks in SPANS.items()}
    return outcomes.select("student_id", "day", **columns)


def by_the_end(weeks: int, told_by: date, absent_weeks: int) -> pl.Expr:
    end = pl.col("day") + timedelta(weeks=weeks)
    inside = (pl.col("happened_on") <= end).fill_null(False)
    within = pl.when(inside).then("outcome").otherwise(pl.lit("STAYED"))
    over = pl.col("ripe") | (end + timedelta(weeks=absent_weeks) <= told_by)
    return pl.when(over & (pl.col("outcome") != "UNKNOWN")).then(within)
