"""When do students withdraw? One pooled hazard of student and semester, beside plain methods for times to an event."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from semesters import SEMESTERS, columns, grid

from experiments.beside import (
    HOUSE,
    Part,
    best_of_others,
    chances_of_all,
    gathered,
    label_of,
    mean_lead,
    parts_of_groups,
)
from experiments.challengers import (
    CHALLENGERS,
    Challenger,
    Columns,
    Numbers,
    Places,
    figures,
    gains,
    markdown,
    regression,
)
from experiments.running import run
from models.calibration import sigmoid
from models.metrics import area_under_curve, brier
from models.recipe import read_recipe

HERE = Path(__file__).parent
ANSWER, RECIPE = HERE / "answer.md", read_recipe(HERE / "recipe.toml")
FOURTHS, ROTATIONS = 4, (0, 1, 2)
KAPLAN_MEIER, PLAIN_HAZARD, FEWEST = "Kaplan-Meier", "hazard by semester and credits", "fewest credits first"
"""The first says the same of everyone in a semester, and so orders nobody; the last only orders."""

PLAIN = Columns(("semester", "credits"), frozenset({"semester"}))
Rotation = Mapping[str, Numbers]


def fourths(programmes: Sequence[str], seed: int) -> list[Places]:
    """The rows of each fourth of the programmes, whole."""
    return parts_of_groups(programmes, FOURTHS, seed)


def other_programmes(frame: pl.DataFrame, seed: int) -> list[Part]:
    """Each fourth of the programmes is asked of the others, about every semester of every student."""
    at_risk = np.flatnonzero(frame["at_risk"].to_numpy())
    return [(np.setdiff1d(at_risk, asked), asked) for asked in fourths(frame["programme"].to_list(), seed)]


def next_semester(frame: pl.DataFrame) -> list[Part]:
    """The semesters until now teach, the next is asked about: what the same students' year group could have known."""
    number, at_risk = frame["number"].to_numpy(), frame["at_risk"].to_numpy()
    return [
        (np.flatnonzero(at_risk & (number < semester)), np.flatnonzero(at_risk & (number == semester)))
        for semester in SEMESTERS[1:]
    ]


def tell(
    examples: pl.DataFrame, rest: pl.DataFrame, seed: int = 0, others: Mapping[str, Challenger] = CHALLENGERS
) -> dict[str, Numbers]:
    """What each method says of withdrawing in that semester; credits alone only order."""
    apart = fourths(examples["programme"].to_list(), seed + 100)[0]
    return {
        **chances_of_all(examples, rest, columns(), RECIPE, [apart], others),
        PLAIN_HAZARD: sigmoid(regression(examples, rest, PLAIN)),
        KAPLAN_MEIER: kaplan_meier(examples, rest),
        FEWEST: sigmoid(-rest["credits"].to_numpy()),
    }


def kaplan_meier(examples: pl.DataFrame, rest: pl.DataFrame) -> Numbers:
    """The share of those still there who withdrew in that semester; for one not seen yet, in all until then."""
    rates = dict(examples.group_by("semester").agg(pl.col("label").mean()).rows())
    unseen = float(np.mean(label_of(examples)))
    return rest["semester"].replace_strict(rates, default=unseen, return_dtype=pl.Float64).to_numpy()


def judged(frame: pl.DataFrame, rotations: Sequence[Rotation], asked: Sequence[int]) -> str:
    """AUC in each semester, how well chances hold in it, and how far the house is ahead of the best challenger."""
    rows = [line(frame, rotations, method, asked) for method in rotations[0]]
    best = best_of_others(rows, "mean AUC")
    notes = [f"House model less {other}: {lead(frame, rotations, other, asked)}" for other in (best, PLAIN_HAZARD)]
    note = "; ".join(notes) + ", mean AUC of the semesters, nine draws of programmes in ten."
    return f"{markdown(rows)}\n\n{note}\n\n{markdown(said_and_left(frame, rotations, asked))}"


