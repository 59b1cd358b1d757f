"""What a model learned in another secretariat must show before it chooses whom to visit here, and for how long."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from models.beside import name_of
from models.borrowed import ADOPTED, ELSEWHERE
from models.gates import (
    BASELINES,
    Candidate,
    Gates,
    expires_on,
    lost_in_other_schools,
    number,
    other_catalogue,
    reads_sensitive_traits,
    too_old,
    unfair,
)
from models.report import METHOD_NAMES

WRITTEN = Path(__file__).with_name("borrowed_gates.toml")
DECISION = "decision"
DECIDED_ON = "decided_on"
UNSEEN_AREA = "unseen_auc"
SIMPLE = tuple(name for name in BASELINES if name != "logistic_regression")


@dataclass(frozen=True)
class BorrowedGates:
    """The limits as `borrowed_gates.toml` has them, each with its reason beside it."""

    least_left: int
    most_auc_lost: float
    most_precision_lost: float
    valid_days: int


@cache
def borrowed_gates(path: Path = WRITTEN) -> BorrowedGates:
    return BorrowedGates(**tomllib.loads(path.read_text("utf-8")))


def only_elsewhere(candidate: Candidate) -> bool:
    """Its figures are of another secretariat: nothing is known of it here."""
    return candidate.tags.get(ELSEWHERE) == ADOPTED


def refusals_elsewhere(candidate: Candidate, fingerprint: str, on: date | None, limits: Gates) -> list[str]:
    """Every reason at once. Its figures count where the schools had taught it nothing, and only there."""
    own = borrowed_gates()
    return [
        *without_decision(candidate),
        *seldom_judged(candidate, own),
        *loses_too_much(candidate, own),
        *not_above_simple_ways(candidate),
        *lost_in_other_schools(candidate, limits),
        *unfair(candidate, limits),
        *reads_sensitive_traits(candidate, limits),
        *too_old(candidate, on, limits),
        *other_catalogue(candidate, fingerprint),
    ]


def without_decision(candidate: Candidate) -> list[str]:
    if candidate.tags.get(DECISION, "").strip():
        return []
    return ["Aprendió en otra secretaría y aquí nada la ha juzgado: hace falta una decisión escrita. "
            "Ejecute: permanencia model approve VERSIÓN --decision \"número y fecha\"."]  # fmt: skip


def seldom_judged(candidate: Candidate, own: BorrowedGates) -> list[str]:
    left = int(candidate.figure("model", "left") or 0)
    if left >= own.least_left:
        return []
    return [f"Donde aprendió se evaluó con {left} salidas; se exigen {own.least_left}. Pida una versión mejor juzgada."]


def loses_too_much(candidate: Candidate, own: BorrowedGates) -> list[str]:
    area, precision = candidate.figure("lost", "auc"), candidate.figure("lost", "precision")
    kept = candidate.figure("unseen.model", "precision_at_capacity")
    if area is None or precision is None or kept is None:
        return ["No dice cuánto pierde en instituciones que no le enseñaron. Pida una versión que lo diga."]
    share = precision / (kept + precision) if kept + precision > 0 else 1.0
    told = {
        f"En instituciones que no le enseñaron perdió {number(area)} de AUC; "
        f"se admite {number(own.most_auc_lost)}.": area > own.most_auc_lost,
        f"En instituciones que no le enseñaron perdió {number(share)} de su precisión en el cupo; "
        f"se admite {number(own.most_precision_lost)}.": share > own.most_precision_lost,
    }  # fmt: skip
    return [sentence for sentence, refused in told.items() if refused]


def not_above_simple_ways(candidate: Candidate) -> list[str]:
    """The regression is compared by its AUC (`lost_in_other_schools`): of so few names luck decides the rest."""
    own = candidate.figure("unseen.model", "precision_at_capacity")
    told = {name: candidate.figure(f"unseen.{name}", "precision_at_capacity") for name in SIMPLE}
    return [
        f"En instituciones que no le enseñaron su precisión en el cupo ({number(own)}) no supera la de "
        f"«{METHOD_NAMES[name]}» ({number(other)})."
        for name, other in told.items()
        if own is not None and other is not None and own <= other
    ]


def below_the_borrowed(candidate: Candidate, in_use: Candidate | None, limits: Gates) -> list[str]:
    """Told of schools that neither has seen: in its own, one's own always looks better."""
    if in_use is None or ELSEWHERE not in in_use.tags or ELSEWHERE in candidate.tags:
        return []
    own = candidate.figure("unseen.model", "auc")
    other = candidate.figures.get(f"{name_of(in_use.seal)}.{UNSEEN_AREA}")
    if own is None or other is None or own >= other - limits.unseen_may_lose:
        return []
    return [f"En instituciones que no le enseñaron, su AUC ({number(own)}) es menor que la del modelo aprendido en "
            f"otra secretaría ({number(other)}); se admite perder {number(limits.unseen_may_lose)}."]  # fmt: skip


def valid_until(candidate: Candidate, on: date | None) -> date | None:
    """Until when a version may be used: one that nothing here has judged, half a year from the decision.

    NOTE: from the decision and not from the day it is put in use: that day comes anew with every `promote`.
    """
    usual = expires_on(candidate.judged_until)
    if not only_elsewhere(candidate) or on is None:
        return usual
    begun = date.fromisoformat(candidate.tags.get(DECIDED_ON) or str(on))
    sooner = begun + timedelta(days=borrowed_gates().valid_days)
    return min(usual, sooner) if usual else sooner
