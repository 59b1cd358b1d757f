"""Turns the values of a feature into small whole numbers, one for each answer pattern its splits can tell apart."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.pattern_tables.booster_text import Missing, NotTabulated, Tree

NEARLY_ZERO = float(np.float32(1e-35))
"""LightGBM takes what is no further from zero than this for zero, in training and in prediction."""

UNKNOWN = 0
"""The code of NaN, and of a category that no split names: it goes right everywhere."""

MOST_CODES = 1 << 16
"""A code is a machine integer of two bytes."""

Codes = int
"""A set of codes: bit `c` of the number says whether code `c` is in it."""


@dataclass(frozen=True)
class Scale:
    """Codes from 1 are the cells `(cuts[c - 2], cuts[c - 1]]`; of categories, the places in `cuts` and one."""

    cuts: tuple[float, ...]
    categorical: bool = False

    @property
    def codes(self) -> int:
        """How many there are, the unknown among them."""
        return len(self.cuts) + (1 if self.categorical else 2)

    @property
    def all_codes(self) -> Codes:
        return (1 << self.codes) - 1

    def cell(self, value: float) -> int:
        return bisect_left(self.cuts, value) + 1

    def goes_left(self, tree: Tree, node: int) -> Codes:
        """The codes that this split sends to its left child."""
        if self.categorical:
            return sum(1 << self.cell(category) for category in tree.categories(node))
        below = (1 << self.cell(tree.thresholds[node]) + 1) - 2
        zero = 1 << self.cell(0.0)
        match tree.missing(node):
            case Missing.NONE:
                unknown_goes_left = bool(below & zero)
            case Missing.NAN:
                unknown_goes_left = tree.missing_goes_left(node)
            case Missing.ZERO:
                unknown_goes_left = tree.missing_goes_left(node)
                below = below | zero if unknown_goes_left else below & ~zero
        return below | unknown_goes_left << UNKNOWN


def scales_of(trees: Iterable[Tree]) -> dict[int, Scale]:
    """One scale for each feature that any split reads."""
    cuts: dict[int, set[float]] = {}
    kinds: dict[int, bool] = {}
    for tree in trees:
        for node, feature in enumerate(tree.features):
            categorical = tree.is_categorical(node)
            if kinds.setdefault(feature, categorical) != categorical:
                raise NotTabulated("A feature is a number in one tree and a category in another.")
            cuts.setdefault(feature, set()).update(cuts_of(tree, node))
    scales = {feature: Scale(tuple(sorted(cuts[feature])), kinds[feature]) for feature in sorted(cuts)}
    if any(scale.codes > MOST_CODES for scale in scales.values()):
        raise NotTabulated("A feature has more cells than two bytes can tell apart.")
    return scales


def cuts_of(tree: Tree, node: int) -> Iterable[float]:
    if tree.is_categorical(node):
        return map(float, tree.categories(node))
    if tree.missing(node) is Missing.ZERO:
        return tree.thresholds[node], -NEARLY_ZERO, 0.0
    return (tree.thresholds[node],)
