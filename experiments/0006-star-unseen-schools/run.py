"""What can be foretold of children in schools that taught nothing: who is gone from Project STAR a year later."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from star import columns, pupils, tested

from experiments.beside import (
    Part,
    best_of_others,
    chances_of_all,
    gathered,
    label_of,
    lead_of_all,
    mean_rows,
    parts_of_groups,
)
from experiments.challengers import Columns, Numbers, Places, markdown
from experiments.running import run
from models.recipe import read_recipe

HERE = Path(__file__).parent
ANSWER, RECIPE = HERE / "answer.md", read_recipe(HERE / "recipe.toml")
FIFTHS, ROTATIONS = 5, (0, 1, 2)
LAST = 2
"""The last grade of which the next is known."""

POINTS, LOW_MARKS = "free lunch, over age, new: a point each", "lowest marks first"
Split = Callable[[pl.DataFrame, int], list[Part]]


def fifths(schools: Numbers, seed: int) -> list[Places]:
    """The rows of each fifth of the schools, whole: another seed parts the schools otherwise."""
    return parts_of_groups(schools, FIFTHS, seed)


def never_seen(frame: pl.DataFrame, seed: int, later: bool = False) -> list[Part]:
    """Each fifth of the schools is asked of the others, without the years that its children spent in those.

    With `later`, only the last grade is asked about, and the grades before it teach.
    """
    grade, pupil = frame["grade"].to_numpy(), frame["student_id"].to_numpy()
    parts = []
    for fifth in fifths(frame["school_id"].to_numpy(), seed):
        asked = fifth[grade[fifth] == LAST] if later else fifth
        others = np.setdiff1d(np.arange(frame.height), fifth)
        taught = others[~np.isin(pupil[others], pupil[asked])]
        parts.append((taught[grade[taught] < LAST] if later else taught, asked))
    return parts


def a_year_later(frame: pl.DataFrame, seed: int) -> list[Part]:
    return never_seen(frame, seed, later=True)


def same_schools(frame: pl.DataFrame, seed: int) -> list[Part]:
    """All schools teach with their earlier grades, those asked about too; `seed` parts nothing."""
    grade = frame["grade"].to_numpy()
    return [(np.flatnonzero(grade < LAST), np.flatnonzero(grade == LAST))]


QUESTIONS: dict[str, tuple[bool, Split]] = {
    "schools never seen, when the year begins": (False, never_seen),
    "schools never seen, after the tests of the spring": (True, never_seen),
    "schools never seen, a year later": (True, a_year_later),
    "the same schools, a year later": (True, same_schools),
}
"""Whether the marks of the year are known (of who sat both tests alone), and who teaches."""


def tell(examples: pl.DataFrame, rest: pl.DataFrame, read: Columns, seed: int) -> dict[str, Numbers]:
    """What each method says; the chances are set on a fifth of the schools that teach."""
    apart = fifths(examples["school_id"].to_numpy(), seed + 100)[0]
    return {**chances_of_all(examples, rest, read, RECIPE, [apart]), **rules(rest)}


def rules(rest: pl.DataFrame) -> dict[str, Numbers]:
    """What one would do with a sheet: they order and give no chances."""
    points = [pl.col("free_lunch"), pl.col("years_over_age") >= 1, pl.col("new_here")]
    counted = rest.select(pl.sum_horizontal(point.cast(pl.Float64).fill_null(0) for point in points)).to_series()
    return {POINTS: counted.to_numpy() / 10, LOW_MARKS: 1 - rest["place"].fill_null(0.5).to_numpy()}


def section(name: str, everyone: pl.DataFrame) -> str:
    spring, split = QUESTIONS[name]
    frame = tested(everyone) if spring else everyone
    seeds = ROTATIONS if split is not same_schools else ROTATIONS[:1]
    draws = [gathered(frame, split(frame, s), lambda e, r, s=s: tell(e, r, columns(spring), s)) for s in seeds]
    asked = np.flatnonzero(~np.isnan(draws[0][POINTS]))
    rows, label = frame[asked], label_of(frame[asked])
    hidden = () if spring else (LOW_MARKS,)
    draws = [{method: said[asked] for method, said in draw.items() if method not in hidden} for draw in draws]
    table = mean_rows(label, draws, orders=[POINTS, LOW_MARKS])
    best = best_of_others(table)
    ahead = lead_of_all(label, draws, best, rows["school_id"].to_numpy())
    schools = rows["school_id"].n_unique()
    head = f"{rows.height} pupil-years in {schools} schools asked about, {int(label.sum())} gone a year later."
    note = f"House model less {best}, AUC: {ahead}, nine draws of schools in ten."
    return "\n".join([f"### {name[0].upper()}{name[1:]}", "", head, "", markdown(table), "", note])


def find() -> dict[str, str]:
    everyone = pupils()
    return {"figures": "\n\n".join(section(name, everyone) for name in QUESTIONS)}


if __name__ == "__main__":
    run(__doc__, ANSWER, find)
