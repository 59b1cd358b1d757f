"""How a value is said to a person: no decimals, no codes, and one of a thing in the singular."""

import re
from typing import Literal

Unit = Literal[
    "share",
    "points",
    "rank",
    "count",
    "weeks",
    "years",
    "minutes",
    "grade",
    "score",
    "schooling",
    "yes_no",
    "text",
    "number",
]

SCHOOLING = ("ninguno", "primaria", "secundaria", "media", "educación superior")

SINGULAR = {
    "semanas completas": "semana completa",
    "estrategias": "estrategia",
    "valoraciones": "valoración",
    "estudiantes": "estudiante",
    "entregas": "entrega",
    "hermanos": "hermano",
    "personas": "persona",
    "semanas": "semana",
    "minutos": "minuto",
    "puntos": "punto",
    "áreas": "área",
    "veces": "vez",
    "años": "año",
    "días": "día",
}
ONE_OF_THEM = re.compile(rf"\b1 ({'|'.join(SINGULAR)})\b")


def spoken(value: object, unit: Unit) -> str:
    """A value as a person says it."""
    if value is None:
        return "sin dato"
    if unit in ("share", "rank") and isinstance(value, (int, float)):
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
    whole = unit in ("share", "rank") and isinstance(value, (int, float))
    return spoken(1 - value, unit) if whole and isinstance(value, (int, float)) else ""


def in_number(sentence: str) -> str:
    """One of a thing is said in the singular."""
    return ONE_OF_THEM.sub(lambda found: f"1 {SINGULAR[found[1]]}", sentence)
