"""The words of the evaluation's tables and figures, as a secretariat reads them."""

METHOD_NAMES = {
    "model": "modelo",
    "other_version": "la otra versión",
    "borrowed": "aprendido en otra secretaría",
    "adjusted": "de otra secretaría, ajustado aquí",
    "own": "propio, en instituciones que no vio",
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

MEANINGS = {
    "precisión en el cupo": "de cada 100 listados, cuántos dejaron de estudiar en el plazo",
    "intervalo 95 %": "entre qué valores estaría la cifra si la ciudad tuviera otras instituciones",
    "cobertura en el cupo": "de cada 100 que dejaron de estudiar, cuántos estaban en la lista",
    "veces sobre el azar": "precisión del método dividida por la de una lista sacada a la suerte",
    "frente a la mejor": "parte de lo que encontraría la mejor lista posible; solo se sabe en una ciudad inventada",
    "4 semanas antes": "de cada 100 que salieron, cuántos habían estado en una lista cuatro semanas antes o más",
    "nombres nuevos": "parte de la lista que no estaba la semana anterior",
    "AUC": "de cada par, uno que salió y uno que no, con qué frecuencia va antes quien salió; 0,5 es la suerte",
    "AP": "precisión media a lo largo de todo el orden, no solo en el cupo; más es mejor",
    "Brier": "error cuadrático medio de las probabilidades; menos es mejor",
    "ECE": "distancia media entre lo que se dijo y lo que pasó, por décimas; menos es mejor",
    "pendiente": "1 es lo justo; por debajo de 1, las probabilidades son demasiado extremas",
    "intercepto": "con la pendiente en 1, 0 es lo justo; por debajo de 0 se anuncian más salidas de las que hay",
    "Jaccard": "nombres comunes a dos semanas seguidas, entre todos los nombres de las dos",
    "décima": "los estudiantes en diez partes iguales, de la probabilidad más baja a la más alta",
}
"""What each heading means, for who reads a table for the first time."""

SHARES = ("precision_at_capacity", "recall_at_capacity", "ratio_to_best")
PLACES = {"lift": 1, "brier": 4, "calibration_slope": 2, "calibration_intercept": 2}
"""Columns told as so many of a hundred; and the decimals of the others, where they are not three."""


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


def in_hundred(low: object, high: object) -> str:
    """The ends of an interval of a share: «23,9 a 35,4 %»."""
    return f"{number(100 * low, 1)} a {percent(high)}" if isinstance(low, float) and isinstance(high, float) else "—"


def counted(value: object) -> str:
    """A whole number with its thousands apart: 371.123."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else "—"


def meanings(*words: str) -> str:
    """What the headings of a table mean, as a Markdown list."""
    return "\n".join(f"- **{word}**: {MEANINGS[word]}." for word in words)
