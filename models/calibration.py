"""Turns the trees' raw opinion into a chance that can be taken at its word: of ten children at 30 %, three leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

LEAST_SLOPE = 0.05
LEAST_LEAVERS = 20


@dataclass(frozen=True)
class Calibration:
    """chance = 1 / (1 + exp(-(slope × raw + intercept + each bend's `more` × how far raw lies beyond its `at`))).

    It rises everywhere: the order of the list stays. Without bends it is Platt's line.
    """

    slope: float = 1.0
    intercept: float = 0.0
    bends: tuple[tuple[float, float], ...] = ()

    def __call__(self, raw: Numbers) -> Numbers:
        return sigmoid(self.log_odds(raw))

    def log_odds(self, raw: Numbers) -> Numbers:
        said = self.slope * raw + self.intercept
        for at, more in self.bends:
            said = said + more * np.maximum(raw - at, 0.0)
        return np.asarray(said, dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        return {"slope": self.slope, "intercept": self.intercept, "bends": [list(bend) for bend in self.bends]}

    @classmethod
    def told(cls, kept: Mapping[str, Any]) -> "Calibration":
        """As `as_dict` wrote it; a version from before the bends has none."""
        bends = tuple((float(at), float(more)) for at, more in kept.get("bends", ()))
        return cls(kept["slope"], kept["intercept"], bends)


def sigmoid(log_odds: Numbers) -> Numbers:
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500, 500)))


def log_odds(chance: Numbers) -> Numbers:
    inside = np.clip(chance, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))


def fit_calibration(raw: Numbers, label: Numbers, weight: Numbers | None = None) -> Calibration:
    """Platt's line through the log-odds; with few leavers, or a slope that turns the list over, only its height.

    `weight`: how many students each row stands for; one each where it is left out.
    """
    if label.sum() >= LEAST_LEAVERS:
        slope, intercept = logistic_line(raw, label, weight)
        if slope >= LEAST_SLOPE:
            return Calibration(slope, intercept)
    return Calibration(1.0, logistic_height(raw, label, weight))


def logistic_line(raw: Numbers, label: Numbers, weight: Numbers | None = None) -> tuple[float, float]:
    """Slope and intercept of greatest likelihood."""
    start = np.array([1.0, logistic_height(raw, label, weight)])
    line = logistic_fit(np.column_stack([raw, np.ones_like(raw)]), label, start, weight)
    return float(line[0]), float(line[1])


def logistic_fit(
    design: Numbers, label: Numbers, start: Numbers, weight: Numbers | None = None, steps: int = 100
) -> Numbers:
    """The coefficients of greatest likelihood, by Newton's steps halved until they help."""
    weight = np.ones_like(label) if weight is None else weight
    line = start
    for _ in range(steps):
        chance = sigmoid(design @ line)
        slope_of_loss = design.T @ (weight * (chance - label))
        curvature = design.T @ (design * (weight * chance * (1 - chance))[:, None]) + 1e-9 * np.eye(design.shape[1])
        newton: Numbers = np.asarray(np.linalg.solve(curvature, slope_of_loss), dtype=np.float64)
        step = downhill(design, label, line, newton, weight)
        line = line - step
        if np.abs(step).max() < 1e-10:
            break
    return line


def downhill(design: Numbers, label: Numbers, line: Numbers, step: Numbers, weight: Numbers) -> Numbers:
    """The step, halved until it does no harm."""
    here = loss(design @ line, label, weight)
    for _ in range(30):
        if loss(design @ (line - step), label, weight) <= here:
            return step
        step = step / 2
    return np.zeros_like(step)


def loss(log_odds: Numbers, label: Numbers, weight: Numbers) -> float:
    return float(np.sum(weight * (np.logaddexp(0.0, log_odds) - label * log_odds)))


def logistic_height(raw: Numbers, label: Numbers, weight: Numbers | None = None) -> float:
    """The intercept at which as many are expected to leave as did; half a child is added on each side against zero."""
    weight = np.ones_like(label) if weight is None else weight
    wanted = (weight @ label + 0.5) / (weight.sum() + 1.0)
    low, high = -60.0, 60.0
    for _ in range(100):
        middle = (low + high) / 2
        expected = float(np.average(sigmoid(raw + middle), weights=weight))
        low, high = (middle, high) if expected < wanted else (low, middle)
    return (low + high) / 2
