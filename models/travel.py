"""Which features mean the same in a school that has never been seen, under another calendar and another register."""

from collections.abc import Sequence

from features.feature import Catalogue, Feature


def beside_others(feature: Feature) -> bool:
    """A place among those of the same school, or how far from what is usual there."""
    return feature.unit == "rank" or "_beyond_" in feature.name


def travels(feature: Feature) -> bool:
    """Told beside the others or beside one's own past, or as yes or no; and the week of the year.

    Measured where courses of one university teach those of another faculty (experiments/0004-what-travels).
    """
    own_past = feature.name.endswith("_change")
    return beside_others(feature) or own_past or feature.kind == "flag" or feature.name == "weeks_into_year"


def travelling(names: Sequence[str], catalogue: Catalogue) -> frozenset[str]:
    return frozenset(name for name in names if travels(catalogue[name]))
