"""How often children are missing: a habit, a slow drift away from school, and weeks away with a return."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from features.simulation.arrays import Array, Random
from features.simulation.assumptions import Assumptions

FULL_WEEK = 5
HORIZON = 4
_CHANCES = 256


@dataclass
class Attendance:
    """What the weeks so far have left behind, one entry per student."""

    level: Array  # log-odds of missing a day, by habit
    drift: Array  # disengagement, on top of the habit
    away: Array  # in a spell away
    recent: Array  # share of days missed lately
    usual: Array  # share of days missed usually

    @classmethod
    def at_start(cls, level: Array, drift: Array, a: Assumptions) -> "Attendance":
        recent = np.minimum(_odds_to_chance(level + drift), a.absence_ceiling)
        return cls(level, drift, np.zeros(len(level), bool), recent, _odds_to_chance(level))

    def week(self, rng: Random, push: Array | float, expected: int, a: Assumptions) -> Array:
        """Lives one week and gives the days missed."""
        n = len(self.level)
        self._drift_on(rng, a)
        starts = rng.random(n)
        self.away = np.where(self.away, starts < a.away_continues, starts < a.away_starts)
        chance = np.minimum(_odds_to_chance(self.level + self.drift + push), a.absence_ceiling)
        days = _days_missed(rng, chance)
        return np.asarray(np.minimum(np.where(self.away, FULL_WEEK, days), expected))

    def remember(self, days: Array, expected: int, a: Assumptions) -> None:
        share = days / expected
        self.recent += a.recency * (share - self.recent)
        self.usual += a.slow_recency * (share - self.usual)

    def pull(self, a: Assumptions) -> Array:
        """What the absences add to the log-hazard of leaving."""
        return np.asarray(a.absence_weight * self.recent + a.growth_weight * np.maximum(self.recent - self.usual, 0))

    def _drift_on(self, rng: Random, a: Assumptions) -> None:
        n = len(self.drift)
        self.drift = a.disengagement_memory * self.drift + rng.normal(0, a.disengagement_noise, n)
        struck = np.flatnonzero(rng.random(n) < a.disengagement_onset)
        self.drift[struck] += rng.exponential(a.disengagement_jump, len(struck))


def _odds_to_chance(log_odds: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


@lru_cache(maxsize=1)
def _binomial_heights() -> Array:
    """Cumulative chance of 0 … 4 days missed of five, for each of 256 daily chances."""
    chance = ((np.arange(_CHANCES) + 0.5) / _CHANCES)[:, None]
    ways = np.array([1, 5, 10, 10, 5])
    days = np.arange(FULL_WEEK)
    return np.asarray(np.cumsum(ways * chance**days * (1 - chance) ** (FULL_WEEK - days), axis=1))


def _days_missed(rng: Random, chance: Array) -> Array:
    heights = _binomial_heights()[np.minimum((chance * _CHANCES).astype(int), _CHANCES - 1)]
    return np.asarray((rng.random(len(chance))[:, None] >= heights).sum(axis=1).astype(np.uint8))


class Forecast:
    """How the pull of absences is expected to change in the next weeks, given what it is and what lies behind it.

    Learnt once from students who only come and go and never leave, so that the chances in the truth are true.
    """

    def __init__(self, a: Assumptions, students: int = 20_000, weeks: int = 40) -> None:
        rng = np.random.default_rng(20_240_101)
        middle = np.log(a.absence_level / (1 - a.absence_level))
        attendance = Attendance.at_start(
            rng.normal(middle + 0.1, a.absence_spread, students), rng.normal(0, 0.5, students), a
        )
        pulls, tendencies, aways = [], [], []
        for _ in range(weeks):
            pulls.append(attendance.pull(a))
            tendencies.append(attendance.level + attendance.drift)
            aways.append(attendance.away)
            attendance.remember(attendance.week(rng, 0.0, FULL_WEEK, a), FULL_WEEK, a)
        pull, tendency, away = (np.array(x)[12:] for x in (pulls, tendencies, aways))
        self._pull_edges = np.unique(np.quantile(pull, [0.2, 0.5, 0.8, 0.9, 0.95, 0.97, 0.985, 0.993, 0.997, 0.999]))
        self._tendency_edges = np.quantile(tendency, [0.1, 0.4, 0.7, 0.85, 0.93, 0.97, 0.99, 0.997])
        self._table = self._ratios(pull, tendency, away)

    def ratios(self, attendance: Attendance, a: Assumptions) -> Array:
        """For each student, the expected hazard of this and the next three weeks, relative to now."""
        return np.asarray(
            self._table[self._box(attendance.pull(a), attendance.level + attendance.drift, attendance.away)]
        )

    def _box(self, pull: Array, tendency: Array, away: Array) -> Array:
        across = len(self._tendency_edges) + 1
        row = np.searchsorted(self._pull_edges, pull)
        return np.asarray((row * across + np.searchsorted(self._tendency_edges, tendency)) * 2 + away)

    def _ratios(self, pull: Array, tendency: Array, away: Array) -> Array:
        boxes = (len(self._pull_edges) + 1) * (len(self._tendency_edges) + 1) * 2
        last = len(pull) - HORIZON + 1
        box = self._box(pull[:last].ravel(), tendency[:last].ravel(), away[:last].ravel())
        now = np.exp(pull[:last].ravel())
        weight = np.bincount(box, now, boxes)
        later = [np.bincount(box, np.exp(pull[k : last + k].ravel()), boxes) for k in range(HORIZON)]
        seen = np.bincount(box, minlength=boxes) >= 15
        across = boxes // (len(self._pull_edges) + 1)
        return np.stack(
            [np.where(seen, total / np.maximum(weight, 1e-9), _by_row(total, weight, across)) for total in later],
            axis=1,
        )


def _by_row(total: Array, weight: Array, across: int) -> Array:
    """For boxes that hold too few students: the ratio of all boxes with the same pull."""
    rows = total.reshape(-1, across).sum(axis=1) / np.maximum(weight.reshape(-1, across).sum(axis=1), 1e-9)
    return np.repeat(rows, across)


@lru_cache(maxsize=4)
def forecast(a: Assumptions) -> Forecast:
    return Forecast(a)
