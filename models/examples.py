"""Many Mondays stacked: what was known of each student, beside what became of them; only what time has already told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from models.fates import KNOWN, LEFT, MOVED, known_fate
from models.ranking import lottery

KEYS = ["student_id", "day"]
RIPE_SHARE = 0.99


@dataclass(frozen=True)
class Examples:
    """`frame`: the features, `label` (1 left, 0 did not), `moved` (1 to another school) and `weight`.

    `excluded` counts the rows that teach nothing.
    """

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
    """The rows that can teach: of a ripe day, and of known fate.

    NOTE: a child who moved did not leave, and is told so. Were such rows set aside, the chance would be that of leaving
    *if nobody moved*, and a child about to move would fill a visit.
    """
    whole = pl.col("day").is_in(ripe_days(outcomes)) & pl.col("ripe")
    told = outcomes.filter(whole & known_fate())
    kinds = {"label": LEFT, "moved": MOVED}
    flags = {name: (pl.col("outcome") == kind).cast(pl.Int8) for name, kind in kinds.items()}
    return told.select(*KEYS, **flags, weight=pl.lit(1.0))


def excluded_counts(outcomes: pl.DataFrame) -> dict[str, int]:
    """How many rows were set aside, by reason: of a day that is not over, or of a fate that nobody knows."""
    ripe = pl.col("day").is_in(ripe_days(outcomes)) & pl.col("ripe")
    kind = pl.when(ripe).then(pl.col("outcome")).otherwise(pl.lit("UNRIPE"))
    counts = outcomes.group_by(kind.alias("kind")).len().filter(~pl.col("kind").is_in(list(KNOWN)))
    return dict(sorted(counts.select("kind", "len").rows()))


def thinned(labels: pl.DataFrame, most_rows: int, seed: int) -> pl.DataFrame:
    """At most `most_rows`: all who left or moved if they fit in half of it, and a drawn part of the others, weighted.

    The weight of a drawn child is the inverse of the share that was drawn: on average over draws every weighted sum is
    the sum over all, and no intercept is bent. The lot of a child and day is the same each time.
    NOTE: those with the smallest lots are drawn, not those below a share: whoever was drawn already has a small lot,
    and thinned again by a share everyone would be kept.
    """
    if labels.height <= most_rows:
        return labels
    gone = labels.select(gone_in(labels)).to_series()
    kept, stayed = int(gone.sum()), labels.height - int(gone.sum())
    room = min(kept, max(most_rows // 2, most_rows - stayed))
    told = labels.with_columns(_gone=gone, _lot=pl.Series(lottery(labels, seed)))
    place = pl.col("_lot").rank("ordinal").over("_gone")
    seats = pl.when("_gone").then(room).otherwise(most_rows - room)
    drawn = told.filter(place <= seats).with_columns(weight=pl.col("weight") * heavier(kept, stayed, room, most_rows))
    return drawn.drop("_gone", "_lot")


def heavier(kept: int, stayed: int, room: int, most_rows: int) -> pl.Expr:
    """How many rows each drawn one stands for: of those who left or moved, and of the others."""
    return pl.when("_gone").then(kept / max(room, 1)).otherwise(stayed / max(most_rows - room, 1))


def gone_in(labels: pl.DataFrame) -> pl.Expr:
    """Left, or moved where that is told."""
    left = pl.col("label") == 1
    return left | (pl.col("moved") == 1) if "moved" in labels.columns else left


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
