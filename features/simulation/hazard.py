"""What makes a child likelier to leave this week, in log-hazards, and how much of it nobody can see."""

from dataclasses import dataclass

import numpy as np

from features.simulation.arrays import Array
from features.simulation.assumptions import Assumptions
from features.simulation.people import People
from features.simulation.schools import Schools

DRIVERS = ("ATTENDANCE", "PROGRESS", "OVER_AGE", "HOUSEHOLD", "MOBILITY", "SCHOOL", "UNOBSERVED")
_GRADE = np.array([0.0, 0.25, 0.0, -0.05, -0.1, -0.05, 0.30, 0.10, 0.0, -0.15, 0.15, -0.25])


@dataclass
class Standing:
    """The parts of the log-hazard that change slowly or not at all within a year."""

    progress: Array
    over_age: Array
    household: Array
    newness: Array
    school: Array

    def total(self) -> Array:
        return np.asarray(self.progress + self.over_age + self.household + self.newness + self.school)


def standing(people: People, gap: Array, failing: Array, schools: Schools, a: Assumptions) -> Standing:
    return Standing(
        progress=progress(people, gap, failing, a),
        over_age=np.array([0.0, a.over_age_one, a.over_age_two, a.over_age_three])[np.clip(gap, 0, 3)],
        household=_household(people, a),
        newness=a.new_here * people.is_new,
        school=schools.effect[people.school] + _GRADE[people.grade] + a.night * (people.shift >= 3),
    )


def progress(people: People, gap: Array, failing: Array, a: Assumptions) -> Array:
    """``failing`` is the share of the areas that are below the pass mark."""
    both = (failing >= 0.5) & (gap >= 2)
    works = people.works & (failing >= 0.5)
    return np.asarray(
        a.failing * failing + a.repeating * people.repeating + a.failing_and_over_age * both + a.works_and_fails * works
    )


def mobility(week: int, moved: Array, a: Assumptions) -> Array:
    since = np.minimum(week - moved, 60)
    return np.asarray(a.moved_home * 0.5 ** (since / 6.0))


def _household(people: People, a: Assumptions) -> Array:
    stratum = np.where(people.stratum == 9, 1, people.stratum)
    far = people.commute > 45
    return np.asarray(
        a.poorest * (stratum <= 1)
        - a.better_off * np.maximum(stratum - 2, 0)
        + np.array([0.0, a.mother_alone, a.mother_alone / 2, a.neither_parent])[people.head]
        + a.guardian_education * (2 - people.guardian_education)
        + a.works * people.works
        + a.displacement * people.displaced
        + a.long_commute * far
        + a.transport * (far & people.transport)
        + a.feeding * people.feeding
        + a.parent * people.is_parent
        + a.migrant * people.venezuelan
    )


def season(mondays: Array, a: Assumptions) -> Array:
    """Log-hazard by teaching week: the first weeks, and the weeks after a recess."""
    after = np.r_[False, np.diff(mondays) > 7]
    return np.asarray(np.where(np.arange(len(mondays)) < 6, a.first_weeks, 0.0) + a.after_recess * after)


def observed(hazard: Array, shape: Array, rate: Array) -> Array:
    """The chance of leaving in a week when the unobserved multiplier is a gamma of this shape and rate."""
    return np.asarray(1 - (rate / (rate + hazard)) ** shape)


def solve_intercept(chance_at: Array, shape: Array, rate: Array, wanted: float) -> float:
    """The intercept at which students with these accumulated hazards are expected to leave in the wanted number."""
    low, high = -15.0, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        leaves = observed(np.exp(middle) * chance_at, shape, rate).sum()
        low, high = (middle, high) if leaves < wanted else (low, middle)
    return (low + high) / 2
