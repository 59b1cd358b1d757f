"""How much does each step from a rule of thumb to the shipped recipe find, and do other methods find more?"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from experiments.challengers import CHALLENGERS, Challenger, Columns
from experiments.city import City, asked_for, city_of
from experiments.city_tables import table
from experiments.written import write_answer
from models.baselines import Chance, fit_regression, fit_school_rate, simple_rules
from models.calibration import fit_calibration
from models.inputs import categories_in, input_names
from models.resampling import Numbers

HERE = Path(__file__).parent
SHIPPED = "shipped recipe"
FIGURES = ("precision", "recall", "chance", "thrice", "auc", "average_precision")


def rules(city: City) -> dict[str, Numbers]:
    """What a clerk can do with a sheet."""
    return {rule.name: rule.scores(city.asked) for rule in (Chance(city.recipe.seed), *simple_rules())}


def steps(city: City) -> dict[str, Callable[[pl.DataFrame], Numbers]]:
    """Each way to turn the same examples into chances of those asked, the plainest first."""
    recipe = city.recipe
    alone, shipped = city.following(replace(recipe, retold_trees=0)), replace(recipe, stands=3, trees=250)
    house: dict[str, City] = {
        "trees alone, one stand": alone,
        "regression and small trees, one stand": city,
        SHIPPED: city.following(shipped),
    }
    return {
        "school rate": lambda rows: fit_school_rate(rows).scores(city.asked),
        "regression held tight": lambda rows: line(city, rows),
        **{name: lambda rows, one=one: one.chances(one.model(rows)) for name, one in house.items()},
        **{name: lambda rows, one=one: challenge(city, rows, one) for name, one in CHALLENGERS.items()},
    }


def line(city: City, rows: pl.DataFrame) -> Numbers:
    names = input_names(city.catalogue, use_sensitive=False)
    fitted = fit_regression(rows, names, categories_in(rows, names, city.catalogue), city.recipe.hold)
    assert fitted is not None
    return fitted.scores(city.asked)


def challenge(city: City, rows: pl.DataFrame, challenger: Challenger) -> Numbers:
    """As it comes, and without weights; its chances are set on later days, as the house's are."""
    names = input_names(city.catalogue, use_sensitive=False)
    spoken = frozenset(categories_in(rows, names, city.catalogue))
    columns = Columns(names, spoken)
    grown, later = (rows.filter(pl.col("day").is_in(days)) for days in (city.fold.grown_on, city.fold.calibrate))
    label, weight = (later[column].cast(pl.Float64).to_numpy() for column in ("label", "weight"))
    chances = fit_calibration(challenger(grown, later, columns), label, weight)
    return chances(challenger(rows, city.asked, columns))


def climbed(city: City) -> str:
    rows, said, seconds = city.fewer(), {}, {}
    for name, step in steps(city).items():
        begun = time.process_time()
        said[name] = step(rows)
        seconds[name] = f"{time.process_time() - begun:.0f}"
        print(name, seconds[name], file=sys.stderr, flush=True)
    judged = city.judged(said, rules(city))
    return table(judged, FIGURES, ("precision", "auc"), {"processor seconds": seconds}, against=SHIPPED)


def main() -> None:
    given = asked_for(__doc__).parse_args()
    answer = climbed(city_of(given))
    print(answer)
    if given.write:
        write_answer(HERE / "answer.md", {"table": answer})


if __name__ == "__main__":
    main()
