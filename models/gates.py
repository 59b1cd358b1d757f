"""What a model must show before it may choose whom to visit; each refusal is a sentence."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from models.fairness import TRAIT_NAMES
from models.report import METHOD_NAMES

BASELINES = ("logistic_regression", "over_age_and_absence", "over_age", "absence", "school_rate", "random")
WRITTEN = Path(__file__).with_name("gates.toml")


class GateRefused(Exception):  # noqa: N818 - a refusal, no error
    """The model may not be put to use, or there is none to go back to; `reasons` says why in Spanish."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Gates:
    """The limits as `gates.toml` has them, each with its reason beside it."""

    least_left: int
    valid_days: int
    may_lose: float
    unseen_may_lose: float
    least_slope: float
    most_slope: float
    most_ece: float
    most_said_of_listed: float
    most_new_names: float
    audited: tuple[str, ...]
    most_fnr_gap: float
    least_recall_ratio: float
    most_fpr_gap: float
    most_understated: float
    sensitive_inputs: bool


@cache
def written_gates(path: Path = WRITTEN) -> Gates:
    told = tomllib.loads(path.read_text("utf-8"))
    return Gates(**{**told, "audited": tuple(told["audited"])})


@dataclass(frozen=True)
class Candidate:
    """What the registry remembers of a version: its figures on the judged days, its catalogue, and its tags."""

    figures: Mapping[str, float]
    fingerprint: str | None
    tags: Mapping[str, str] = field(default_factory=dict)

    def figure(self, method: str, name: str) -> float | None:
        return self.figures.get(f"{method}.{name}")

    @property
    def judged_until(self) -> date | None:
        """From the tag `test_days`: «2024-01-28/2024-07-14 (25)»."""
        told = self.tags.get("test_days", "").partition("/")[2][:10]
        return date.fromisoformat(told) if told else None


def refusals(
    candidate: Candidate,
    current_fingerprint: str,
    in_use: Candidate | None = None,
    on: date | None = None,
    gates: Gates | None = None,
) -> list[str]:
    """Every reason at once, so that nobody repairs one thing only to learn of the next.

    `in_use`: the version it would replace. `on`: the newest day of the archive, by which a version may be too old.
    """
    limits = gates or written_gates()
    return [
        *without_evaluation(candidate, limits),
        *not_above_baselines(candidate),
        *below_the_one_in_use(candidate, in_use, limits),
        *lost_in_other_schools(candidate, limits),
        *badly_calibrated(candidate, limits),
        *wrong_of_the_listed(candidate, limits),
        *unsteady(candidate, limits),
        *unfair(candidate, limits),
        *reads_sensitive_traits(candidate, limits),
        *too_old(candidate, on, limits),
        *other_catalogue(candidate, current_fingerprint),
    ]


def without_evaluation(candidate: Candidate, gates: Gates) -> list[str]:
    if not (candidate.figure("model", "days") and candidate.figure("model", "left")):
        return ["Esta versión no tiene una evaluación con resultados ya conocidos. Entrene con más cortes o espere."]
    left = int(candidate.figures["model.left"])
    if left >= gates.least_left:
        return []
    return [f"Se evaluó con {left} salidas; se exigen {gates.least_left}. Evalúe con un periodo más largo."]


def not_above_baselines(candidate: Candidate) -> list[str]:
    own = candidate.figure("model", "precision_at_capacity")
    told = {name: candidate.figure(name, "precision_at_capacity") for name in BASELINES}

    return [
        f"Su precisión en el cupo ({number(own)}) no supera la de «{METHOD_NAMES.get(name, name)}» ({number(other)})."
        for name, other in told.items()
        if own is not None and other is not None and own <= other
    ]


def below_the_one_in_use(candidate: Candidate, in_use: Candidate | None, gates: Gates) -> list[str]:
    """Only where both were judged on the same days with the same visits: figures of other weeks compare nothing."""
    if in_use is None or not same_weeks(candidate, in_use):
        return []
    own, other = (one.figure("model", "precision_at_capacity") for one in (candidate, in_use))
    if own is None or other is None or own >= other - gates.may_lose:
        return []
    return [f"En las mismas semanas su precisión en el cupo ({number(own)}) es menor que la de la versión en uso "
            f"({number(other)}); se admite perder {number(gates.may_lose)}."]  # fmt: skip


def same_weeks(one: Candidate, other: Candidate) -> bool:
    days = one.tags.get("test_days")
    counts = [c.figure("model", name) for name in ("rows", "capacity") for c in (one, other)]
    return days is not None and days == other.tags.get("test_days") and counts[0::2] == counts[1::2]


