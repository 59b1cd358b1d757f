"""Adds the weights of features up into the families that a reader knows: attendance, progress, home."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def family_weights(parts: Numbers, families: Sequence[str]) -> tuple[Numbers, tuple[str, ...]]:
    """`parts` [rows, features + 1] as contributions gives them; `families`, the family of each feature, in order.

    The weight of each family [rows, families], and their names in the order in which they first appear. The base
    value, in the last column of `parts`, belongs to no family.
    """
    names = tuple(dict.fromkeys(families))
    weights = np.zeros((len(parts), len(names)))
    for place, name in enumerate(names):
        weights[:, place] = parts[:, [column for column, family in enumerate(families) if family == name]].sum(axis=1)
    return weights, names
