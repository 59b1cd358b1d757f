"""Whom to contact first: the greatest expected value of a contact, with names that do not come and go every week."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from models.ranking import lottery

LISTED, KEPT, WAITS = "LISTED", "KEPT", "WAITS"
DRAWN_IN, DRAWN_OUT = "DRAWN_IN", "DRAWN_OUT"
FOLLOWED, BELOW = "FOLLOWED", "BELOW"
ON_THE_LIST = (LISTED, KEPT, DRAWN_IN)
"""How a child stands to a week's list. LISTED by worth; KEPT although others have a little more; WAITS although it has
a little more than those kept; drawn into or out of the list in the random band; FOLLOWED already; BELOW the cut."""

BAND_SEED = 20260101
BAND_PERIOD = timedelta(weeks=4)
"""One draw holds for so long: a child drawn out in one week and in the next would tell nothing about contacts."""


class UnwrittenDecision(ValueError):  # noqa: N818 - says what is wrong
    """Children near the cut are left to chance only where the secretariat has decided so in writing."""


@dataclass(frozen=True)
class OrderRules:
    """`margin`: how much more chance a new name must have than the listed one whose place it takes, as a part of the
    chance at the cut: at 0.8, with 20 % at the cut, sixteen points more. Zero is no damping.

    `follow_weeks`: for how long a contact keeps a child off the to-do list. `band`: how many seats on this side of the
    cut are drawn by lot, with as many children on the other side; zero is no lot. `decision`: where that is written.
    """

    margin: float = 0.0
    follow_weeks: int = 4
    band: int = 0
    decision: str = ""

    def __post_init__(self) -> None:
        if self.band and not self.decision.strip():
            raise UnwrittenDecision(
                "La franja al azar cerca del cupo solo se usa con una decisión escrita de la secretaría. "
                "Indique su número y fecha en PERMANENCIA_BAND_DECISION."
            )


def to_do(
    ordered: pl.DataFrame,
    day: date,
    capacity: int,
    rules: OrderRules,
    previous: Collection[str] = (),
    followed: Collection[str] = (),
) -> pl.DataFrame:
    """Who is on the week's list. `ordered`: student_id and score of everyone, the greatest worth of a contact first.

    Adds `place` (by worth alone, 1 first), `standing`, and `above_cut`: how much chance more than the cut asked, which
    decides alone whoever is neither followed (null) nor drawn by lot. The list has `capacity` students, fewer only when
    fewer are free. `previous`: who was on last week's list; `followed`: who is already accompanied.
    """
    placed = ordered.with_columns(place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    free = damped(placed.filter(~pl.col("student_id").is_in(list(followed))), previous, capacity, rules.margin)
    free = drawn(free, day, rules.band)
    told = placed.join(free.select("student_id", "standing", "above_cut"), on="student_id", how="left")
    return told.with_columns(pl.col("standing").fill_null(FOLLOWED)).sort("place")


def damped(free: pl.DataFrame, previous: Collection[str], capacity: int, margin: float) -> pl.DataFrame:
    """Adds `standing` and `above_cut`; `free`: student_id and score of those who may be listed, best first.

    The list with the most expected departures when each name that was not there last week has a price (the margin):
    the highest of chance plus, for who was there, that price. Measured in docs/decisions/0025.
    """
    here = pl.int_range(pl.len()) < capacity
    price = margin * float(free.filter(here)["score"].min() or 0.0)  # type: ignore[arg-type]
    was_there = pl.col("student_id").is_in(list(previous))
    held = free.with_columns(by_right=here, _held=pl.col("score") + price * was_there.cast(pl.Float64))
    held = held.with_row_index("_order").sort(["_held", "_order"], descending=[True, False])
    standing = (
        pl.when(here).then(pl.when("by_right").then(pl.lit(LISTED)).otherwise(pl.lit(KEPT)))
        .otherwise(pl.when("by_right").then(pl.lit(WAITS)).otherwise(pl.lit(BELOW)))
    )  # fmt: skip
    edge = held["_held"].slice(max(capacity - 1, 0), 2).to_list()
    cut = sum(edge) / len(edge) if len(edge) == 2 else 0.0
    told = held.with_columns(standing=standing, above_cut=pl.col("_held") - cut).sort("_order")
    return told.drop("_order", "_held", "by_right")


def drawn(free: pl.DataFrame, day: date, band: int) -> pl.DataFrame:
    """The last `band` of the list and the first `band` below it change seats by lot; anyone can draw it again."""
    if band == 0:
        return free
    on_list = pl.col("standing").is_in(list(ON_THE_LIST))
    inside = free.filter(on_list).sort("above_cut", maintain_order=True).head(band)
    outside = free.filter(~on_list).sort("above_cut", descending=True, maintain_order=True).head(inside.height)
    if outside.is_empty():
        return free  # everybody has a seat: nothing to draw for
    near = pl.concat([inside, outside]).select("student_id", day=pl.lit(period_of(day)))
    lots = near.with_columns(pl.Series("_lottery", lottery(near, BAND_SEED))).sort("_lottery", "student_id")
    fates = [DRAWN_IN if number < inside.height else DRAWN_OUT for number in range(lots.height)]
    changed = dict(zip(lots["student_id"], fates, strict=True))
    new = pl.col("student_id").replace_strict(changed, default=pl.col("standing"), return_dtype=pl.String)
    return free.with_columns(standing=new)


def period_of(day: date) -> date:
    return date.fromordinal(day.toordinal() - day.toordinal() % BAND_PERIOD.days)


def first_of_each_draw(drawn: pl.DataFrame) -> pl.DataFrame:
    """Of rows with student_id and day, each child's first in each period of one draw.

    NOTE: the draw of one week moves the next week's band: who was drawn in has a seat to lose, or a contact behind it,
    and is near the cut for other reasons than who was drawn out. Only the first time are the two alike.
    """
    days = drawn["day"].unique()
    periods = pl.DataFrame({"day": days, "_draw": pl.Series([period_of(day) for day in days], dtype=pl.Date)})
    dated = drawn.join(periods, on="day", how="left").sort("day", "student_id")
    return dated.unique(["student_id", "_draw"], keep="first", maintain_order=True).drop("_draw")


def followed(visits: pl.DataFrame, day: date, weeks: int) -> dict[str, tuple[date, str]]:
    """Who has been contacted in the last `weeks`, with the day and the finding; whom nobody found is still to do.

    `visits`: student_id, visited_on, result, as known on `day`.
    """
    recent = visits.filter(
        pl.col("visited_on") > day - timedelta(weeks=weeks),
        pl.col("visited_on") <= day,
        pl.col("result") != "NOT_FOUND",
    )
    last = recent.sort("student_id", "visited_on", "result").unique("student_id", keep="last", maintain_order=True)
    return {student: (on, result) for student, on, result in last.select("student_id", "visited_on", "result").rows()}
