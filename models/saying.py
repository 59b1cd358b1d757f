"""Whether a sentence of the catalogue is true of a student: it is said only of the values it speaks about."""

import re
from dataclasses import dataclass

from features.feature import Feature
from models.wording import plain


@dataclass(frozen=True)
class Bounds:
    """From where on a number is a reason, and from where on it speaks for the child; in between it is not said.

    Where ``reason`` is the larger one, more is worse; else less is worse.
    """

    reason: float
    strength: float


BY_UNIT = {
    "share": Bounds(0.11, 0.10),  # who misses a tenth of the classes is chronically absent
    "points": Bounds(0.05, -0.05),  # one day of class in a month
    "rank": Bounds(0.8, 0.2),  # the last fifth of the grade, and the first
    "count": Bounds(1, 0),
    "weeks": Bounds(1, 0),
    "number": Bounds(1, 0),
    "years": Bounds(2, 0),
    "minutes": Bounds(40, 20),
    "schooling": Bounds(1, 3),
    "score": Bounds(69, 70),
}
BY_NAME = {
    "lowest_score": Bounds(59, 60),  # 60 of 100 is a pass
    "score_change": Bounds(-3, 3),
    "mean_score_rank": Bounds(0.2, 0.8),  # the only place in which less is worse
    "late_entry_weeks": Bounds(2, 0),  # one week may be that of the export
    "weeks_since_move": Bounds(26, 52),
    "school_absence_rate": Bounds(0.15, 0.05),
}


def holds(feature: Feature, value: object, protective: bool) -> bool:
    """A contribution can be positive for a child with no absences; «faltó 0 semanas» would still be no reason."""
    if protective and feature.protective is None:
        return False
    if not isinstance(value, (int, float)):
        return value is not None
    if value != value:
        return False
    if feature.kind == "flag":
        return flag_holds(feature, float(value), protective)
    return number_holds(feature, float(value), protective)


def flag_holds(feature: Feature, value: float, protective: bool) -> bool:
    """«No figura en…» is true when the flag is down, and its opposite when it is up."""
    up = value > 0.5
    return up == denies(feature.sentence) if protective else up != denies(feature.sentence)


def denies(sentence: str) -> bool:
    return re.search(r"\bno\b", plain(sentence)) is not None


def number_holds(feature: Feature, value: float, protective: bool) -> bool:
    bounds, seen = bounds_of(feature), as_said(feature, value)
    if bounds.reason > bounds.strength:
        return seen <= bounds.strength if protective else seen >= bounds.reason
    return seen >= bounds.strength if protective else seen <= bounds.reason


def bounds_of(feature: Feature) -> Bounds:
    return BY_NAME.get(feature.name) or BY_UNIT.get(feature.unit, Bounds(1, 0))


def as_said(feature: Feature, value: float) -> float:
    """Rounded as the sentence rounds it, so that what is judged is what is read."""
    return round(value, 2) if feature.unit in ("share", "points", "rank") else round(value)
