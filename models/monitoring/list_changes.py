"""Whether more of the list is new this week than usual, or so little that it may be made from old data."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import polars as pl

from models.evaluation_words import percent
from models.monitoring.alarm import Alarm
from models.steadiness import neighbours

LEAST_PAIRS = 6
REMEMBERED = 26
LEAST_CHANGE = 0.15
DEVIATIONS = 4.0
NORMAL_MAD = 1.4826


@dataclass(frozen=True)
class Churn:
    """The share of new names on the last list against the one before it; `usual` and `most_apart` are None where fewer
    than six earlier pairs of lists of one model were a usual time apart.
    """

    names: int
    new: float
    usual: float | None
    most_apart: float | None
    pairs: int

    @property
    def unusual(self) -> bool:
        return self.usual is not None and self.most_apart is not None and abs(self.new - self.usual) > self.most_apart

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def churn(listed: pl.DataFrame) -> Churn | None:
    """`listed`: day, student_id and model of all that stood on a list. None where the last list has none to compare
    with: the one before is missing, is from before a recess, or is another model's.
    """
    pairs = new_names(listed)
    if pairs.is_empty() or pairs["day"][-1] != listed["day"].max():
        return None
    now, before = pairs.row(-1, named=True), pairs.head(-1).tail(REMEMBERED)
    if before.height < LEAST_PAIRS:
        return Churn(now["names"], now["new"], None, None, before.height)
    usual = float(before.select(pl.col("new").median()).item())
    return Churn(now["names"], now["new"], usual, _most_apart(before, usual, now["names"]), before.height)


def new_names(listed: pl.DataFrame) -> pl.DataFrame:
    """`day, names, new`: the share of each list's names that the one before, of the same model, did not have."""
    pairs = neighbours(listed["day"])
    before = listed.rename({"day": "before", "model": "_model"}).with_columns(kept=pl.lit(1.0))
    models = before.select("before", "_model").unique()
    same = listed.join(pairs, on="day").join(models, on="before").filter(pl.col("model") == pl.col("_model"))
    both = same.drop("_model").join(before.drop("_model"), on=["before", "student_id"], how="left")
    return both.group_by("day").agg(names=pl.len(), new=1 - pl.col("kept").fill_null(0).mean()).sort("day")


def _most_apart(before: pl.DataFrame, usual: float, names: int) -> float:
    """How far from the usual share a list may be: by its own weeks' spread, and never less than its size allows."""
    apart = float(before.select((pl.col("new") - usual).abs().median()).item()) * NORMAL_MAD
    luck = sqrt(max(usual * (1 - usual), 1 / (4 * names)) / names)
    return max(LEAST_CHANGE, DEVIATIONS * max(apart, luck))


def churn_alarms(told: Churn | None) -> Iterator[Alarm]:
    if told is None or not told.unusual or told.usual is None or told.most_apart is None:
        return
    more = told.new > told.usual
    limit = told.usual + told.most_apart if more else told.usual - told.most_apart
    why = (
        "Mire qué variables cambiaron y si algún archivo llegó incompleto antes de repartir los contactos."
        if more
        else "Revise si los archivos de la semana son los de la anterior."
    )
    yield Alarm("churn", "lista", told.new, limit,
        f"En la última lista {percent(told.new)} de los nombres son nuevos; lo normal es cerca de "
        f"{percent(told.usual)}, y {'hasta' if more else 'desde'} {percent(limit)}. {why}")  # fmt: skip
