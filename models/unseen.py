"""The same recipe taught without some schools and judged on them alone: how much of what it learns travels."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from models.baselines import Method, Scores
from models.evaluation import Capacity, evaluate_table
from models.examples import Examples, thinned
from models.fates import has_left
from models.folds import unseen_schools
from models.recipe import Recipe

PREFIX = "unseen."
ROWS = 150_000
FEWEST_SCHOOLS = 5
LOGGED = ("precision_at_capacity", "recall_at_capacity", "auc", "average_precision", "calibration_slope")


@dataclass(frozen=True)
class Renamed:
    """A method under another name, beside the one that saw every school."""

    method: Method

    @property
    def name(self) -> str:
        return PREFIX + self.method.name

    @property
    def chances(self) -> bool:
        return self.method.chances

    def scores(self, frame: pl.DataFrame) -> Scores:
        return self.method.scores(frame)


@dataclass(frozen=True)
class Unseen:
    """`schools` taught none of `methods`."""

    schools: Sequence[str]
    methods: Sequence[Method]

    def figures(self, judged: pl.DataFrame, recipe: Recipe) -> dict[str, float]:
        """`unseen.<method>.<figure>`, on the judged rows of those schools, with their part of the visits."""
        theirs = judged.filter(pl.col("institution_id").is_in(self.schools))
        if theirs.filter(has_left()).is_empty():
            return {}
        names = {one.name: one.name.removeprefix(PREFIX) for one in self.methods}
        plain = theirs.drop(list(names.values()), strict=False).rename(names)
        chances = {one.name.removeprefix(PREFIX): one.chances for one in self.methods}
        room = Capacity(None, recipe.capacity_share, recipe.capacity_least)
        table = evaluate_table(plain, chances, room, draws=10)
        return {
            f"{PREFIX}{row['method']}.{name}": float(row[name])
            for row in table.iter_rows(named=True)
            for name in LOGGED
            if row[name] is not None
        }


def without(examples: Examples, recipe: Recipe) -> tuple[list[str], Examples] | None:
    """The schools left out, and what teaches without them; None where there are too few schools to spare any."""
    schools = examples.frame["institution_id"].drop_nulls().unique()
    if recipe.unseen_share == 0 or len(schools) < FEWEST_SCHOOLS:
        return None
    out = unseen_schools(schools, recipe.unseen_share, recipe.seed)
    kept = examples.frame.filter(~pl.col("institution_id").is_in(out).fill_null(False))
    return out, Examples(thinned(kept, ROWS, recipe.seed), examples.excluded)
