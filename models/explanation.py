"""Why a student is on the list: exact contributions, summed into families, told in a few sentences one can act on."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.feature import Catalogue, Feature, Strength
from models.contributions import assert_additive
from models.risk_model import RiskModel
from models.saying import holds

MOST_REASONS = 4
MOST_PROTECTIVE = 3
# In log-odds: a weight of 0.7 doubles the odds; below 0.25 it moves them by less than a third.
MUCH, SOME = 0.7, 0.25
# A reason this much smaller than the largest one is noise beside it.
WORTH_SAYING = 0.05


@dataclass(frozen=True)
class Reason:
    """`contribution` is the whole family's; the sentence is that of its strongest feature that may be shown."""

    family: str
    feature: str
    value: float | str
    contribution: float
    sentence: str
    actionable: bool
    source: str
    observed_on: date | None

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "observed_on": self.observed_on.isoformat() if self.observed_on else None}


@dataclass(frozen=True)
class Explanation:
    """`base_value` plus the sum of `families` is `raw_score`."""

    student_id: str
    day: date
    base_value: float
    raw_score: float
    reasons: tuple[Reason, ...]
    protective: tuple[Reason, ...]
    families: dict[str, float]


def explain(
    model: RiskModel,
    frame: pl.DataFrame,
    observed: pl.DataFrame,
    catalogue: Catalogue,
    most: int | None = MOST_REASONS,
    threads: int = 1,
) -> list[Explanation]:
    """One explanation per row of the frame, in its order; `most=None` gives every reason there is."""
    parts = model.contributions(frame, threads)
    raw = model.raw_score(model.inputs(frame), threads)
    assert_additive(parts, raw)
    return [
        one(model, catalogue, row, parts[place], float(raw[place]), most)
        for place, row in enumerate(rows_with_dates(frame, observed))
    ]


def rows_with_dates(frame: pl.DataFrame, observed: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Each row with the date of the newest fact of each table, under `_on_<table>`."""
    keys = ["student_id", "day"]
    dates = observed.select(*keys, *(pl.col(c).alias(f"_on_{c}") for c in observed.columns if c not in keys))
    return frame.join(dates, on=keys, how="left", maintain_order="left").iter_rows(named=True)


def one(
    model: RiskModel,
    catalogue: Catalogue,
    row: dict[str, Any],
    parts: npt.NDArray[np.float64],
    raw_score: float,
    most: int | None,
) -> Explanation:
    own = {catalogue[name]: float(part) for name, part in zip(model.features, parts, strict=False)}
    families = family_sums(own)
    risks = [reason(row, own, family, weight) for family, weight in families.items() if weight > 0]
    strengths = [reason(row, own, family, weight) for family, weight in families.items() if weight < 0]
    return Explanation(
        student_id=row["student_id"],
        day=row["day"],
        base_value=float(parts[-1]),
        raw_score=raw_score,
        reasons=chosen([told for told in risks if told], most),
        protective=strongest([told for told in strengths if told], MOST_PROTECTIVE if most else None),
        families=families,
    )


def family_sums(own: dict[Feature, float]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for feature, part in own.items():
        sums[feature.family] = sums.get(feature.family, 0.0) + part
    return sums


def reason(row: dict[str, Any], own: dict[Feature, float], family: str, weight: float) -> Reason | None:
    """The family in the words of its strongest feature that pushes the same way, is known, and may be said."""
    sign = 1.0 if weight > 0 else -1.0
    pushing = [f for f, part in own.items() if f.family == family and part * sign > 0 and may_be_said(f, row, sign)]
    if not pushing:
        return None
    feature = max(pushing, key=lambda f: own[f] * sign)
    value, observed_on = row[feature.name], row.get(f"_on_{feature.source}")
    return Reason(
        family=family,
        feature=feature.name,
        value=value,
        contribution=weight,
        sentence=feature.say(value, observed_on, protective=sign < 0, strength=strength(weight)),
        actionable=feature.actionable,
        source=feature.source,
        observed_on=observed_on,
    )


def may_be_said(feature: Feature, row: dict[str, Any], sign: float) -> bool:
    """NOTE: what is unknown is never a reason, and sex, origin, ethnicity, disability or victim status never appear."""
    return feature.shown and not feature.sensitive and holds(feature, row[feature.name], protective=sign < 0)


def strength(weight: float) -> Strength:
    if abs(weight) >= MUCH:
        return "mucho"
    return "algo" if abs(weight) >= SOME else "poco"


def chosen(reasons: list[Reason], most: int | None) -> tuple[Reason, ...]:
    """What a visit can change comes first; then by size. Without a limit nothing is left out."""
    if most is None:
        return tuple(sorted(reasons, key=in_order))
    floor = WORTH_SAYING * max((told.contribution for told in reasons), default=0.0)
    return tuple(sorted((told for told in reasons if told.contribution >= floor), key=in_order)[:most])


def in_order(told: Reason) -> tuple[bool, float, str]:
    return (not told.actionable, -abs(told.contribution), told.family)


def strongest(reasons: list[Reason], most: int | None) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=lambda told: (told.contribution, told.family))[:most])
