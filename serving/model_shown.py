"""The model in plain words: what it is for, how often its lists were right, for whom, and what it cannot know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from models.card_words import method, trait
from models.model_files import ORIGIN, read_files, read_note
from models.purpose import WHAT_IT_DOES, what_it_does_not
from serving.settings import Settings

COMPARED = ("model", "logistic_regression", "over_age_and_absence", "over_age", "absence", "school_rate", "random")
SIMPLE = {
    "logistic_regression": "una fórmula sencilla (regresión logística)",
    "over_age_and_absence": "una regla a mano: extraedad e inasistencia",
    "over_age": "mirar solo la extraedad",
    "absence": "mirar solo la inasistencia",
    "school_rate": "mirar solo la institución",
    "random": "escoger al azar",
}
CARD = "card.json"
LEAST_OF_TEN = 0.095


@dataclass(frozen=True)
class Found:
    """Of a hundred students that a way of listing named, how many left; `low` and `high` where they are known."""

    name: str
    is_model: bool
    hundred: float
    low: float | None
    high: float | None

    @property
    def told(self) -> str:
        return f"{round(self.hundred)}"


@dataclass(frozen=True)
class Group:
    """Of a hundred students of a group who left, how many the list had; None where too few left to tell."""

    trait: str
    group: str
    hundred: float | None
    verdict: str


@dataclass(frozen=True)
class ModelShown:
    """`card`: as it was sealed with the model of the list; `day`: of that list."""

    version: str
    day: date
    card: Mapping[str, Any]

    @property
    def what_it_does(self) -> str:
        return str(self.card.get("what_it_does") or WHAT_IT_DOES)

    @property
    def what_it_does_not(self) -> Sequence[str]:
        return tuple(self.card.get("what_it_does_not") or what_it_does_not())

    @property
    def limits(self) -> Sequence[str]:
        return tuple(self.card.get("limits") or ())

    @property
    def borrowed(self) -> str | None:
        """Learned in another secretariat: said first, as every figure then is of there."""
        told = self.card.get("learned_elsewhere")
        return str(told["sentence"]) if told else None

    @property
    def horizon(self) -> int | None:
        return self.card.get("horizon_weeks")

    @cached_property
    def found(self) -> tuple[Found, ...]:
        rows = {row["method"]: row for row in self.card.get("judged", ())}
        return tuple(
            _found(name, rows[name]) for name in COMPARED if name in rows and _precision(rows[name]) is not None
        )

    @property
    def of_ten(self) -> str | None:
        """«cerca de 3 de cada 10», or of a hundred where ten are too few to show it."""
        own = next((one for one in self.found if one.is_model), None)
        if own is None:
            return None
        return natural(own.hundred / 100)

    @property
    def judged_on(self) -> Mapping[str, int]:
        return {name: int(count) for name, count in self.card.get("judged_on", {}).items()}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        return tuple(_group(row) for row in self.card.get("fairness", ()))

    @cached_property
    def tenths(self) -> tuple[tuple[int, float, float], ...]:
        """Each tenth of the students: what was said and what happened, of a thousand."""
        rows = self.card.get("deciles", ())
        return tuple((int(row["decile"]), 1000 * row["expected"], 1000 * row["observed"]) for row in rows)

    @property
    def approved_by(self) -> str | None:
        return self.card.get("promoted_by") or None

    @property
    def since(self) -> date | None:
        return _day(self.card.get("promoted_on"))

    @property
    def until(self) -> date | None:
        return _day(self.card.get("expires_on"))

    def is_over(self, today: date) -> bool:
        return self.until is not None and today > self.until


def model_shown(settings: Settings, version: str, day: date) -> ModelShown:
    """Its seals are checked; empty of figures where the model is older than its card."""
    folder = _copy_of(settings, version)
    card = json.loads(read_files(folder, (CARD,))[CARD]) if (folder / CARD).exists() else {}
    origin = read_note(folder / ORIGIN) if (folder / ORIGIN).exists() else {}
    return ModelShown(version, day, card | {name: value for name, value in origin.items() if value})


def _copy_of(settings: Settings, version: str) -> Path:
    """The text files behind the list: until the next Monday the model in use may already be another."""
    own = settings.champion.with_name(f"version-{version}")
    return own if own.exists() else settings.champion


def natural(share: float) -> str:
    """A share as people say it: so many of ten, and where that would be none, of a hundred."""
    if share >= LEAST_OF_TEN:
        return f"cerca de {round(10 * share)} de cada 10"
    return f"cerca de {round(100 * share)} de cada 100"


def _precision(row: Mapping[str, Any]) -> float | None:
    return row.get("precision_at_capacity")


def _found(name: str, row: Mapping[str, Any]) -> Found:
    low, high = row.get("precision_low"), row.get("precision_high")
    told = "este modelo" if name == "model" else SIMPLE.get(name, method(name))
    return Found(
        told,
        name == "model",
        100 * row["precision_at_capacity"],
        None if low is None else 100 * low,
        None if high is None else 100 * high,
    )


def _group(row: Mapping[str, Any]) -> Group:
    recall = row.get("recall") if row.get("enough") else None
    return Group(trait(row["trait"]), str(row["group"]), None if recall is None else 100 * recall, str(row["verdict"]))


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
