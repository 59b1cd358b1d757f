"""A model that learned in another secretariat says so, and says how much it loses where it has never been."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.evaluation_words import number

ELSEWHERE = "learned_elsewhere"
ADOPTED, JUDGED_HERE = "adopted", "judged_here"
"""What the tag says: nothing is known of it here yet, or its figures are of weeks that have ripened here."""

LEAST_TAUGHT = 60
"""Departures (one on each Monday of its horizon) below which nothing of one's own replaces it: that would be luck."""


def too_few(left: int) -> str:
    return (
        f"Solo hay {left} salidas (estudiante y corte) en los cortes maduros que enseñan; se exigen {LEAST_TAUGHT} "
        "para enseñar un modelo propio. Mientras tanto sirve el aprendido en otra secretaría."
    )


@dataclass(frozen=True)
class Loss:
    """One figure, lost in schools that taught nothing: how much, and between which ends in other draws of schools."""

    lost: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Mapping[str, float], name: str) -> "Loss | None":
        told = [figures.get(f"lost.{name}{end}") for end in ("", "_low", "_high")]
        return cls(*(float(value) for value in told if value is not None)) if None not in told else None

    def __str__(self) -> str:
        return f"{number(self.lost, 3)} ({number(self.low, 3)} a {number(self.high, 3)})"


@dataclass(frozen=True)
class Borrowed:
    """Where a model learned, what it lost in schools it never saw, what is missing here, and what was set right here.

    `seal`: SHA-256 of the archive it came in. `adjusted_on`: the days of this secretariat that set its chances, if any.
    """

    secretariat: str
    version: str
    seal: str
    schools: int
    auc: Loss
    precision: Loss
    missing: tuple[str, ...] = ()
    adjusted_on: str = ""

    @property
    def where(self) -> str:
        return f"Aprendido en otra secretaría{f' ({self.secretariat})' if self.secretariat else ''}."

    @property
    def loss(self) -> str:
        return (
            f"Allá, en {self.schools} instituciones que no le enseñaron, perdió {self.auc} de AUC y {self.precision} "
            "de precisión en el cupo; aquí puede perder más."
        )

    @property
    def chances(self) -> str:
        if self.adjusted_on:
            return f"Sus probabilidades se ajustaron con cortes de aquí ({self.adjusted_on})."
        return "Sus probabilidades no se han comprobado aquí: use el orden de la lista, no el número."

    @property
    def sentence(self) -> str:
        lacks = f"Aquí le falta: {', '.join(self.missing)}." if self.missing else ""
        return " ".join(part for part in (self.where, self.loss, lacks, self.chances) if part)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "missing": list(self.missing), "sentence": self.sentence}

    @classmethod
    def told(cls, kept: Mapping[str, Any] | None) -> "Borrowed | None":
        """As `as_dict` wrote it; a model that learned here has none."""
        if not kept:
            return None
        plain = {name: value for name, value in kept.items() if name != "sentence"}
        losses = {name: Loss(**plain[name]) for name in ("auc", "precision")}
        return cls(**{**plain, **losses, "missing": tuple(plain["missing"])})
