"""What a model must show before it may choose whom to visit; each refusal is a sentence."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from models.candidate import Candidate as Candidate
from models.candidate import number as number
from models.comparison_gate import below_the_one_in_use
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
    most_visit_ratio: float
    most_understated: float
    sensitive_inputs: bool


@cache
def written_gates(path: Path = WRITTEN) -> Gates:
    told = tomllib.loads(path.read_text("utf-8"))
    return Gates(**{**told, "audited": tuple(told["audited"])})


def refusals(
    candidate: Candidate,
    current_fingerprint: str,
    in_use: Candidate | None = None,
    on: date | None = None,
    gates: Gates | None = None,
) -> list[str]:
    """Every reason at once, so that nobody repairs one thing only to learn of the next.

    A version that only another secretariat has judged has gates of its own (`models.borrowed_gates`).
    `in_use`: the version it would replace. `on`: the newest day of the archive, by which a version may be too old.
    """
    from models.borrowed_gates import below_the_borrowed, only_elsewhere, refusals_elsewhere

    limits = gates or written_gates()
    if only_elsewhere(candidate):
        return refusals_elsewhere(candidate, current_fingerprint, on, limits)
    return [
        *without_evaluation(candidate, limits),
        *not_above_baselines(candidate),
        *below_the_one_in_use(candidate, in_use, limits.may_lose),
        *lost_in_other_schools(candidate, limits),
        *below_the_borrowed(candidate, in_use, limits),
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
    visits, understated = candidate.figure(of, "visit_ratio_low"), candidate.figure(of, "understated_low")
    told = {
        f"a un grupo se le escapan al menos {number(missed)} más de sus salidas que a los demás; "
        f"se admite {number(gates.most_fnr_gap)}": missed is not None and missed > gates.most_fnr_gap,
        f"de un grupo encuentra como mucho {number(ratio)} veces lo que encuentra de los demás; "
        f"se exige {number(gates.least_recall_ratio)}": ratio is not None and ratio < gates.least_recall_ratio,
        f"a un grupo se le llama en vano: recibe al menos {number(visits)} veces las visitas que piden sus salidas; "
        f"se admite {number(gates.most_visit_ratio)}": visits is not None and visits > gates.most_visit_ratio,
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
