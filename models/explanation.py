"""Why a student is on the list: exact contributions, summed into families, told in a few sentences one can act on."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from features.feature import Catalogue, Feature, Strength
from models.contributions import assert_additive
from models.families import Numbers, family_weights
from models.risk_model import RiskModel
from models.saying import holds
from models.steady_signs import SteadySigns

MOST_REASONS = 4
MOST_PROTECTIVE = 3
# In log-odds: a weight of 0.7 doubles the odds; below 0.25 it moves them by less than a third.
MUCH, SOME = 0.7, 0.25
ROWS_AT_ONCE = 200_000  # bounds the memory: a weight per feature and student is far more than one per family
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


@dataclass(frozen=True)
class EveryonesWeights:
    """`weights` [students, families], in log-odds; with `base_value` they add up to each raw score."""

    students: tuple[str, ...]
    families: tuple[str, ...]
    weights: Numbers
    base_value: float


def everyone(
    model: RiskModel, frame: pl.DataFrame, raw_scores: Numbers, catalogue: Catalogue, threads: int = 1
) -> EveryonesWeights:
    """The exact weight of every family for every row of the frame (one day), checked against their `raw_scores`."""
    families = families_of(model, catalogue)
    blocks = []
    for start in range(0, frame.height, ROWS_AT_ONCE):
        parts = model.contributions(frame.slice(start, ROWS_AT_ONCE), threads)
        assert_additive(parts, raw_scores[start : start + ROWS_AT_ONCE])
        blocks.append(family_weights(parts, families)[0])
    names = tuple(dict.fromkeys(families))
    weights = np.concatenate(blocks) if blocks else np.empty((0, len(names)))
    return EveryonesWeights(tuple(frame["student_id"]), names, weights, model.base_value)


def families_of(model: RiskModel, catalogue: Catalogue) -> list[str]:
    return [catalogue[name].family for name in model.features]


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
    weights, names = family_weights(parts, families_of(model, catalogue))
    features = [catalogue[name] for name in model.features]
    explained = []
    for place, row in enumerate(rows_with_dates(frame, observed)):
        own = dict(zip(features, parts[place].tolist(), strict=False))
        families = dict(zip(names, weights[place].tolist(), strict=True))
        sums = Sums(own, families, float(parts[place, -1]), float(raw[place]))
        explained.append(one(row, sums, model.steady, most))
    return explained


def rows_with_dates(frame: pl.DataFrame, observed: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Each row with the date of the newest fact of each table, under `_on_<table>`."""
    keys = ["student_id", "day"]
    dates = observed.select(*keys, *(pl.col(c).alias(f"_on_{c}") for c in observed.columns if c not in keys))
    return frame.join(dates, on=keys, how="left", maintain_order="left").iter_rows(named=True)


@dataclass(frozen=True)
class Sums:
    """What adds up to one student's raw score: by feature and by family."""

    own: dict[Feature, float]
    families: dict[str, float]
    base_value: float
    raw_score: float


def one(row: dict[str, Any], sums: Sums, steady: SteadySigns | None, most: int | None) -> Explanation:
    told = {family: weight for family, weight in sums.families.items() if may_be_told(steady, family, weight)}
    risks = [reason(row, sums.own, family, weight) for family, weight in told.items() if weight > 0]
    strengths = [reason(row, sums.own, family, weight) for family, weight in told.items() if weight < 0]
    return Explanation(
        student_id=row["student_id"],
        day=row["day"],
        base_value=sums.base_value,
        raw_score=sums.raw_score,
        reasons=chosen([told for told in risks if told], most),
        protective=strongest([told for told in strengths if told], MOST_PROTECTIVE if most else None),
        families=sums.families,
    )


def may_be_told(steady: SteadySigns | None, family: str, weight: float) -> bool:
    """NOTE: a family whose direction another draw of schools would turn round is left out, though it still adds up."""
    return steady is None or steady.holds(family, weight)


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
