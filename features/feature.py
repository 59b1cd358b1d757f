"""A feature: one thing known about a student on a day, with the sentence that tells it to a person."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import narwhals as nw

from features.passes import Pass

Kind = Literal["number", "flag", "category"]
Unit = Literal[
    "share", "points", "count", "weeks", "years", "minutes", "grade", "score", "schooling", "yes_no", "text", "number"
]
Strength = Literal["mucho", "algo", "poco"]

FAMILY_NAMES = {
    "enrolment": "matrícula y edad",
    "mobility": "cambios de institución",
    "progress": "rendimiento",
    "attendance": "inasistencia",
    "household": "hogar",
    "support": "estrategias de permanencia",
    "school": "institución",
    "person": "datos de la persona",
    "own": "variables propias",
}

SOURCE_NAMES = {
    "enrolment": "matrícula",
    "progress": "valoración",
    "attendance": "inasistencia",
    "characterisation": "caracterización",
    "support": "estrategias",
    "person": "matrícula",
}

SCHOOLING = ("ninguno", "primaria", "secundaria", "media", "educación superior")

SINGULAR = {
    "semanas completas": "semana completa",
    "estrategias": "estrategia",
    "valoraciones": "valoración",
    "entregas": "entrega",
    "personas": "persona",
    "semanas": "semana",
    "minutos": "minuto",
    "puntos": "punto",
    "veces": "vez",
    "años": "año",
    "días": "día",
}
ONE_OF_THEM = re.compile(rf"\b1 ({'|'.join(SINGULAR)})\b")


@dataclass(frozen=True, eq=False)
class Feature:
    """One entry of the catalogue.

    ``sentence`` and ``protective`` are Spanish templates with ``{value}`` or, for what a share leaves over, with
    ``{rest}``. A feature whose ``protective`` is None has nothing good to tell. ``sensitive`` features are kept to
    audit fairness: they are no input of a model by default and are never said. ``monotone`` is +1 where more of it can
    only raise the chance of leaving.
    """

    name: str
    family: str
    source: str
    kind: Kind
    unit: Unit
    expression: nw.Expr
    sentence: str
    protective: str | None = None
    reads: tuple[Pass, ...] = ()
    actionable: bool = False
    sensitive: bool = False
    shown: bool = True
    monotone: int = 0

    def say(
        self, value: object, observed_on: date | None, protective: bool = False, strength: Strength | None = None
    ) -> str:
        """The sentence for one student: what, how much it weighs, from which source and of which date."""
        template = self.protective if protective and self.protective else self.sentence
        told = in_number(template.format(value=spoken(value, self.unit), rest=spoken_rest(value, self.unit)))
        weight = f"; pesa {strength}" if strength else ""
        when = f", {observed_on:%d/%m/%Y}" if observed_on else ""
        return f"{told}{weight} ({SOURCE_NAMES.get(self.source, self.source)}{when})."

    @property
    def text(self) -> str:
        """What the feature computes, for the catalogue's fingerprint; its words may change without a new model."""
        return f"{self.name}:{self.kind}:{self.expression!r}:{sorted(p.text for p in self.reads)}"


def spoken(value: object, unit: Unit) -> str:
    """A value as a person says it: no decimals, no codes."""
    if value is None:
        return "sin dato"
    if unit == "share" and isinstance(value, (int, float)):
        return f"{round(100 * value)} %"
    if unit == "points" and isinstance(value, (int, float)):
        return f"{round(100 * abs(value))}"
    if unit == "score" and isinstance(value, (int, float)):
        return f"{round(abs(value))}"
    if unit == "schooling" and isinstance(value, (int, float)):
        return SCHOOLING[min(max(round(value), 0), len(SCHOOLING) - 1)]
    if isinstance(value, (int, float)):
        return f"{round(value)}"
    return str(value).replace("_", " ").lower()


def spoken_rest(value: object, unit: Unit) -> str:
    """What a share leaves over: who missed 5 % of the classes was at 95 % of them."""
    return spoken(1 - value, unit) if unit == "share" and isinstance(value, (int, float)) else ""


def in_number(sentence: str) -> str:
    """One of a thing is said in the singular."""
    return ONE_OF_THEM.sub(lambda found: f"1 {SINGULAR[found[1]]}", sentence)


class Catalogue:
    """The whole list of features, in order."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self.features = tuple(features)
        names = [feature.name for feature in self.features]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"hay variables con el mismo nombre: {doubled}")

    def __getitem__(self, name: str) -> Feature:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.features)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(feature.family for feature in self.features))

    @property
    def passes(self) -> tuple[Pass, ...]:
        """The readings that the features need, each once, in the order of the catalogue."""
        return tuple({p.name: p for feature in self.features for p in feature.reads}.values())

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any feature computes something else: a model must not read a frame it was not taught on."""
        told = "\n".join(feature.text for feature in self.features)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @cached_property
    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.features}
