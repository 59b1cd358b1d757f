"""The version in use beside a new one: whether both answer the same question, and what they show on the same weeks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from models.model_files import ModelFilesDamaged

if TYPE_CHECKING:
    from models.registry import Registry
    from models.risk_model import RiskModel

AGAINST = "against"
PAIRED = ("precision", "recall", "lead_4w", "auc", "ece", "new_names")
COLUMNS = {"model": "", "other": "_other", "difference": "_difference", "low": "_low", "high": "_high"}
"""`precision` of the new version, `precision_other` of the one beside it, and their difference with its interval."""


class OtherQuestion(ValueError):  # noqa: N818 - says what is wrong
    """Two models whose chances are of different things; no table can set one beside the other."""


@dataclass(frozen=True)
class InUse:
    """The version in use; `seal` names its files, in whatever registry they are."""

    model: "RiskModel"
    seal: str

    def figures(self, comparison: pl.DataFrame) -> dict[str, float]:
        return paired_figures(self.seal, comparison)


def in_use(registry: "Registry", fingerprint: str, like: "RiskModel") -> InUse | None:
    """None where there is none to be judged beside `like`: of another catalogue or question, or its files damaged."""
    version = registry.champion_version()
    try:
        found = InUse(registry.load(version), registry.seal_of(version)) if version else None
    except ModelFilesDamaged:
        return None
    if found is None or found.model.fingerprint != fingerprint or other_question(like, found.model):
        return None
    return found


def other_question(model: "RiskModel", other: "RiskModel") -> str | None:
    """In what the two differ, in Spanish; None where both say the chance of the same thing."""
    if model.horizon_weeks != other.horizon_weeks:
        return f"una mira a {model.horizon_weeks} semanas y la otra a {other.horizon_weeks}"
    if model.absent_weeks != other.absent_weeks:
        return f"una cuenta como salida {model.absent_weeks} semanas de ausencia y la otra {other.absent_weeks}"
    return None


def refuse_other_question(model: "RiskModel", other: "RiskModel") -> None:
    if differ := other_question(model, other):
        raise OtherQuestion(
            f"Las dos versiones no se pueden comparar: {differ}. "
            "Elija versiones con el mismo horizon_weeks y el mismo absent_weeks en su receta."
        )


def paired_figures(seal: str, comparison: pl.DataFrame) -> dict[str, float]:
    """`against.<seal>.<figure>` of `models.comparison`, for the registry; `seal`: of the version set beside."""
    rows = comparison.filter(pl.col("figure").is_in(PAIRED)).to_dicts() if comparison.height else []
    told = {f"{name_of(seal)}.{row['figure']}{end}": row[column] for row in rows for column, end in COLUMNS.items()}
    return {name: float(value) for name, value in told.items() if value is not None}


def name_of(seal: str) -> str:
    """NOTE: not by version: another registry's version 3 is another model, and figures travel with a model."""
    return f"{AGAINST}.{seal[:12]}"


def judged_beside(figures: Mapping[str, float], seal: str) -> dict[str, float]:
    """The paired precision as a version's run keeps it: `precision`, `precision_other`…; empty if never judged."""
    start = f"{name_of(seal)}."
    return {name.removeprefix(start): value for name, value in figures.items() if name.startswith(f"{start}precision")}
