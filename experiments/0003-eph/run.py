"""Which children have left school a quarter later, told from one interview: a rare event, in order of time."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.model_selection import GroupKFold

sys.path.append(str(Path(__file__).parents[2]))

from eph import DataMissing, children, columns

from experiments.challengers import (
    CHALLENGERS,
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
FOLDS = 5
APART = 1
"""Fifths of the households that teach which set the chances, by a model that had not seen them."""
OVER_AGE = "years over age"


def in_time(last_taught: int) -> Callable[[pl.DataFrame], list[tuple[Numbers, Numbers]]]:
    """The quarters until `last_taught` teach; the next is asked about."""

    def parts(frame: pl.DataFrame) -> list[tuple[Numbers, Numbers]]:
        quarter = frame["quarter"].to_numpy()
        return [(np.flatnonzero(quarter <= last_taught), np.flatnonzero(quarter == last_taught + 1))]

    return parts


def other_households(frame: pl.DataFrame) -> list[tuple[Numbers, Numbers]]:
    """Each fifth of the households is asked of the other four: neither the child nor its brothers have taught."""
    return list(GroupKFold(FOLDS).split(frame, groups=frame["household"].to_numpy()))


SPLITS = {
    "first quarter teaches, second asked": in_time(1),
    "first two teach, third asked": in_time(2),
    "households never seen, all quarters": other_households,
}


def asked_of_all(frame: pl.DataFrame, parts: list[tuple[Numbers, Numbers]]) -> dict[str, Numbers]:
    """Chances of each method, of those asked about, in their order."""
    said: dict[str, Numbers] = {name: np.full(frame.height, np.nan) for name in [HOUSE, *CHALLENGERS, OVER_AGE]}
    for taught, asked in parts:
        examples, rest = frame[taught], frame[asked]
        apart = [part for _, part in other_households(examples)][:APART]
        model = with_chances(house_model(examples, columns(), RECIPE), examples, apart, columns(), RECIPE)
        said[HOUSE][asked] = model.calibration(opinion(model, rest))
        said[OVER_AGE][asked] = rest["years_over_age"].fill_null(0.0).to_numpy() / 100
        for name, challenger in CHALLENGERS.items():
            said[name][asked] = sigmoid(challenger(examples, rest, columns()))
    return said


def find() -> dict[str, tuple[pl.DataFrame, dict[str, Numbers]]]:
    frame = children()
    found = {}
    for name, split in SPLITS.items():
        parts = split(frame)
        everyone = np.sort(np.concatenate([asked for _, asked in parts]))
        said = {method: told[everyone] for method, told in asked_of_all(frame, parts).items()}
        found[name] = (frame[everyone], said)
    return found


def section(name: str, frame: pl.DataFrame, said: dict[str, Numbers]) -> str:
    label = frame["label"].cast(pl.Float64).to_numpy()
    rows = [{"method": method, **figures(label, told)} for method, told in said.items()]
    for row in rows:
        if row["method"] == OVER_AGE:
            row |= {"Brier": None, "ECE": None}
    best = str(max((row for row in rows if row["method"] in CHALLENGERS), key=lambda row: row["AUC"])["method"])
    gain, low, high = ahead(label, said[HOUSE], said[best], frame["household"].to_numpy())
    head = f"### {name.capitalize()}\n\n{frame.height} children asked about, {int(label.sum())} of whom left."
    note = f"House model less {best}, AUC: {gain:+.4f} ({low:+.4f} to {high:+.4f}), nine draws of households in ten."
    return "\n".join([head, "", markdown(rows), "", note])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tables into answer.md")
    asked = parser.parse_args()
    started = time.perf_counter()
    try:
        found = find()
    except DataMissing as missing:
        raise SystemExit(str(missing)) from None
    told = "\n\n".join(section(name, *parts) for name, parts in found.items())
    print(f"{told}\n\n{time.perf_counter() - started:.0f} s")
    if asked.write:
        write_answer(ANSWER, {"figures": told})


if __name__ == "__main__":
    main()
