"""Writes the code of every value of every student, by the scales; the only loop that sees the values themselves."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.pattern_tables.compiled import compiled
from models.pattern_tables.scales import NEARLY_ZERO

Codes = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

END_OF_CATEGORIES = 2.0**31
"""LightGBM holds a category in a machine integer of 32 bits."""


class Ruler(NamedTuple):
    """All scales end to end: feature f is the column `columns[f]`, its cuts are `cuts[begins[f]:begins[f + 1]]`."""

    columns: Places
    categorical: npt.NDArray[np.bool_]
    begins: Places
    cuts: Numbers


@compiled
def write_codes(ruler: Ruler, rows: Numbers, codes: Codes) -> None:
    """`codes[feature, row]`, from `rows[row, column]`."""
    for row in range(rows.shape[0]):
        for feature in range(len(ruler.columns)):
            value = rows[row, ruler.columns[feature]]
            first, end = ruler.begins[feature], ruler.begins[feature + 1]
            if ruler.categorical[feature]:
                codes[feature, row] = category_code(value, ruler.cuts, first, end)
            else:
                codes[feature, row] = number_code(value, ruler.cuts, first, end)


@compiled
def number_code(value: float, cuts: Numbers, first: int, end: int) -> int:
    if np.isnan(value):
        return 0
    if abs(value) <= NEARLY_ZERO:
        value = 0.0
    return place_of(value, cuts, first, end) - first + 1


@compiled
def category_code(value: float, cuts: Numbers, first: int, end: int) -> int:
    """NOTE: LightGBM drops the decimals, so -0.5 is category 0; NaN and the negative are of no category."""
    if not -1.0 < value < END_OF_CATEGORIES:
        return 0
    value = np.trunc(value)
    place = place_of(value, cuts, first, end)
    return place - first + 1 if place < end and cuts[place] == value else 0


@compiled
def place_of(value: float, cuts: Numbers, first: int, end: int) -> int:
    """The first place in `cuts[first:end]` that is not below the value; halved without a branch to guess wrong."""
    left = end - first
    while left > 0:
        half = (left + 1) >> 1
        first += half if cuts[first + half - 1] < value else 0
        left -= half
    return first
