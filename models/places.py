"""Each Monday's list as it would have gone out: everyone on roll in order, cut where visits end."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from models.ranking import capacity_of, lottery

LOT, SCORE = "_lottery", "_score"
KEPT = ("student_id", "day", "institution_id", "outcome", "left", "happened_on", "visited")


@dataclass(frozen=True)
class Capacity:
    """How many students are contacted each Monday: a number that somebody declared, or a share of those on roll."""

    declared: int | None = None
    share: float = 300 / 160_000
    least: int = 5

    def of(self, students: int) -> int:
        if self.declared is not None:
            return min(self.declared, students)
        return capacity_of(students, self.share, self.least)


def with_lottery(judged: pl.DataFrame, seed: int) -> pl.DataFrame:
    return judged.with_columns(pl.Series(LOT, lottery(judged, seed)))


def rooms(judged: pl.DataFrame, capacity: Capacity) -> pl.DataFrame:
    """`day, room`: how many are contacted on each Monday."""
    roll = judged.group_by("day").agg(students=pl.len())
    sizes = [capacity.of(students) for students in roll["students"]]
    return roll.select("day", room=pl.Series(sizes, dtype=pl.Int64)).sort("day")


def placed(
    judged: pl.DataFrame, method: str, room: pl.DataFrame, times: int = 1, within: Sequence[str] = ("day",)
) -> pl.DataFrame:
    """The first `times` × room of each Monday (or of each `within`), with `place` (1 is the first) and `room`.

    `judged` needs the lottery of `with_lottery`; whatever became of a child, it is in the draw.
    """
    keys = list(within)
    score = pl.col(method).cast(pl.Float64).fill_null(float("-inf")).alias(SCORE)
    # Only who can be on the list is put in order: a city's year has millions of rows and some thousands of places.
    asked = judged.select(*keys, score).join(room, on=keys, how="left", maintain_order="left")
    least = pl.col(SCORE).top_k(pl.col("room").first() * times).min().alias("_least")
    bound = asked.join(asked.group_by(keys).agg(least), on=keys, how="left", maintain_order="left")
    near = judged.select(name for name in (*KEPT, LOT) if name in judged.columns).with_columns(
        bound[SCORE], bound["room"]
    )
    near = near.filter(bound[SCORE] >= bound["_least"])
    order = [*keys, SCORE, LOT, "student_id"]
    near = near.sort(order, descending=[name == SCORE for name in order])
    place = pl.int_range(1, pl.len() + 1).over(keys).alias("place")
    return near.with_columns(place).filter(pl.col("place") <= times * pl.col("room")).drop(LOT)


def cut(places: pl.DataFrame) -> pl.DataFrame:
    """The list itself, of places that go further."""
    return places.filter(pl.col("place") <= pl.col("room"))


def listed(judged: pl.DataFrame, method: str, capacity: Capacity) -> pl.DataFrame:
    return placed(judged, method, rooms(judged, capacity))
