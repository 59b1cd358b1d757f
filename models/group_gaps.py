"""How far a group is from everyone else, with intervals that say nothing where there is nothing.

The widest of many gaps is wide by luck alone: in one public simulation none of 100 usual intervals for the largest gap
held the true zero (evidence §3.19). Here each group is held against all the others together; the spread is what schools
would show if there were no gap (pooled); the intervals of one trait are widened until all of them hold at once; and the
figure shown is drawn towards zero the more, the less is known.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Answers = npt.NDArray[np.bool_]
SURE = 0.95


@dataclass(frozen=True, eq=False)
class Gaps:
    """One number per group: its figure less that of the others, the interval, and the spread over schools."""

    value: Numbers
    low: Numbers
    high: Numbers
    spread: Numbers


def rate_gaps(parts: Numbers, wholes: Numbers, enough: Answers, signs: Numbers) -> Gaps:
    """Rate of a group less rate of the others. `parts`, `wholes`: [schools, groups]; `enough`: who may be judged."""
    beyond = parts - divided(parts.sum(), wholes.sum()) * wholes
    own = divided(beyond, wholes.sum(axis=0))
    others = divided(of_others(beyond), of_others(wholes.sum(axis=0)))
    return with_intervals(own - others, enough, signs)


def share_gaps(one: Numbers, other: Numbers, enough: Answers, signs: Numbers) -> Gaps:
    """A group's share of the first less its share of the second; over the groups of a trait they add up to zero."""
    share = divided((one + other).sum(axis=0), (one + other).sum())
    first = divided(one - share * one.sum(axis=1, keepdims=True), one.sum())
    second = divided(other - share * other.sum(axis=1, keepdims=True), other.sum())
    return with_intervals(first - second, enough, signs)


def with_intervals(by_school: Numbers, enough: Answers, signs: Numbers) -> Gaps:
    """`by_school`: what each school adds to each group's gap, [schools, groups]."""
    schools = len(by_school)
    value = by_school.sum(axis=0)
    spread = np.sqrt((by_school**2).sum(axis=0) * schools / max(schools - 1, 1))
    reach = simultaneous(by_school, spread, enough, signs) * spread
    return Gaps(value, value - reach, value + reach, spread)


def simultaneous(by_school: Numbers, spread: Numbers, enough: Answers, signs: Numbers) -> float:
    """How many spreads hold every judged group at once; never fewer than Student's for so many schools.

    Without a gap a school's part is as often for a group as against it: so every school is turned over or not by lot.
    """
    from scipy.stats import t

    least = float(t.ppf((1 + SURE) / 2, max(len(by_school) - 1, 1)))
    judged = enough & (spread > 0)
    if not judged.any():
        return least
    worst = np.abs(signs @ by_school[:, judged] / spread[judged]).max(axis=1)
    return max(least, float(np.quantile(worst, SURE)))


def turned_over(schools: int, draws: int, seed: int) -> Numbers:
    """+1 or −1 per drawn city and school."""
    return np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, schools))


def of_others(numbers: Numbers) -> Numbers:
    return np.asarray(numbers.sum(axis=-1, keepdims=True) - numbers)


def divided(parts: Numbers, wholes: Numbers) -> Numbers:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(wholes > 0, parts / wholes, np.nan)


def shrunk(value: Numbers, spread: Numbers) -> Numbers:
    """The gaps drawn towards zero: the less is known of a group, and the less groups differ on the whole, the more.

    Empirical Bayes with DerSimonian and Laird's variance between groups, about zero. NaN stays NaN.
    """
    judged = (spread > 0) & ~np.isnan(value)
    if not judged.any():
        return np.full_like(value, np.nan)
    variance, known = np.where(judged, spread, 1.0) ** 2, np.where(judged, value, 0.0)
    weight = judged / variance
    between = max(0.0, (float((weight * known**2).sum()) - judged.sum()) / float(weight.sum()))
    return np.where(judged, known * between / (between + variance), np.nan)
