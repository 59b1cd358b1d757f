"""Whether a sentence of the catalogue is true of a student: it is said only of the values it speaks about."""

import re

from features.feature import Feature
from models.wording import plain

# Few enough to say «solo» or «casi todas» of.
SMALL_SHARE = 0.1
# Of 100 points: a pass mark is 60, and nobody is surprised by an average of 80.
PASS_MARK, GOOD_MARK = 60.0, 80.0


def holds(feature: Feature, value: object, protective: bool) -> bool:
    """A contribution can be positive for a child with no absences; «faltó 0 semanas» would still be no reason."""
    template = feature.protective if protective else feature.sentence
    if template is None:
        return False
    if not isinstance(value, (int, float)):
        return value is not None
    if value != value:
        return False
    if feature.kind == "flag":
        return (
            (value > 0.5) != denies(feature.sentence) if not protective else (value > 0.5) == denies(feature.sentence)
        )
    return number_holds(feature, float(value), template, protective)


def denies(sentence: str) -> bool:
    """«No figura en…» is true when the flag is down, and its opposite when it is up."""
    return re.search(r"\bno\b", plain(sentence)) is not None


def number_holds(feature: Feature, value: float, template: str, protective: bool) -> bool:
    if feature.monotone < 0 and "{value}" not in template:
        return value >= 2 if protective else value < 2
    if feature.unit == "points":
        return round(100 * value) < 0 if protective else round(100 * value) > 0
    if feature.unit == "score":
        return mark_holds(feature, value, protective)
    if feature.unit == "share":
        return value <= SMALL_SHARE if protective else round(100 * value) > 0
    if protective:
        return "{value}" in template or round(value) <= 0
    return round(value) > 0


def mark_holds(feature: Feature, value: float, protective: bool) -> bool:
    """A change of marks must go the way the sentence says; a mark must be a good or a doubtful one."""
    if "mejoro" in plain(feature.protective or ""):
        return round(value) > 0 if protective else round(value) < 0
    return value >= PASS_MARK if protective else value < GOOD_MARK
