"""Which features mean the same in a school that has never been seen, under another calendar and another register."""

from collections.abc import Sequence

from features.feature import Catalogue, Feature


def travels(feature: Feature) -> bool:
    """Told beside the others or beside one's own past, or as yes or no; and the week of the year.

    Measured where courses of one university teach those of another faculty (experiments/0004-what-travels).
    """
    beside_others = feature.unit == "rank" or "_beyond_" in feature.name
    own_past = feature.name.endswith("_change")
    return beside_others or own_past or feature.kind == "flag" or feature.name == "weeks_into_year"


def travelling(names: Sequence[str], catalogue: Catalogue) -> frozenset[str]:
    return frozenset(name for name in names if travels(catalogue[name]))
