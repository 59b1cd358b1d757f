"""Leaving within four weeks, within eight, before the year closes: one opinion for all, or a model taught for each?"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

sys.path.append(str(Path(__file__).parents[2]))

from experiments.city import City, asked_for, city_of
from experiments.city_tables import table
from experiments.written import write_answer
from models.calibration import log_odds, loss
from models.examples import thinned
from models.resampling import Numbers
from models.training import ModelScores

HERE = Path(__file__).parent
MONTH, ONE = "outcome", "the one fit"
SPANS = {MONTH: "four weeks", "score_8w": "eight weeks", "score_year": "until the year closes"}
FIGURES = ("precision", "recall", "auc", "average_precision", "ece", "slope")

WITH_SPANS = {"part_trees": 1}
"""The longer spans of the one fit are set beside its other parts, which are not asked about here: a tree is enough."""


def one_fit(city: City) -> dict[str, Numbers | None]:
    """What the shipped way says of each span: one raw score, and a calibration of it per span."""
    model = city.following(replace(city.recipe, **WITH_SPANS)).model()
    assert model.horizons is not None
    score = ModelScores(model).scores(city.asked)
    raw = model.raw_score(model.inputs(city.asked))
    return {MONTH: score, **model.horizons.chances(raw, score, city.asked)}


def apart(city: City, span: str) -> Numbers:
    """A model taught with who had left by the end of that span; rows of which nobody knows are left out."""
    told = city.examples.filter(pl.col(span).is_not_null()).with_columns(label=pl.col(span))
    return city.chances(city.model(thinned(told, city.rows, city.recipe.seed)))


def asked_of_each(city: City) -> dict[str, str]:
    whole = one_fit(city)
    own = {span: apart(city, span) for span in SPANS if span != MONTH}
    orders = {f"taught for {SPANS[span]}": said for span, said in own.items()}
    return {
        span: of_span(city, span, {ONE: said, **({f"taught for {title}": own[span]} if span in own else {})}, orders)
        for span, title in SPANS.items()
        if (said := whole[span]) is not None
    }


def of_span(city: City, span: str, said: dict[str, Numbers], orders: dict[str, Numbers]) -> str:
    """Of the four weeks the others are asked too, as orders: do more leavers to learn from help the month's list?"""
    known = replace(city, asked=city.asked.with_columns(pl.col(span).fill_null("UNKNOWN")))
    judged = known.judged(said, orders if span == MONTH else {}, span)
    skill = {name: f"{skill_of(known.asked[span], chance):.3f}" for name, chance in said.items()}
    heights = {name: per_thousand(known.asked[span], chance) for name, chance in said.items()}
    return table(judged, FIGURES, ("precision", "auc"), {"skill": skill, "said, seen of 1,000": heights}, against=ONE)


def skill_of(outcome: pl.Series, chance: Numbers) -> float:
    """The share of the surprise (log loss) taken away against saying the same chance of everyone."""
    known = (outcome != "UNKNOWN").to_numpy()
    left = (outcome == "LEFT").cast(pl.Float64).to_numpy()[known]
    same = left * 0 + left.mean()
    told, flat = (loss(log_odds(said), left, left * 0 + 1) for said in (chance[known], same))
    return 1 - told / flat


def per_thousand(outcome: pl.Series, chance: Numbers) -> str:
    known = (outcome != "UNKNOWN").to_numpy()
    seen = (outcome == "LEFT").to_numpy()[known].mean()
    return f"{1000 * chance[known].mean():.2f}, {1000 * seen:.2f}"


def main() -> None:
    asked = asked_for(__doc__)
    asked.add_argument("--year", type=int, default=2023, help="which judges: its close must be known")
    given = asked.parse_args()
    year = {"test_from": date(given.year, 1, 1), "test_until": date(given.year, 12, 31)}
    answer = asked_of_each(city_of(given, **year))
    print("\n\n".join(answer.values()))
    if given.write:
        write_answer(HERE / "answer.md", answer)


if __name__ == "__main__":
    main()
