"""How much faster the pattern tables explain a city than LightGBM and shap do, and how far apart their answers are."""

from __future__ import annotations

import argparse
import platform
import resource
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]

FEATURES = 60
TAUGHT = 40_000
WORDS = {50: 4, 51: 8, 52: 20, 53: 40, 54: 90, 55: 200}
"""Features that are words, and how many words each has; only in the city with categories."""

SIZES = ((300, 31, 1), (500, 63, 4))
"""Trees, leaves, and which part of the city they explain: the larger is slow to time, not to run."""


def drawn(rows: int, seed: int, categories: bool) -> tuple[Rows, Rows]:
    """Sixty features, a quarter of them whole numbers, one cell in twelve empty; and who leaves."""
    chance = np.random.default_rng(seed)
    seen = chance.normal(size=(rows, FEATURES))
    seen[:, :15] = np.round(seen[:, :15] * 3)
    pull = 0.2 * seen[:, 0] + 0.5 * seen[:, 20] * seen[:, 21] + np.sin(seen[:, 30]) - 1.5
    pull += 0.4 * seen[:, :50] @ np.linspace(-0.5, 0.5, 50)
    if categories:
        for feature, words in WORDS.items():
            seen[:, feature] = chance.integers(0, words, rows)
        pull += np.sin(7 * seen[:, 55]) + np.cos(3 * seen[:, 54])
    seen[chance.random(seen.shape) < 0.08] = np.nan
    return seen, (chance.random(rows) < 1 / (1 + np.exp(-pull))).astype(float)


def grown(trees: int, leaves: int, categories: bool) -> lgb.Booster:
    seen, left = drawn(TAUGHT, 1, categories)
    parameters = {
        "objective": "binary", "num_leaves": leaves, "learning_rate": 0.05, "min_data_in_leaf": 20,
        "feature_fraction": 0.5, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
    }  # fmt: skip
    data = lgb.Dataset(seen, left, categorical_feature=list(WORDS) if categories else [])
    return lgb.train(parameters, data, num_boost_round=trees)


@dataclass(frozen=True)
class Timed:
    """What one way said, and what it took; CPU seconds are those of the whole process, all threads."""

    said: Rows
    seconds: float
    cpu_seconds: float

    @property
    def per_row(self) -> float:
        """CPU microseconds."""
        return 1e6 * self.cpu_seconds / len(self.said)


def timed(explain: Callable[[], Rows]) -> Timed:
    began, cpu = time.perf_counter(), time.process_time()
    said = explain()
    return Timed(said, time.perf_counter() - began, time.process_time() - cpu)


def shap_says(booster: lgb.Booster, rows: Rows) -> Rows:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap on its own past
        import shap

        return np.asarray(shap.TreeExplainer(booster).shap_values(rows))


def compared(trees: int, leaves: int, categories: bool, rows: int, few: int) -> str:
    """One line of the table. The slow ways explain a part of the city: their cost per row does not depend on rows."""
    from models.pattern_tables import PatternTables

    booster, (seen, _) = grown(trees, leaves, categories), drawn(rows, 7, categories)
    shap_says(booster, seen[:1])
    theirs = timed(lambda: np.asarray(booster.predict(seen[:few], pred_contrib=True, num_threads=1)))
    of_shap = timed(lambda: shap_says(booster, seen[:few]))
    one = timed(lambda: PatternTables(booster).contributions(seen, threads=1))
    two = timed(lambda: PatternTables(booster).contributions(seen, threads=2))
    apart = np.abs(one.said[:few] - theirs.said).max()
    kind = "six categories" if categories else "numbers"
    cells = (
        f"{trees} × {leaves}, {kind}",
        f"{rows:,}",
        f"{theirs.per_row:.0f}",
        f"{of_shap.per_row:.0f}",
        f"{one.per_row:.1f}",
        f"**{theirs.per_row / one.per_row:.0f}**",
        f"**{of_shap.per_row / one.per_row:.0f}**",
        f"{one.seconds:.1f} s, {two.seconds:.1f} s",
        f"{apart:.0e}",
    )
    return "| " + " | ".join(cells) + " |"


def compiling() -> str:
    """What the first process pays in which the loops are not yet kept, or what it takes to fetch them."""
    began, cpu = time.perf_counter(), time.process_time()
    from models.pattern_tables import PatternTables

    taught = np.random.default_rng(1).normal(size=(200, 2))
    booster = lgb.train({"verbosity": -1, "num_threads": 1}, lgb.Dataset(taught, taught[:, 0]), num_boost_round=2)
    PatternTables(booster).contributions(taught)
    return (
        f"Loading numba and the loops: {time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} s of CPU."
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=160_000)
    asked.add_argument("--few", type=int, default=1_000, help="rows for LightGBM and shap")
    told = asked.parse_args()
    print(f"{told.rows:,} students, {FEATURES} features, {platform.machine()}, Python {platform.python_version()}")
    print(compiling())
    print("CPU µs per student; the tables' include reading the booster and building the tables.\n")
    print(
        "| booster | students | pred_contrib | shap | tables | × pred_contrib | × shap | wall: 1, 2 threads | apart |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for trees, leaves, part in SIZES:
        for categories in (False, True):
            print(compared(trees, leaves, categories, told.rows // part, told.few), flush=True)
    print(f"\nPeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB.")


if __name__ == "__main__":
    main()
