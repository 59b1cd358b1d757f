"""Sets the house's model beside its challengers: the same examples teach all, the same students are asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from experiments.challengers import (
    CHALLENGERS,
    Challenger,
    Columns,
    Numbers,
    Places,
    figures,
    gains,
    house_model,
    middle,
    opinion,
    with_chances,
)
from models.calibration import sigmoid
from models.recipe import Recipe

Part = tuple[Places, Places]
"""The rows that teach and the rows asked about."""

HOUSE = "house model"


def chances_of_all(
    examples: pl.DataFrame,
    asked: pl.DataFrame,
    columns: Columns,
    recipe: Recipe,
    apart: Sequence[Places],
    others: Mapping[str, Challenger] = CHALLENGERS,
) -> dict[str, Numbers]:
    """What each method says of those asked about; the house's chances are set on the rows `apart` of the examples."""
    model = with_chances(house_model(examples, columns, recipe), examples, apart, columns, recipe)
    said = {HOUSE: model.calibration(opinion(model, asked))}
    return said | {name: sigmoid(challenger(examples, asked, columns)) for name, challenger in others.items()}


def gathered(
    frame: pl.DataFrame,
    parts: Iterable[Part],
    tell: Callable[[pl.DataFrame, pl.DataFrame], Mapping[str, Numbers]],
) -> dict[str, Numbers]:
    """What each method says of every row, told by the examples of the part that asks about it; NaN if none does."""
    said: dict[str, Numbers] = {}
    for taught, asked in parts:
        for name, scores in tell(frame[taught], frame[asked]).items():
            said.setdefault(name, np.full(frame.height, np.nan))[asked] = scores
    return said


def label_of(frame: pl.DataFrame) -> Numbers:
    return frame["label"].cast(pl.Float64).to_numpy()


def table_rows(label: Numbers, said: Mapping[str, Numbers], orders: Sequence[str] = ()) -> list[dict[str, object]]:
    """A row a method; those that only order (`orders`) have no chances to be judged by."""
    unsaid: dict[str, object] = {"Brier": None, "ECE": None}
    return [
        {"method": name, **figures(label, scores), **(unsaid if name in orders else {})}
        for name, scores in said.items()
    ]


def best_of_others(rows: Sequence[Mapping[str, object]], figure: str = "AUC") -> str:
    """The challenger with the largest figure, seen on these very rows: hard to beat, as it should be."""
    others = [row for row in rows if row["method"] in CHALLENGERS]
    return str(max(others, key=lambda row: float(str(row[figure])))["method"])


def lead(label: Numbers, said: Mapping[str, Numbers], other: str, blocks: Numbers | None = None) -> str:
    """How much larger the house's AUC is than another's, and where nine draws of rows or blocks in ten lie."""
    return lead_of_all(label, [said], other, blocks)


def lead_of_all(
    label: Numbers, rotations: Sequence[Mapping[str, Numbers]], other: str, blocks: Numbers | None = None
) -> str:
    """The same, as the mean over several rotations of who teaches; each is drawn alike."""
    return mean_lead([gains(label, said[HOUSE], said[other], blocks) for said in rotations])


def mean_lead(found: Sequence[Numbers]) -> str:
    """The mean of several `gains`, drawn alike."""
    return "{:+.4f} ({:+.4f} to {:+.4f})".format(*middle(np.mean(found, axis=0)))


def mean_rows(
    label: Numbers, rotations: Sequence[Mapping[str, Numbers]], orders: Sequence[str] = ()
) -> list[dict[str, object]]:
    """A row a method: the mean of its figures over the rotations that asked it."""
    tables = [{row["method"]: row for row in table_rows(label, said, orders)} for said in rotations]
    return [mean_row([table[name] for table in tables if name in table]) for name in rotations[0]]


def mean_row(rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    first = rows[0]
    means = {name: mean([row[name] for row in rows]) for name in first if name != "method"}
    return {"method": first["method"], "draws": len(rows), **means}


def mean(values: Sequence[object]) -> float | None:
    told = [value for value in values if isinstance(value, float)]
    return float(np.mean(told)) if told else None


def parts_of_groups(groups: Sequence[str] | Numbers, count: int, seed: int) -> list[Places]:
    """The rows of each part of the groups (schools, programmes), a group always whole: no student is drawn alone."""
    names = np.unique(groups)
    order = np.random.RandomState(seed).permutation(len(names))
    drawn = np.array_split(order, min(count, len(names)))
    return [np.flatnonzero(np.isin(groups, names[part])) for part in drawn]
