"""Where one line through the chances is too stiff: it may bend among the many with little risk and the few with much.

Platt's line fits where a fault of the opinion is the same everywhere. With many leavers another is seen: in the middle
a tenth fewer leave than one line says, in the top tenth of all students more (docs/decisions/0034).
"""

import numpy as np

from models.calibration import LEAST_SLOPE, Calibration, Numbers, fit_calibration, logistic_fit

BENT_AT = (0.5, 0.9, 0.99)
"""Below which share of the students each bend lies."""

LEAST_LEAVERS_OF_A_BEND = 300
"""Fewer leave the steepness of a piece to luck: with so many it is known to about a tenth."""


def fit_bent(raw: Numbers, label: Numbers, weight: Numbers | None = None) -> Calibration:
    """The likeliest line with bends; the straight one where few left, or where a piece would turn the list over."""
    line = fit_calibration(raw, label, weight)
    if label.sum() < LEAST_LEAVERS_OF_A_BEND * (len(BENT_AT) + 1):
        return line
    marks = marks_of(raw, np.ones_like(raw) if weight is None else weight)
    start = np.array([line.slope, *(0.0 for _ in marks), line.intercept])
    design = np.column_stack([raw, *(np.maximum(raw - mark, 0.0) for mark in marks), np.ones_like(raw)])
    slope, *more, intercept = logistic_fit(design, label, start, weight).tolist()
    if np.cumsum([slope, *more]).min() < LEAST_SLOPE:
        return line
    return Calibration(slope, intercept, tuple(zip(marks, more, strict=True)))


def marks_of(raw: Numbers, weight: Numbers) -> list[float]:
    """The raw scores below which those shares of the students lie; one mark where two would fall together."""
    order = np.argsort(raw, kind="stable")
    below = np.cumsum(weight[order]) / weight.sum()
    return sorted({float(mark) for mark in np.interp(BENT_AT, below, raw[order])})
