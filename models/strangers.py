"""A method that tells each school by what other schools taught: its figures are those of schools never seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.baselines import Method, Scores
from models.examples import Examples
from models.ranking import text_hashes

PARTS = 3
"""Into so many groups the schools are dealt; each is told by models that the other groups taught."""


@dataclass(frozen=True)
class Strangers:
    """A method in parts: the children of each school are told by the part that never saw that school."""

    name: str
    groups: Mapping[str, int]
    parts: Sequence[Method]
    chances: bool = True

    def scores(self, frame: pl.DataFrame) -> Scores:
        told = np.zeros(frame.height)
        place = group_of(frame, self.groups)
        for number, method in enumerate(self.parts):
            theirs = place == number
            if theirs.any():
                told[theirs.to_numpy()] = method.scores(frame.filter(theirs))
        return told


def dealt(schools: pl.Series, parts: int = PARTS) -> dict[str, int]:
    """Schools in groups of even number, by a lottery that can be repeated."""
    known = schools.drop_nulls().unique().sort()
    drawn = pl.DataFrame({"school": known, "lot": text_hashes(known)}).sort("lot", "school")
    return {school: place % parts for place, school in enumerate(drawn["school"])}


def group_of(frame: pl.DataFrame, groups: Mapping[str, int]) -> pl.Series:
    """A school that nobody knew is told by the first part, which never saw it either."""
    return frame["institution_id"].replace_strict(groups, default=0, return_dtype=pl.Int64)


def without(examples: Examples, groups: Mapping[str, int], number: int) -> Examples:
    return Examples(examples.frame.filter(group_of(examples.frame, groups) != number))
