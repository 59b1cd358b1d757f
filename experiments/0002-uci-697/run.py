"""Who drops out of a polytechnic, told at enrolment, after one semester and after two, by the published protocol."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.model_selection import StratifiedKFold

sys.path.append(str(Path(__file__).parents[2]))

from uci697 import BARS, PHASES, columns_of, students

from experiments.beside import Part, best_of_others, chances_of_all, gathered, label_of, lead, mean_rows
from experiments.challengers import CHALLENGERS, Columns, Numbers, markdown
from experiments.running import run
from models.recipe import read_recipe

HERE = Path(__file__).parent
ANSWER, RECIPE = HERE / "answer.md", read_recipe(HERE / "recipe.toml")
FOLDS, SEEDS = 5, (0, 1, 2)
INNER = 3
"""Each third of those who teach is asked of a model that the other two taught: together they set the chances."""


def folds(label: Numbers, seed: int, parts: int = FOLDS) -> Iterator[Part]:
    """NOTE: students drawn at random, as everyone who published on these data did: they have no dates and no order.

    Nowhere but here and in 0005 are students drawn so (models/folds.py); what it flatters, it flatters for all alike.
    """
    yield from StratifiedKFold(parts, shuffle=True, random_state=seed).split(np.zeros(len(label)), label)


def out_of_fold(frame: pl.DataFrame, columns: Columns, seed: int, others: bool = True) -> dict[str, Numbers]:
    """Chances of each method for everyone, each from models that had not seen the student."""

    def tell(examples: pl.DataFrame, rest: pl.DataFrame) -> dict[str, Numbers]:
        thirds = [third for _, third in folds(label_of(examples), seed + 100, INNER)]
        return chances_of_all(examples, rest, columns, RECIPE, thirds, CHALLENGERS if others else {})

    return gathered(frame, folds(label_of(frame), seed), tell)


def find() -> dict[str, str]:
    return {"figures": "\n\n".join(section(phase, students()) for phase in PHASES)}


def section(phase: str, frame: pl.DataFrame, seeds: tuple[int, ...] = SEEDS) -> str:
    columns, label = columns_of(phase, frame), label_of(frame)
    draws = [out_of_fold(frame, columns, seed, others=seed == seeds[0]) for seed in seeds]
    rows = mean_rows(label, draws)
    best = best_of_others(rows)
    note = f"House model less {best}, AUC, first of the draws: {lead(label, draws[0], best)}."
    return "\n".join([f"### {phase.capitalize()} (bar: AUC {BARS[phase]})", "", markdown(rows), "", note])


if __name__ == "__main__":
    run(__doc__, ANSWER, find)
