"""What do the same visits find when they go to schools, not to children? And what is there to tell within a school?"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from experiments.city import CHANCE, City, asked_for, city_of
from experiments.city_tables import table, told
from experiments.written import write_answer
from features.feature import Catalogue
from models.baselines import Chance, Flags, fit_school_rate
from models.evaluation import Period as Judged
from models.metrics import area_under_curve
from models.ranking import lottery
from models.resampling import SCHOOL, Numbers

HERE = Path(__file__).parent
FIGURES = ("precision", "recall", "chance", "auc")
WHOLE, AROUND, OWN = "model", "model of the surroundings", "model of the child alone"

SURROUNDINGS = ("school", "class_group", "reporting")
"""Families of features that all children of a school or a class share."""

SHARED = ("shift", "teaching_model", "rural_campus", "weeks_into_year", "grade")
"""And what else says where a child sits, and not what it did."""

ROOMS = (1, 10, 50)
"""Times the usual capacity: two children in a thousand, two in a hundred, one in ten."""


def around(catalogue: Catalogue, kept: bool) -> Catalogue:
    shared = [feature for feature in catalogue if feature.family in SURROUNDINGS or feature.name in SHARED]
    return Catalogue([feature for feature in catalogue if (feature in shared) == kept])


def chances(city: City) -> dict[str, Numbers]:
    views = {WHOLE: city, **{name: city.reading(around(city.catalogue, kept)) for name, kept in PARTS.items()}}
    return {name: view.chances(view.model()) for name, view in views.items()}


PARTS = {AROUND: True, OWN: False}


def by_school(city: City, order: Numbers, weight: Numbers) -> Numbers:
    """Visits go to schools by `weight` (of each child asked: its school's), and within each by `order`.

    The seats are handed out as parliaments do it (Sainte-Laguë): the child at place p of its school stands at its
    school's weight by p - 1/2.
    """
    rows = city.asked.select("day", SCHOOL).with_columns(
        order=pl.Series(order), weight=pl.Series(weight), lot=pl.Series(lottery(city.asked, 1))
    )
    rows = rows.with_row_index("_row").sort("day", SCHOOL, "order", "lot", descending=[False, False, True, False])
    place = pl.int_range(1, pl.len() + 1).over("day", SCHOOL)
    return rows.with_columns(seat=pl.col("weight") / (place - 0.5)).sort("_row")["seat"].to_numpy()


def lists(city: City, said: dict[str, Numbers]) -> dict[str, Numbers]:
    """What a secretariat could do with a rate per school, and with an order of the children in each."""
    rate = fit_school_rate(city.examples).scores(city.asked)
    roll = city.asked.select(pl.len().over("day", SCHOOL)).to_series().cast(pl.Float64).to_numpy()
    lot, flags = Chance(city.recipe.seed).scores(city.asked), Flags().scores(city.asked)
    return {
        "lottery": lot,
        "all visits to the worst school": rate,
        "visits by departures expected, lottery within": by_school(city, lot, rate * roll),
        "the same, flags within": by_school(city, flags, rate * roll),
        "the same, model within": by_school(city, said[WHOLE], rate * roll),
        "visits by roll, model within": by_school(city, said[WHOLE], roll),
        "flags": flags,
    }


def within(judged: Judged, method: str) -> str:
    """AUC among the children of one school, the mean over schools by departures."""
    schools = judged.roll.told.group_by(SCHOOL).agg("left", method)
    areas = [area_under_curve(*map(as_numbers, both)) for both in schools.select("left", method).iter_rows()]
    known = schools.select(SCHOOL, pl.col("left").list.sum(), area=pl.Series(areas, dtype=pl.Float64)).drop_nulls()
    known = known.with_columns(pl.col("area") * pl.col("left"))
    return told(judged.cities.ratio(known, "area", "left"))


def as_numbers(values: list[float]) -> Numbers:
    return pl.Series(values).cast(pl.Float64).to_numpy()


def spread(city: City) -> str:
    """How much of what makes one child likelier to leave than another lies between schools, or grades within them."""
    rows = city.asked.drop_nulls(CHANCE)
    whole = rows[CHANCE].var()
    lines = ["| the city parted by | share of the spread of the true chances between the parts |", "|---|---:|"]
    for name, parts in {"school": [SCHOOL], "school and grade": [SCHOOL, "grade"]}.items():
        means = rows.select(pl.col(CHANCE).mean().over("day", *parts) - pl.col(CHANCE).mean().over("day"))
        lines.append(f"| {name} | {means.to_series().var() / whole:.3f} |")
    return "\n".join(lines)


def compared(city: City) -> dict[str, str]:
    said = chances(city)
    rules = lists(city, said)
    answer = {"spread": spread(city)}
    for times in ROOMS:
        judged = city.following(replace(city.recipe, capacity_share=city.recipe.capacity_share * times)).judged(
            said, rules
        )
        inside = {"AUC within schools": {name: within(judged, name) for name in (*said, "flags", "lottery")}}
        figures = FIGURES if times == 1 else FIGURES[:3]
        answer[f"rooms{times}"] = table(judged, figures, ("precision",), inside if times == 1 else None, against=WHOLE)
    return answer


def main() -> None:
    given = asked_for(__doc__).parse_args()
    answer = compared(city_of(given))
    print("\n\n".join(answer.values()))
    if given.write:
        write_answer(HERE / "answer.md", answer)


if __name__ == "__main__":
    main()
