"""Children whom the model was taught on or never saw, in the taught period or later: what was learnt by heart?"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from experiments.written import write_answer
from features import Records, catalogue_for
from models.examples import Examples, spaced
from models.hold_outs import cells, hold_out_table, never_seen, teaching_rows
from models.lessons import Lessons
from models.planning import first_judged, last_day, plan, ripe_on
from models.recipe import Recipe, read_recipe
from models.teaching import taught
from models.training import ModelScores, baselines
from models.waiting import waiting

HERE = Path(__file__).parent
APART = 0.3
QUICKER = {"part_trees": 0, "refits": 0, "unseen_share": 0.0, "threads": 1, "most_days": 8, "most_rows": 10_000_000}
"""What this question does not ask; and every row of fewer days, since a thinned cell would have another share."""
BY_HEART = {"retold_trees": 0, "stands": 1, "trees": 100, "patience": 100, "leaves": 31, "depth": 8, "min_leaf": 20,
            "learning_rate": 0.1, "l2": 0.0, "feature_share": 1.0, "row_share": 1.0, "monotone": False}  # fmt: skip
"""Trees large and many enough to know single children again: what the table would show if the house's did."""


def four_cells(records: Records, recipe: Recipe) -> pl.DataFrame:
    """A row per method and cell: `method, student, period, rows, left, auc, average_precision`."""
    until = last_day(records)
    lessons = Lessons(records, catalogue_for(records), recipe, lambda step: print(step, file=sys.stderr, flush=True))
    wait = waiting(records, recipe, first_judged(records, recipe, until))
    fold = plan(records, recipe, until, wait.weeks)
    fold = replace(fold, calibrate=tuple(spaced(fold.calibrate, recipe.most_days)))
    early = lessons.examples(fold.taught_on, told_by=ripe_on(fold.taught_on, recipe, wait.weeks))
    late = lessons.examples(spaced(fold.test, recipe.most_days), told_by=until)
    everyone = pl.concat([early.frame, late.frame])
    held = cells(everyone, fold.test[0], never_seen(everyone["student_id"], APART, recipe.seed))
    teach = Examples(teaching_rows(held, fold.taught_on).drop("student", "period"), early.excluded)
    small = ModelScores(taught(lessons, fold, teach))
    large = taught(replace(lessons, recipe=replace(recipe, **BY_HEART)), fold, teach)
    methods = [small, ModelScores(large, name="by_heart"), baselines(teach.frame, lessons.catalogue, recipe)[0]]
    told = [
        hold_out_table(held, pl.Series(one.scores(held))).select(pl.lit(one.name).alias("method"), "*")
        for one in methods
    ]
    return pl.concat(told)


def as_table(told: pl.DataFrame) -> str:
    lines = [
        "| method | child | period | child-weeks | left | AUC | average precision |",
        "|---|---|---|---|---|---|---|",
    ]
    words = {"visto": "seen", "no visto": "never seen", "periodo enseñado": "taught", "periodo posterior": "later"}
    for row in told.iter_rows(named=True):
        counts = f"{row['rows']:,} | {row['left']:,}"
        figures = f"{row['auc']:.3f} | {row['average_precision']:.3f}"
        lines.append(f"| {row['method']} | {words[row['student']]} | {words[row['period']]} | {counts} | {figures} |")
    return "\n".join(lines)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--archive", type=Path, required=True, help="made with simulate and ingest")
    asked.add_argument("--recipe", type=Path, default=HERE.parent / "recipes" / "fast.toml")
    asked.add_argument("--write", action="store_true", help="into answer.md")
    given = asked.parse_args()
    table = as_table(four_cells(Records.open(given.archive), replace(read_recipe(given.recipe), **QUICKER)))
    print(table)
    if given.write:
        write_answer(HERE / "answer.md", {"cells": table})


if __name__ == "__main__":
    main()
