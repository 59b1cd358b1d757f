"""The words of the evaluation's tables and figures, as a secretariat reads them."""

METHOD_NAMES = {
    "model": "modelo",
    "other_version": "la otra versión",
    "logistic_regression": "regresión logística",
    "over_age_and_absence": "extraedad e inasistencia",
    "over_age": "solo extraedad",
    "absence": "solo inasistencia",
    "school_rate": "tasa de la institución",
    "random": "al azar",
    "best_possible": "mejor lista posible",
}
COLUMN_NAMES = {
    "method": "método",
    "precision_at_capacity": "precisión en el cupo",
    "interval": "intervalo 95 %",
    "recall_at_capacity": "cobertura en el cupo",
    "lift": "veces sobre el azar",
    "ratio_to_best": "frente a la mejor",
    "auc": "AUC",
    "average_precision": "AP",
    "brier": "Brier",
    "calibration_slope": "pendiente",
    "calibration_intercept": "intercepto",
}
DECISIVE = (
    *("method", "precision_at_capacity", "interval", "recall_at_capacity"),
    *("lift", "ratio_to_best", "auc", "calibration_slope"),
)
COMPARED_NAMES = {
    "precision": "precisión en el cupo",
    "recall": "cobertura en el cupo",
    "lead_4w": "salidas listadas 4 semanas antes",
    "auc": "AUC",
    "average_precision": "AP",
    "brier": "Brier",
    "ece": "error de calibración (ECE)",
    "new_names": "nombres nuevos por semana",
    "jaccard": "parecido con la semana anterior (Jaccard)",
    "precision_unvisited": "precisión entre no visitados",
    "shared_names": "nombres en común",
    "found_apart": "salidas por semana que solo esta encuentra",
    "swapped_names": "nombres que cambiarían de una vez",
    "weeks_to_repay": "semanas para compensar el cambio",
}


def method_name(method: object) -> str:
    return METHOD_NAMES.get(str(method), str(method))


def number(value: object, places: int = 4) -> str:
    """Decimal comma, as schools write it; a dash where there is nothing to tell."""
    if not isinstance(value, float):
        return "—"
    return f"{round(value, places) + 0.0:.{places}f}".replace(".", ",")


def percent(value: object) -> str:
    return f"{number(100 * value, 1)} %" if isinstance(value, float) else "—"


def between(low: object, high: object, places: int = 4) -> str:
    return f"{number(low, places)} a {number(high, places)}" if isinstance(low, float) else "—"