def lost_in_other_schools(candidate: Candidate, gates: Gates) -> list[str]:
    """A model is chosen by the schools it never saw: next year's will not be the ones that taught it."""
    own, other = (candidate.figure(f"unseen.{name}", "auc") for name in ("model", "logistic_regression"))
    if own is None or other is None or own >= other - gates.unseen_may_lose:
        return []
    return [f"En instituciones que no enseñaron, su AUC ({number(own)}) es menor que la de la regresión logística "
            f"({number(other)}); se admite perder {number(gates.unseen_may_lose)}."]  # fmt: skip


def badly_calibrated(candidate: Candidate, gates: Gates) -> list[str]:
    slope, ece = candidate.figure("model", "calibration_slope"), candidate.figure("model", "ece")
    if slope is None:
        return ["No se pudo medir su calibración: no hubo salidas suficientes en el periodo evaluado."]
    steep = [] if gates.least_slope <= slope <= gates.most_slope else [
        f"Su pendiente de calibración es {number(slope)}; "
        f"se admite de {number(gates.least_slope)} a {number(gates.most_slope)}."
    ]  # fmt: skip
    far = [] if ece is None or ece <= gates.most_ece else [
        f"Lo que dice y lo que pasa difieren en promedio {number(ece)}; se admite {number(gates.most_ece)}."
    ]  # fmt: skip
    return [*steep, *far]


def wrong_of_the_listed(candidate: Candidate, gates: Gates) -> list[str]:
    """Where chances are read. Of a hundred children one leaves: said of everyone, five times too much is 0.04 off."""
    said, low, high = (candidate.figure("model", n) for n in ("said_at_capacity", "precision_low", "precision_high"))
    if said is None or low is None or high is None:
        return []
    if low / gates.most_said_of_listed <= said <= high * gates.most_said_of_listed:
        return []
    return [f"De los listados dice que se irá {number(said)} y se fue entre {number(low)} y {number(high)}; "
            f"se admite hasta {number(gates.most_said_of_listed)} veces más o menos."]  # fmt: skip


def unsteady(candidate: Candidate, gates: Gates) -> list[str]:
    new = candidate.figure("model", "new_names")
    if new is None or new <= gates.most_new_names:
        return []
    return [f"Cada semana cambia {number(new)} de los nombres de su lista; se admite {number(gates.most_new_names)}."]


def unfair(candidate: Candidate, gates: Gates) -> list[str]:
    """Refused only for what is sure: the near end of an interval that is right where there is no gap."""
    return [sentence for trait in gates.audited for sentence in unfair_to(candidate, trait, gates)]


def unfair_to(candidate: Candidate, trait: str, gates: Gates) -> list[str]:
    of, name = f"fair.{trait}", TRAIT_NAMES.get(trait, trait)
    missed, ratio = candidate.figure(of, "fnr_gap_low"), candidate.figure(of, "recall_ratio_high")
    in_vain, understated = candidate.figure(of, "fpr_gap_low"), candidate.figure(of, "understated_low")
    told = {
        f"a un grupo se le escapan al menos {number(missed)} más de sus salidas que a los demás; "
        f"se admite {number(gates.most_fnr_gap)}": missed is not None and missed > gates.most_fnr_gap,
        f"de un grupo encuentra como mucho {number(ratio)} veces lo que encuentra de los demás; "
        f"se exige {number(gates.least_recall_ratio)}": ratio is not None and ratio < gates.least_recall_ratio,
        f"a un grupo se le llama en vano al menos {number(in_vain)} más que a los demás; "
        f"se admite {number(gates.most_fpr_gap)}": in_vain is not None and in_vain > gates.most_fpr_gap,
        f"de un grupo se va al menos {number(understated)} más de lo que dice; "
        f"se admite {number(gates.most_understated)}": understated is not None and understated > gates.most_understated,
    }  # fmt: skip
    return [f"Equidad por {name}: {sentence}." for sentence, refused in told.items() if refused]


def reads_sensitive_traits(candidate: Candidate, gates: Gates) -> list[str]:
    if gates.sensitive_inputs or candidate.tags.get("use_sensitive") != "True":
        return []
    return ["Usa datos sensibles (sexo, origen, etnia, discapacidad o condición de víctima): sirve solo para comparar."]


def too_old(candidate: Candidate, on: date | None, gates: Gates) -> list[str]:
    until = expires_on(candidate.judged_until, gates)
    if until is None or on is None or on <= until:
        return []
    return [f"Venció el {until}: se evaluó hasta el {candidate.judged_until}. Entrene o evalúe una versión nueva."]


def expires_on(judged_until: date | None, gates: Gates | None = None) -> date | None:
    limits = gates or written_gates()
    return judged_until + timedelta(days=limits.valid_days) if judged_until else None


def other_catalogue(candidate: Candidate, current: str) -> list[str]:
    if candidate.fingerprint == current:
        return []
    return [
        f"Fue entrenada con otro catálogo de variables ({candidate.fingerprint}); el actual es {current}. "
        "Entrene una versión nueva."
    ]


def number(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}".replace(".", ",")
