"""What means the same in every module: places among the others, one's own past, yes or no."""

from features.feature import Feature

OF_ONE_MODULE = ("x_module", "school_exit_rate", "grade_exit_rate")
"""The module's own name, and rates that only tell how old its register is, say nothing of another module."""


def with_the_others(feature: Feature) -> bool:
    return feature.unit == "rank" or "_beyond_" in feature.name


def travels(feature: Feature) -> bool:
    """What means the same wherever it is counted: beside the others, beside one's own past, yes or no, and the week."""
    own_past = feature.name.endswith("_change")
    return with_the_others(feature) or own_past or feature.kind == "flag" or feature.name == "weeks_into_year"
