"""A feature: one thing known about a student on a day, with the sentence that tells it to a person."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, get_args

import narwhals as nw

from features.passes import Pass
from features.spoken import Unit, in_number, spoken, spoken_rest

Kind = Literal["number", "flag", "category"]
Strength = Literal["mucho", "algo", "poco"]
Fill = Literal["always", "unknown", "zero", "carried"]
"""What stands where nothing is known: ``always`` known of whoever is on roll; left ``unknown``; ``zero``, for no row
means none; or the newest value known, ``carried`` on however old it is. The last two need a companion."""

FILLED = ("zero", "carried")
WINDOW = re.compile(r"day|year|record|\d+w|\d+-\d+w")
"""``day``, as it stands; ``4w``, the last four weeks; ``4-12w``, those before them; since the school ``year`` began; or
all that is on ``record``."""

FAMILY_NAMES = {
    "enrolment": "matrícula y edad",
    "mobility": "cambios de institución",
    "progress": "rendimiento",
    "attendance": "inasistencia",
    "household": "hogar",
    "siblings": "hermanos",
    "support": "estrategias de permanencia",
    "class_group": "grupo",
    "school": "institución y territorio",
    "reporting": "calidad del reporte",
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
    "institution": "directorio de instituciones",
    "report": "archivos recibidos",
}


class IncompleteEntry(ValueError):  # noqa: N818 - says what is wrong
    """A feature whose entry in the catalogue is not whole."""


@dataclass(frozen=True, eq=False)
class Feature:
    """One entry of the catalogue.

    ``sentence`` and ``protective`` are Spanish templates with ``{value}`` or, for what a share leaves over, with
    ``{rest}``. A feature whose ``protective`` is None has nothing good to tell. ``sensitive`` features are kept to
    audit fairness: they are no input of a model by default and are never said. ``monotone`` is +1 where more of it can
    only raise the chance of leaving. ``window`` is the time it looks at, ``fill`` what stands where nothing is known,
    and ``companion`` the feature that tells the filled from the known.
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
    window: str = field(kw_only=True)
    fill: Fill = field(kw_only=True)
    companion: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """An entry that is not whole is no entry: nothing can be computed, let alone learnt, from it."""
        wrong = [said for said, holds in self._faults().items() if holds]
        if wrong:
            raise IncompleteEntry(f"la variable «{self.name}» no está completa: {'; '.join(wrong)}")

    def _faults(self) -> dict[str, bool]:
        filled = self.fill in FILLED
        return {
            "le falta el nombre": not self.name.strip(),
            f"no hay una familia «{self.family}»": self.family not in FAMILY_NAMES,
            f"no hay una fuente «{self.source}»": self.source not in SOURCE_NAMES,
            f"no hay una clase «{self.kind}»": self.kind not in get_args(Kind),
            f"no hay una unidad «{self.unit}»": self.unit not in get_args(Unit),
            "le falta la frase": not self.sentence.strip(),
            f"no se entiende su ventana «{self.window}»": WINDOW.fullmatch(self.window) is None,
            f"no hay una regla de llenado «{self.fill}»": self.fill not in get_args(Fill),
            "llena lo que falta y no dice qué variable lo avisa": filled and not self.companion,
            "avisa de un llenado que no hace": bool(self.companion) and not filled,
            "es reservada y se muestra": self.sensitive and self.shown,
            "su sentido debe ser −1, 0 o 1": self.monotone not in (-1, 0, 1),
        }

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


class Catalogue:
    """The whole list of features, in order."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self.features = tuple(features)
        names = [feature.name for feature in self.features]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"hay variables con el mismo nombre: {doubled}")

    @classmethod
    def whole(cls, features: Iterable[Feature]) -> "Catalogue":
        """A catalogue in which whatever fills a gap also has, beside it, the feature that says so."""
        catalogue = cls(features)
        alone = sorted({f.name for f in catalogue if f.companion and f.companion not in catalogue})
        if alone:
            raise IncompleteEntry(f"falta la variable que avisa de lo que se llenó en: {alone}")
        return catalogue

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
