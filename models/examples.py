"""Many Mondays stacked: what was known of each student, beside what became of them; only what time has already told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from models.ranking import lottery

LEFT, STAYED = "LEFT", "STAYED"
KEYS = ["student_id", "day"]
RIPE_SHARE = 0.99


@dataclass(frozen=True)
class Examples:
    """`frame`: the features, `label` (1 left, 0 stayed) and `weight`; `excluded` counts the rows that teach nothing."""

    frame: pl.DataFrame
    excluded: dict[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return int(self.frame["label"].sum())

    def on(self, days: Sequence[date]) -> pl.DataFrame:
        return self.frame.filter(pl.col("day").is_in(list(days)))


def ripe_days(outcomes: pl.DataFrame) -> list[date]:
    """Days on which nearly every outcome is known.

    NOTE: a day is taken whole or not at all. Wherever bad news travels faster than good, the ripe rows of a day that
    is not over yet are almost all children who left.
    """
    shares = outcomes.group_by("day").agg(pl.col("ripe").mean()).filter(pl.col("ripe") >= RIPE_SHARE)
    return sorted(shares["day"].to_list())


def labelled(outcomes: pl.DataFrame) -> pl.DataFrame:
    """The rows that can teach: of a ripe day, and either stayed or left."""
    whole = pl.col("day").is_in(ripe_days(outcomes)) & pl.col("ripe")
    told = outcomes.filter(whole & pl.col("outcome").is_in([LEFT, STAYED]))
    return told.select(*KEYS, label=(pl.col("outcome") == LEFT).cast(pl.Int8), weight=pl.lit(1.0))


def excluded_counts(outcomes: pl.DataFrame) -> dict[str, int]:
    """How many rows were set aside, by reason; moved and graduated children did not drop out, nor did they stay."""
    ripe = pl.col("day").is_in(ripe_days(outcomes)) & pl.col("ripe")
    kind = pl.when(ripe).then(pl.col("outcome")).otherwise(pl.lit("UNRIPE"))
    counts = outcomes.group_by(kind.alias("kind")).len().filter(~pl.col("kind").is_in([LEFT, STAYED]))
    return dict(sorted(counts.select("kind", "len").rows()))


def thinned(labels: pl.DataFrame, most_rows: int, seed: int) -> pl.DataFrame:
    """At most about `most_rows`: all who left, and a drawn part of those who stayed, weighted to stand for the rest."""
    left = int(labels["label"].sum())
    stayed = labels.height - left
    if labels.height <= most_rows or stayed == 0:
        return labels
    share = max(most_rows - left, 1) / stayed
    drawn = labels.filter((pl.col("label") == 1) | (pl.Series(lottery(labels, seed)) < int(share * 2**64)))
    heavier = stayed / max(drawn.height - left, 1)
    return drawn.with_columns(weight=pl.when(pl.col("label") == 1).then("weight").otherwise(pl.col("weight") * heavier))


def stacked(frame: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    return frame.join(labels, on=KEYS, how="inner").sort("day", "student_id")


def spaced(days: Sequence[date], most: int) -> list[date]:
    """At most that many days, evenly spread; a week teaches nearly what the week before taught."""
    if len(days) <= most:
        return list(days)
    return [days[place * (len(days) - 1) // (most - 1)] for place in range(most)] if most > 1 else [days[-1]]


def in_portions(days: Sequence[date], students: int, most_rows: int = 1_000_000) -> Iterator[list[date]]:
    """Days in groups small enough that their frame fits in memory."""
    size = max(1, most_rows // max(students, 1))
    for start in range(0, len(days), size):
        yield list(days[start : start + size])
