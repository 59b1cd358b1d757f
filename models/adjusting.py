"""Sets the chances of a borrowed model by the weeks that have ripened here: little by little, as there is proof."""

from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from models.calibration import LEAST_SLOPE, Calibration, loss
from models.examples import KEYS
from models.horizons import Horizon, Horizons
from models.risk_model import RiskModel
from models.uncertainty import fit_uncertainty

Numbers = npt.NDArray[np.float64]

HEIGHT_MAY_MOVE, SLOPE_MAY_MOVE = 1.0, 0.25
"""How far, in log-odds, the level and the slope of another secretariat are thought to be off, before anything is seen.

Secretariats differ in how many leave, by two or three times; that those at risk stand as far above the others in one as
in another is likelier (experiments/0016-cold-start).
"""


def adjusted(model: RiskModel, ripe: pl.DataFrame, threads: int = 1) -> RiskModel:
    """The same order of children, with chances set on `ripe`: features, `label` and `weight` of ripe weeks of here."""
    raw = model.raw_score(model.inputs(ripe), threads)
    label, weight = (ripe[column].cast(pl.Float64).to_numpy() for column in ("label", "weight"))
    slope, height = shrunken(model.calibration.log_odds(raw), label, weight / model.horizon_weeks)
    told = ripe.select(*KEYS, "label", "weight").with_columns(pl.Series("raw", raw, dtype=pl.Float64))
    days: list[date] = sorted(ripe["day"].unique())
    return replace(
        model,
        calibration=moved(model.calibration, slope, height),
        horizons=moved_spans(model.horizons, slope, height) if model.horizons else None,
        uncertainty=fit_uncertainty(told, model.horizon_weeks),
        borrowed=replace(model.borrowed, adjusted_on=f"{days[0]} a {days[-1]}") if model.borrowed else None,
    )


def shrunken(said: Numbers, label: Numbers, weight: Numbers) -> tuple[float, float]:
    """The likeliest slope and height of what happened on what was said, drawn towards one and nought.

    `weight` counts children, not weeks: one departure is seen on each Monday of a horizon, and is one all the same.
    """
    from scipy.optimize import minimize  # here: the service sets no chances, and pays for no optimiser

    def surprise(line: Numbers) -> float:
        doubt = ((line[0] - 1) / SLOPE_MAY_MOVE) ** 2 + (line[1] / HEIGHT_MAY_MOVE) ** 2
        return loss(line[0] * said + line[1], label, weight) + float(doubt) / 2

    slope, height = minimize(surprise, np.array([1.0, 0.0]), method="L-BFGS-B").x
    return max(float(slope), LEAST_SLOPE), float(height)


def moved(calibration: Calibration, slope: float, height: float) -> Calibration:
    bends = tuple((at, slope * more) for at, more in calibration.bends)
    return Calibration(slope * calibration.slope, slope * calibration.intercept + height, bends)


def moved_spans(horizons: Horizons, slope: float, height: float) -> Horizons:
    """Longer spans move with the horizon: nothing of theirs has ripened yet."""
    spans = {
        name: Horizon(span.weeks, slope * span.slope, slope * span.growth, slope * span.intercept + height)
        for name, span in horizons.spans.items()
    }
    return Horizons(spans, horizons.year_weeks)
