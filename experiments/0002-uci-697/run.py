"""Who drops out of a polytechnic, told at enrolment, after one semester and after two, by the published protocol."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.model_selection import StratifiedKFold

sys.path.append(str(Path(__file__).parents[2]))

from uci697 import BARS, PHASES, DataMissing, columns_of, students

from experiments.challengers import (
    CHALLENGERS,
    Columns,
    Numbers,
    ahead,
    figures,
    house_model,
    markdown,
    opinion,
    with_chances,
)
from experiments.written import write_answer
from models.calibration import sigmoid
from models.recipe import read_recipe

HERE = Path(__file__).parent
ANSWER, RECIPE = HERE / "answer.md", read_recipe(HERE / "recipe.toml")
HOUSE = "house model"
FOLDS, SEEDS = 5, (0, 1, 2)
INNER = 3
"""A third of those who teach sets the chances of models that the other two thirds taught."""


def folds(label: Numbers, seed: int, parts: int = FOLDS) -> Iterator[tuple[Numbers, Numbers]]:
    """NOTE: students drawn at random, as everyone who published on these data did: they have no dates and no order.

    Nowhere but here and in 0005 are students drawn so (models/folds.py); what it flatters, it flatters for all alike.
    """
    yield from StratifiedKFold(parts, shuffle=True, random_state=seed).split(np.zeros(len(label)), label)


def out_of_fold(frame: pl.DataFrame, columns: Columns, seed: int, others: bool = True) -> dict[str, Numbers]:
    """Chances of each method for everyone, each from models that had not seen the student."""
    label = frame["label"].cast(pl.Float64).to_numpy()
    said: dict[str, Numbers] = {name: np.zeros(len(label)) for name in [HOUSE, *(CHALLENGERS if others else ())]}
    for taught, asked in folds(label, seed):
        examples, rest = frame[taught], frame[asked]
        model = house_model(examples, columns, RECIPE)
        _, apart = next(folds(label[taught], seed + 100, INNER))
        model = with_chances(model, examples, [apart], columns, RECIPE)
        said[HOUSE][asked] = model.calibration(opinion(model, rest))
        for name in said.keys() - {HOUSE}:
            said[name][asked] = sigmoid(CHALLENGERS[name](examples, rest, columns))
    return said


def find(phases: tuple[str, ...] = PHASES, seeds: tuple[int, ...] = SEEDS) -> dict[str, list[dict[str, Numbers]]]:
    frame = students()
    found = {}
    for phase in phases:
        columns = columns_of(phase, frame)
        found[phase] = [out_of_fold(frame, columns, seed, others=seed == seeds[0]) for seed in seeds]
        print(section(phase, found[phase]), flush=True)
    return found


def section(phase: str, draws: list[dict[str, Numbers]]) -> str:
    label = students()["label"].cast(pl.Float64).to_numpy()
    rows = [line(name, [figures(label, draw[name]) for draw in draws if name in draw]) for name in draws[0]]
    best = max(rows[1:], key=lambda row: row["AUC"])["method"]
    gain, low, high = ahead(label, draws[0][HOUSE], draws[0][best])
    note = f"House model less {best}, AUC, first of the draws: {gain:+.4f} ({low:+.4f} to {high:+.4f})."
    return "\n".join([f"### {phase.capitalize()} (bar: AUC {BARS[phase]})", "", markdown(rows), "", note])


def line(name: str, told: list[dict[str, float | None]]) -> dict[str, object]:
    """The mean over the draws of the folds."""
    means = {figure: float(np.mean([one[figure] or 0.0 for one in told])) for figure in told[0]}
    return {"method": name, "draws": len(told), **means}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tables into answer.md")
    asked = parser.parse_args()
    started = time.perf_counter()
    try:
        found = find()
    except DataMissing as missing:
        raise SystemExit(str(missing)) from None
    told = "\n\n".join(section(phase, draws) for phase, draws in found.items())
    print(f"{time.perf_counter() - started:.0f} s")
    if asked.write:
        write_answer(ANSWER, {"figures": told})


if __name__ == "__main__":
    main()
