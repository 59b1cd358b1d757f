"""When does a model earn its keep? Pupils who fail the year, told with two marks known, with one, and with none."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.model_selection import StratifiedKFold

sys.path.append(str(Path(__file__).parents[2]))

from experiments.beside import HOUSE, gathered, label_of
from experiments.challengers import Columns, Numbers, house_model, markdown, opinion, regression
from experiments.running import data_folder, run
from models.metrics import area_under_curve
from models.recipe import read_recipe

HERE = Path(__file__).parent
ANSWER, RECIPE = HERE / "answer.md", read_recipe(HERE / "recipe.toml")
PASS = 10
FOLDS, SEEDS = 10, (0, 1)
SUBJECTS = {"mathematics": "student-mat.csv", "Portuguese": "student-por.csv"}
KNOWN = {"both earlier marks known": ("G1", "G2"), "the first mark known": ("G1",), "no mark known": ()}
CODES = ("Mjob", "Fjob", "reason", "guardian")
DIRECTIONS = {"G1": -1, "G2": -1, "failures": 1}
RULE, REGRESSION, NOBODY = "rule", "logistic regression", "nobody fails"


def pupils(subject: str) -> pl.DataFrame:
    """One row a pupil; `label`: the last mark is under ten."""
    folder = data_folder("uci320_student_performance", SUBJECTS["mathematics"], "UCI 320")
    read = pl.read_csv(folder / SUBJECTS[subject], separator=";")
    if subject == "Portuguese":
        # NOTE: this copy's header has lost "health", so that every later name stands one place too early: "G3" over the
        # second mark. Both files have the same 32 columns in the same order.
        read.columns = pl.read_csv(folder / SUBJECTS["mathematics"], separator=";", n_rows=1).columns
    read = read.with_columns(pl.col(name).cast(pl.String) for name in CODES)
    return read.with_columns(label=(pl.col("G3") < PASS).cast(pl.Int8), weight=pl.lit(1.0)).drop("G3")


def columns(frame: pl.DataFrame, marks: tuple[str, ...]) -> Columns:
    """All the file says but sex, which is for audits alone, and the marks that are not known yet."""
    hidden = {"label", "weight", "sex", "G1", "G2"} - set(marks)
    names = tuple(name for name in frame.columns if name not in hidden)
    return Columns(names, frozenset(CODES), DIRECTIONS)


def rule(frame: pl.DataFrame, marks: tuple[str, ...]) -> Numbers:
    """Who fails now will fail; without marks, who failed a year before. Positive: fails."""
    if marks:
        return PASS - 0.5 - frame[marks[-1]].cast(pl.Float64).to_numpy()
    return frame["failures"].cast(pl.Float64).to_numpy() - 0.5


def told(frame: pl.DataFrame, marks: tuple[str, ...], seed: int) -> dict[str, Numbers]:
    """What each method says of everyone, above zero where it says that the pupil fails.

    NOTE: pupils drawn at random, as the published figures were: the files have no dates (models/folds.py otherwise).
    """
    read, label = columns(frame, marks), label_of(frame)

    def tell(examples: pl.DataFrame, rest: pl.DataFrame) -> dict[str, Numbers]:
        house = opinion(house_model(examples, read, RECIPE), rest)
        return {HOUSE: house, REGRESSION: regression(examples, rest, read)}

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    said = gathered(frame, folds.split(np.zeros(len(label)), label), tell)
    return {**said, RULE: rule(frame, marks), NOBODY: np.full(len(label), -1.0)}


def section(subject: str, seeds: tuple[int, ...] = SEEDS) -> str:
    frame = pupils(subject)
    label = label_of(frame)
    rows: list[dict[str, object]] = []
    for known, marks in KNOWN.items():
        draws = [told(frame, marks, seed) for seed in seeds]
        rows += [
            {"what is known": known, "method": name, **mean_figures(label, [draw[name] for draw in draws])}
            for name in draws[0]
        ]
    return f"### {subject[0].upper()}{subject[1:]}: {frame.height} pupils, {int(label.sum())} fail\n\n{markdown(rows)}"


def mean_figures(label: Numbers, draws: list[Numbers]) -> dict[str, object]:
    right = [float(np.mean((scores > 0) == (label == 1))) for scores in draws]
    areas = [area_under_curve(label, scores) or 0.5 for scores in draws]
    return {"accuracy": float(np.mean(right)), "AUC": float(np.mean(areas))}


def figures_of_both() -> dict[str, str]:
    return {"figures": "\n\n".join(section(subject) for subject in SUBJECTS)}


if __name__ == "__main__":
    run(__doc__, ANSWER, figures_of_both)