def line(frame: pl.DataFrame, rotations: Sequence[Rotation], method: str, asked: Sequence[int]) -> dict[str, object]:
    """The mean over the rotations; Brier and ECE are the means of those of each semester."""
    told = {semester: [in_semester(frame, one, method, semester) for one in rotations] for semester in asked}
    means = {
        semester: {name: float(np.mean([one[name] for one in ones])) for name in ones[0]}
        for semester, ones in told.items()
    }
    areas = {f"AUC {semester}": found["AUC"] for semester, found in means.items()}
    row: dict[str, object] = {"method": method, **areas, "mean AUC": float(np.mean(list(areas.values())))}
    if method == KAPLAN_MEIER:
        row |= dict.fromkeys(name for name in row if "AUC" in name)
    for name in ("Brier", "ECE"):
        row[name] = None if method == FEWEST else float(np.mean([found[name] for found in means.values()]))
    return row


def in_semester(frame: pl.DataFrame, said: Rotation, method: str, semester: int) -> dict[str, float]:
    there = still_there(frame, semester)
    found = figures(label_of(frame[there]), said[method][there])
    return {name: found[name] or 0.0 for name in ("AUC", "Brier", "ECE")}


def still_there(frame: pl.DataFrame, semester: int) -> Places:
    return np.flatnonzero(frame["at_risk"].to_numpy() & (frame["number"].to_numpy() == semester))


def lead(frame: pl.DataFrame, rotations: Sequence[Rotation], other: str, asked: Sequence[int]) -> str:
    return mean_lead(
        [
            gains(label_of(frame[there]), said[HOUSE][there], said[other][there], frame["programme"].to_numpy()[there])
            for said in rotations
            for there in (still_there(frame, semester) for semester in asked)
        ]
    )


def said_and_left(frame: pl.DataFrame, rotations: Sequence[Rotation], asked: Sequence[int]) -> list[dict[str, object]]:
    """How many of those still there withdrew, and how many each method had said: sums over the roll."""
    rows = []
    for semester in asked:
        there = still_there(frame, semester)
        told = {name: float(np.mean([one[name][there].sum() for one in rotations])) for name in rotations[0]}
        named = {f"said: {name}": f"{told[name]:.0f}" for name in told if name != FEWEST}
        left = int(label_of(frame[there]).sum())
        rows.append({"semester": semester, "still there": len(there), "left": left, **named})
    return rows


def whole_way(frame: pl.DataFrame, rotations: Sequence[Rotation]) -> str:
    """From the first semester on: the chance to be gone by the end of each later one, from the same hazards."""
    left_by = np.cumsum(label_of(frame).reshape(-1, len(SEMESTERS)), axis=1)
    rows: list[dict[str, object]] = []
    for method in rotations[0]:
        gone = [1 - np.cumprod(1 - said[method].reshape(-1, len(SEMESTERS)), axis=1) for said in rotations]
        area = [area_under_curve(left_by[:, -1], one[:, -1]) for one in gone]
        error = [np.mean([brier(left_by[:, k], one[:, k]) for k in range(len(SEMESTERS))]) for one in gone]
        said = [one[:, -1].sum() for one in gone]
        row = {"method": method, "AUC gone by the end": None if method == KAPLAN_MEIER else float(np.mean(area))}
        chances = {"mean Brier of the five ends": float(np.mean(error)), "said to be gone": f"{np.mean(said):.0f}"}
        rows.append(row | (chances if method != FEWEST else dict.fromkeys(chances)))
    return markdown(rows)


def find() -> dict[str, str]:
    frame = grid()
    unseen = [
        gathered(frame, other_programmes(frame, seed), lambda taught, rest, seed=seed: tell(taught, rest, seed))
        for seed in ROTATIONS
    ]
    in_time = gathered(frame, next_semester(frame), tell)
    left = int(label_of(frame).sum())
    return {
        "figures": "\n\n".join(
            [
                f"### Programmes never seen, each semester\n\n{judged(frame, unseen, SEMESTERS)}",
                f"### Programmes never seen, the whole way ({left} of {frame['student_id'].n_unique()} withdraw)\n\n"
                f"{whole_way(frame, unseen)}",
                f"### The semesters before teach the next\n\n{judged(frame, [in_time], SEMESTERS[1:])}",
            ]
        )
    }


if __name__ == "__main__":
    run(__doc__, ANSWER, find)
