"""Columns of equal length that belong together: taking some rows of them, and putting more below."""

from dataclasses import fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Random = np.random.Generator

DAY_ZERO = np.datetime64("1970-01-01", "D")


class Columns:
    """A dataclass whose fields are all arrays with one entry per row."""

    def __len__(self) -> int:
        return len(getattr(self, self._names()[0]))

    def take(self, rows: Array) -> Self:
        return type(self)(**{name: getattr(self, name)[rows] for name in self._names()})

    def followed_by(self, other: Self) -> Self:
        return type(self)(
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in self._names()}
        )

    @classmethod
    def _names(cls) -> list[str]:
        return [f.name for f in fields(cls)]  # type: ignore[arg-type]


def pick(rng: Random, weights: Array) -> Array:
    """For each row of weights, the number of the column drawn in proportion to them."""
    heights = np.cumsum(weights, axis=1)
    drawn = rng.random(len(weights)) * heights[:, -1]
    return np.asarray((drawn[:, None] >= heights).sum(axis=1).astype(np.int16))


def flip(rng: Random, chance: Array | float, rows: int) -> Mask:
    return np.asarray(rng.random(rows) < chance)
