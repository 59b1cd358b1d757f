"""What a model must show before it may choose whom to visit; each refusal is a sentence."""

from dataclasses import dataclass

from models.report import METHOD_NAMES

BASELINES = ("logistic_regression", "over_age_and_absence", "school_rate", "random")
LEAST_SLOPE, MOST_SLOPE = 0.5, 2.0


class GateRefused(Exception):  # noqa: N818 - a refusal, no error
    """The model may not be put to use, or there is none to go back to; `reasons` says why in Spanish."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Candidate:
    """What the registry remembers of a version: its figures on the judged period, and the catalogue it reads."""

    figures: dict[str, float]
    fingerprint: str | None

    def figure(self, method: str, name: str) -> float | None:
        return self.figures.get(f"{method}.{name}")


def refusals(candidate: Candidate, current_fingerprint: str) -> list[str]:
    """Every reason at once, so that nobody repairs one thing only to learn of the next."""
    return [
        *without_evaluation(candidate),
        *not_above_baselines(candidate),
        *badly_calibrated(candidate),
        *other_catalogue(candidate, current_fingerprint),
    ]


def without_evaluation(candidate: Candidate) -> list[str]:
    if candidate.figure("model", "days") and candidate.figure("model", "left"):
        return []
    return ["Esta versión no tiene una evaluación con resultados ya conocidos. Entrene con más cortes o espere."]


def not_above_baselines(candidate: Candidate) -> list[str]:
    own = candidate.figure("model", "precision_at_capacity")
    told = {name: candidate.figure(name, "precision_at_capacity") for name in BASELINES}

    return [
        f"Su precisión en el cupo ({own:.3f}) no supera la de «{METHOD_NAMES[name]}» ({other:.3f})."
        for name, other in told.items()
        if own is not None and other is not None and own <= other
    ]


def badly_calibrated(candidate: Candidate) -> list[str]:
    slope = candidate.figure("model", "calibration_slope")
    if slope is None:
        return ["No se pudo medir su calibración: no hubo salidas suficientes en el periodo evaluado."]
    if LEAST_SLOPE <= slope <= MOST_SLOPE:
        return []
    return [f"Su pendiente de calibración es {slope:.2f}; se admite de {LEAST_SLOPE} a {MOST_SLOPE}."]


def other_catalogue(candidate: Candidate, current: str) -> list[str]:
    if candidate.fingerprint == current:
        return []
    return [
        f"Fue entrenada con otro catálogo de variables ({candidate.fingerprint}); el actual es {current}. "
        "Entrene una versión nueva."
    ]
