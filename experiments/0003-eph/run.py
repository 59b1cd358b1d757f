"""Which children have left school a quarter later, told from one interview: a rare event, in order of time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.model_selection import GroupKFold

sys.path.append(str(Path(__file__).parents[2]))

from eph import children, columns

from experiments.beside import Part, best_of_others, chances_of_all, gathered, label_of, lead, table_rows
from experiments.challengers import Numbers, markdown
from experiments.running import run
from models.recipe import read_recipe

HERE = Path(__file__).parent
ANSWER, RECIPE = HERE / "answer.md", read_recipe(HERE / "recipe.toml")
FOLDS = 5
APART = 1
"""Fifths of the households that teach which set the chances, by a model that had not seen them."""
OVER_AGE = "years over age"


def in_time(last_taught: int) -> Callable[[pl.DataFrame], list[Part]]:
    """The quarters until `last_taught` teach; the next is asked about."""

    def parts(frame: pl.DataFrame) -> list[Part]:
        quarter = frame["quarter"].to_numpy()
        return [(np.flatnonzero(quarter <= last_taught), np.flatnonzero(quarter == last_taught + 1))]

    return parts


def other_households(frame: pl.DataFrame) -> list[Part]:
    """Each fifth of the households is asked of the other four: neither the child nor its brothers have taught."""
    return list(GroupKFold(FOLDS).split(frame, groups=frame["household"].to_numpy()))


SPLITS = {
    "first quarter teaches, second asked": in_time(1),
    "first two teach, third asked": in_time(2),
    "households never seen, all quarters": other_households,
}


def tell(examples: pl.DataFrame, rest: pl.DataFrame) -> dict[str, Numbers]:
    """What each method says of those asked about; years over age only order them."""
    apart = [part for _, part in other_households(examples)][:APART]
    return {
        **chances_of_all(examples, rest, columns(), RECIPE, apart),
        OVER_AGE: rest["years_over_age"].fill_null(0.0).to_numpy() / 100,
    }


def find() -> dict[str, str]:
    frame = children()
    return {"figures": "\n\n".join(section(name, frame, split(frame)) for name, split in SPLITS.items())}


def section(name: str, frame: pl.DataFrame, parts: list[Part]) -> str:
    everyone = np.sort(np.concatenate([asked for _, asked in parts]))
    said = {method: told[everyone] for method, told in gathered(frame, parts, tell).items()}
    rows, label = frame[everyone], label_of(frame[everyone])
    table = table_rows(label, said, orders=[OVER_AGE])
    best = best_of_others(table)
    head = f"### {name.capitalize()}\n\n{rows.height} children asked about, {int(label.sum())} of whom left."
    apart = lead(label, said, best, rows["household"].to_numpy())
    note = f"House model less {best}, AUC: {apart}, nine draws of households in ten."
    return "\n".join([head, "", markdown(table), "", note])


if __name__ == "__main__":
    run(__doc__, ANSWER, find)
