"""What would the list gain if it read sex, origin, ethnicity, disability and victim status, and who would gain it?"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from experiments.written import write_answer
from features import Records, catalogue_for
from models.baselines import Method
from models.evaluation import Capacity, evaluate
from models.fairness import TRAIT_NAMES, audit, beside, marked
from models.lessons import Lessons
from models.places import listed
from models.places import with_lottery as in_the_draw
from models.planning import first_judged, last_day, plan, ripe_on
from models.ranking import TIE_SEED
from models.recipe import Recipe, read_recipe
from models.teaching import taught
from models.training import ModelScores
from models.waiting import waiting

HERE = Path(__file__).parent
QUICKER = {"part_trees": 0, "refits": 0, "unseen_share": 0.0, "threads": 1}
"""What this question does not ask: other outcomes, steady signs, unseen schools."""


def judged_both(records: Records, recipe: Recipe) -> tuple[pl.DataFrame, Recipe]:
    """The judged weeks with both models' chances, `model` without the sensitive inputs and `using` with them."""
    until = last_day(records)
    lessons = Lessons(records, catalogue_for(records), recipe, lambda step: print(step, file=sys.stderr, flush=True))
    wait = waiting(records, recipe, first_judged(records, recipe, until))
    fold = plan(records, recipe, until, wait.weeks)
    examples = lessons.examples(fold.taught_on, told_by=ripe_on(fold.taught_on, recipe, wait.weeks))
    with_them = replace(lessons, recipe=replace(recipe, use_sensitive=True))
    methods: list[Method] = [
        ModelScores(taught(one, fold, examples), 1, name)
        for name, one in {"model": lessons, "using": with_them}.items()
    ]
    return lessons.judged(fold.test, methods, told_by=until), recipe


def told(judged: pl.DataFrame, recipe: Recipe) -> dict[str, str]:
    room = Capacity(None, recipe.capacity_share * 4, recipe.capacity_least)
    drawn = in_the_draw(judged, TIE_SEED)
    audits = [audit(marked(judged, listed(drawn, name, room)), chance=name) for name in ("model", "using")]
    table = evaluate(judged, {"model": True, "using": True}, room, draws=200).table
    return {"table": whole(table), "groups": by_group(beside(*audits))}


def whole(table: pl.DataFrame) -> str:
    names = {"model": "without", "using": "with"}
    lines = ["| sensitive inputs | precision | 95 % | recall | AUC | AP | Brier |", "|---|---|---|---|---|---|---|"]
    for row in table.filter(pl.col("method").is_in(list(names))).iter_rows(named=True):
        low, high = row["precision_low"], row["precision_high"]
        figures = (row[name] for name in ("recall_at_capacity", "auc", "average_precision", "brier"))
        cells = " | ".join(f"{figure:.4f}" for figure in figures)
        precision = f"{row['precision_at_capacity']:.4f} | {low:.3f} to {high:.3f}"
        lines.append(f"| {names[row['method']]} | {precision} | {cells} |")
    return "\n".join(lines)


def by_group(both: pl.DataFrame) -> str:
    head = "| trait | group | left | share of leavers | visits without | visits with | recall without | recall with |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for row in both.iter_rows(named=True):
        shares = [row[name] for name in ("leaver_share", "visit_share", "visit_share_using", "recall", "recall_using")]
        cells = " | ".join("—" if share is None else f"{share:.3f}" for share in shares)
        lines.append(f"| {TRAIT_NAMES[row['trait']]} | {row['group']} | {row['left']} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--archive", type=Path, required=True, help="made with simulate and ingest")
    asked.add_argument("--recipe", type=Path, default=HERE.parent / "recipes" / "fast.toml")
    asked.add_argument("--from", dest="first", type=date.fromisoformat, help="first judged day")
    asked.add_argument("--until", type=date.fromisoformat, help="last judged day")
    asked.add_argument("--write", action="store_true", help="into answer.md")
    given = asked.parse_args()
    recipe = replace(read_recipe(given.recipe), **QUICKER, test_from=given.first, test_until=given.until)
    answer = told(*judged_both(Records.open(given.archive), recipe))
    print("\n\n".join(answer.values()))
    if given.write:
        write_answer(HERE / "answer.md", answer)


if __name__ == "__main__":
    main()
