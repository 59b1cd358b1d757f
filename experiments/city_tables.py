"""What 0010 to 0015 found, as tables: each figure with what it would be in other draws of the city's schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from models.evaluation import BEST, MODEL
from models.evaluation import Period as Judged
from models.examples import KEYS
from models.places import KEPT
from models.resampling import Figures, Measured

TITLES = {
    "precision": "precision",
    "recall": "recall",
    "chance": "true chance of the listed",
    "thrice": "the same, three times the visits",
    "auc": "AUC",
    "average_precision": "AP",
    "ece": "ECE, of 1,000",
    "slope": "slope",
    "new_names": "new names a week",
}
BARE = ("ece", "slope")
"""Told without an interval: beside the others it would only make the table wider."""

TIMES = {"ece": 1000}
"""Four children in a thousand leave within a month: an error of one in a thousand is a large one."""


def found(judged: Judged, method: str) -> Figures:
    """The judge's figures, and the mean true chance of those listed: there luck has no part in who left of them."""
    figures = judged.measured[method]
    if BEST not in judged.methods:
        return figures
    return {**figures, "chance": true_chance(judged, method, 1), "thrice": true_chance(judged, method, 3)}


def true_chance(judged: Judged, method: str, times: int) -> Measured:
    """Of the first `times` × capacity of every Monday on which chances were drawn."""
    places = judged.places[method].filter(pl.col("place") <= times * pl.col("room"))
    drawn = judged.judged.select(*KEYS, chance=BEST)
    told = places.select(n for n in KEPT if n in places.columns).join(drawn, on=KEYS, how="left").drop_nulls("chance")
    return judged.cities.ratio(told.with_columns(one=pl.lit(1.0)), "chance", "one")


def table(
    judged: Judged,
    figures: Sequence[str],
    apart: Sequence[str] = (),
    beside: Mapping[str, Mapping[str, str]] | None = None,
    against: str = MODEL,
) -> str:
    """A row per method. `apart`: figures of which each method's lead over `against` is told, on the same draws.

    `beside`: further columns, each with a cell per method.
    """
    more = beside or {}
    titles = ["", *(TITLES[name] for name in figures), *(f"{TITLES[name]}, above {against}" for name in apart), *more]
    known = {method: found(judged, method) for method in judged.methods}
    lines = [f"| {' | '.join(titles)} |", "|---|" + "---:|" * (len(titles) - 1)]
    for method, said in known.items():
        cells = [told(said.get(name), name in BARE, times=TIMES.get(name, 1)) for name in figures]
        cells += [lead(said, known[against], name) if method != against else "" for name in apart]
        cells += [column.get(method, "") for column in more.values()]
        lines.append(f"| {method.replace('_', ' ')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def lead(said: Figures, against: Figures, name: str) -> str:
    """NOTE: of the best list other Mondays are judged than of the rest; its lead is not told."""
    if name not in said or ("ratio_to_best" in said and said["ratio_to_best"].value == 1.0):
        return "–"
    return told(said[name].above(against[name]), sign="+")


def told(figure: Measured | None, bare: bool = False, sign: str = "", times: float = 1) -> str:
    if figure is None or figure.value is None:
        return "–"
    value, (low, high) = f"{figure.value * times:{sign}.3f}", figure.interval
    if bare or low is None or high is None:
        return value
    return f"{value} ({low * times:{sign}.3f} to {high * times:{sign}.3f})"
