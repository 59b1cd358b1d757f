"""What does a steadier list cost? Names that come and go against departures missed, by the price of a new name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from experiments.city import City, asked_for, city_of
from experiments.city_tables import told
from experiments.written import write_answer
from models.at_capacity import at_the_cut
from models.calibration import log_odds, sigmoid
from models.evaluation import BEST, MODEL
from models.evaluation import Period as Judged
from models.examples import KEYS
from models.list_order import ON_THE_LIST, OrderRules, to_do
from models.places import KEPT, LOT
from models.resampling import Figures, Measured, Numbers
from models.steadiness import names, steadiness

HERE = Path(__file__).parent
MARGINS = (0.0, 0.25, 0.5, 0.8, 1.0, 1.5, 2.0)
SMOOTHED = "mean of two weeks' log-odds"
FORGOTTEN = timedelta(weeks=6)
"""A list older than that gives no right to a seat (docs/decisions/0025)."""

ROOMS = (1, 4)
"""Times the usual capacity: a few dozen a week, and as many as a larger team."""


def smoothed(city: City, chance: Numbers) -> Numbers:
    """The other way to calm a list: half of last week's opinion."""
    told_of = city.asked.select(*KEYS).with_columns(pl.Series("raw", log_odds(chance)))
    days = told_of["day"].unique().sort()
    later = dict(pairwise(days))
    before = told_of.filter(pl.col("day") != days[-1]).with_columns(day=pl.col("day").replace_strict(later))
    both = told_of.join(before, on=KEYS, how="left", maintain_order="left", suffix="_before")
    return sigmoid(
        both.select((pl.col("raw") + pl.col("raw_before").fill_null(pl.col("raw"))) / 2).to_series().to_numpy()
    )


def lists(judged: Judged, method: str, margin: float) -> pl.DataFrame:
    """Each Monday's list as it follows from the one before, nobody being contacted."""
    return pl.concat(one_after_another(judged, method, margin))


def one_after_another(judged: Judged, method: str, margin: float) -> Iterator[pl.DataFrame]:
    last: tuple[date, list[str]] | None = None
    rows = judged.judged_by(method)
    room = dict(judged.roll.days.select("day", pl.Series(sizes(judged))).iter_rows())
    kept = [name for name in KEPT if name in rows.columns]
    for (day,), week in rows.sort("day", method, LOT, descending=[False, True, False]).group_by(
        "day", maintain_order=True
    ):
        previous = last[1] if last and day - last[0] <= FORGOTTEN else []
        ordered = week.select(*kept, score=method)
        listed = to_do(ordered, day, room[day], OrderRules(margin), previous)
        listed = listed.filter(pl.col("standing").is_in(list(ON_THE_LIST)))
        last = (day, listed["student_id"].to_list())
        yield listed.select(kept)


def sizes(judged: Judged) -> pl.Series:
    """The room of each Monday, as the judge has it."""
    return judged.places[MODEL].group_by("day").agg(pl.col("room").first()).sort("day")["room"]


def figures(judged: Judged, listed: pl.DataFrame, method: str) -> Figures:
    """What the lists find and how they change; `needless`: new names beyond the seats of children off the roll."""
    rows = judged.judged_by(method)
    cut = at_the_cut(listed, judged.roll_by(method), False, judged.cities)
    steady = steadiness(names(listed, rows, method), listed, rows["day"], judged.cities)
    return {**cut, **steady, "needless": steady["new_names"].above(steady["off_roll"])}


def ways(judged: Judged) -> dict[str, tuple[str, float]]:
    priced = {f"price {margin:g}": (MODEL, margin) for margin in MARGINS}
    return {**priced, SMOOTHED: (SMOOTHED, 0.0), "best possible, price 0": (BEST, 0.0)}


TITLES = ("new names", "of them without need", "weeks a name stays", "precision", "recall", "recall lost")


def table(judged: Judged) -> str:
    found = {name: figures(judged, lists(judged, *way), way[0]) for name, way in ways(judged).items()}
    free = found[f"price {MARGINS[0]:g}"]
    lines = [f"| | {' | '.join(TITLES)} |", "|---|" + "---:|" * len(TITLES)]
    for name, one in found.items():
        lost = Measured(None) if BEST in ways(judged)[name] else free["recall"].above(one["recall"])
        shares = (
            one["new_names"],
            one["needless"],
            Measured(one["dwell_weeks"].value),
            one["precision"],
            one["recall"],
        )
        lines.append(f"| {name} | {' | '.join(told(figure) for figure in (*shares, lost))} |")
    return "\n".join(lines)


def damped(city: City) -> dict[str, str]:
    chance = city.chances(city.model())
    said = {MODEL: chance, SMOOTHED: smoothed(city, chance)}
    return {f"rooms{times}": table(widened(city, times).judged(said)) for times in ROOMS}


def widened(city: City, times: int) -> City:
    return city.following(replace(city.recipe, capacity_share=city.recipe.capacity_share * times))


def main() -> None:
    given = asked_for(__doc__).parse_args()
    answer = damped(city_of(given))
    print("\n\n".join(answer.values()))
    if given.write:
        write_answer(HERE / "answer.md", answer)


if __name__ == "__main__":
    main()
