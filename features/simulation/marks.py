"""The marks of each period and area, and who fails the year."""

from typing import Final

import numpy as np

from features.simulation import figures
from features.simulation.arrays import Array, Random
from features.simulation.people import People

AREAS: Final = ("MATEMATICAS", "LENGUAJE", "CIENCIAS", "SOCIALES")
PERIOD_ENDS: Final = (10, 20, 30, 40)
PASS: Final = 3.0
_EASE = np.array([-0.1, 0.0, 0.05, 0.05])
_LEVEL = np.array([0.6, 0.25, 0.0, 0.1])


def draw_marks(rng: Random, people: People, gap: Array, absence: Array) -> Array:
    """One mark per area, from 1.0 to 5.0; who is absent and older than the grade has lower ones."""
    level = np.array(figures.LEVEL_OF_GRADE)[people.grade]
    middle = 3.65 + _LEVEL[level] + 0.45 * people.ability - 1.6 * absence - 0.12 * (gap >= 2)
    marks = middle[:, None] + _EASE + rng.normal(0, 0.45, (len(middle), len(AREAS)))
    return np.asarray(np.clip(np.round(marks, 1), 1.0, 5.0).astype(np.float32))


def share_failing(marks: Array) -> Array:
    return np.asarray((marks < PASS).mean(axis=1))


def draw_failures(rng: Random, average: Array, wanted: float) -> Array:
    """Who fails the year: the weakest mostly, as many as wanted in expectation."""
    if not len(average):
        return np.zeros(0, bool)
    low, high = -10.0, 15.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(average, middle).sum() < wanted else (low, middle)
    return np.asarray(rng.random(len(average)) < _chance(average, (low + high) / 2))


def _chance(average: Array, cut: float) -> Array:
    return np.asarray(1 / (1 + np.exp(-5.0 * (cut - average))))
