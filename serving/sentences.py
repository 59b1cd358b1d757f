"""How things are said to people: dates, grades, changes, and what this system does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
GRADES = {-3: "Prejardín", -2: "Jardín", -1: "Jardín", 0: "Transición", 99: "Aceleración del aprendizaje"}
CHANGES = {
    "entered": "Entró a la lista",
    "rose": "Subió",
    "stayed": "Sigue igual",
    "fell": "Bajó",
    "left": "Salió de la lista",
}
STATUSES = {
    "ENROLLED": "Matrícula",
    "WITHDRAWN": "Retiro",
    "TRANSFERRED": "Traslado",
    "GRADUATED": "Se graduó",
    "PROMOTED": "Aprobó el año",
    "FAILED": "No aprobó el año",
    "CANCELLED": "Matrícula anulada",
    "NOT_SEEN": "No aparece en el reporte",
}
SHIFTS = {
    "FULL": "completa",
    "MORNING": "mañana",
    "AFTERNOON": "tarde",
    "NIGHT": "nocturna",
    "WEEKEND": "fin de semana",
    "SINGLE": "única",
}
FINDINGS = {
    "ATTENDING": "asiste",
    "ABSENT": "no asiste",
    "RETURNED": "regresó",
    "LEFT": "dejó de estudiar",
    "ELSEWHERE": "estudia en otra institución",
    "MIGRATED": "se fue de la ciudad",
    "DATA_ERROR": "era un error de datos",
    "DECEASED": "falleció",
}
SMALL_WORDS = ("de", "del", "la", "las", "los", "el", "y", "e")
OLD = {"attendance": timedelta(weeks=4), "progress": timedelta(weeks=12), "characterisation": timedelta(weeks=52)}
STALE = timedelta(days=14)

MADE_UP = ("Datos inventados.", "Esta es una demostración: ninguna persona de esta lista existe.")
CALL_FIRST = "Su situación se parece más a la de un traslado: llame antes de visitar."
NO_REASON = "Ningún dato de los que se pueden mostrar sobresale. Pregunte cómo está y qué necesita."

UNSEEN = {
    "attendance": "No hay registro de asistencia de este estudiante.",
    "progress": "No hay valoraciones (notas) de este estudiante.",
    "characterisation": "No hay ficha de caracterización: no se conoce su situación en el hogar.",
    "support": "No se sabe si recibe alimentación, transporte u otro apoyo.",
}
OUTDATED = {
    "attendance": "La última asistencia registrada es del {day}.",
    "progress": "La última valoración registrada es del {day}.",
    "characterisation": "La ficha de caracterización es del {day}; su hogar pudo cambiar desde entonces.",
}
ALWAYS = (
    "No conoce lo que ocurrió después del {day}.",
    "No conoce las conversaciones con la familia ni con el estudiante.",
    "Muestra con qué se asocia el puntaje; no dice por qué pasan las cosas.",
)


def said_date(day: date) -> str:
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


def short_date(day: str) -> str:
    """A day of the published row, as forms write it."""
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def week_of(day: date) -> str:
    """A list looked from a Sunday serves the week that begins the next morning."""
    return f"semana del {monday_after(day)}"


def monday_after(day: date) -> str:
    return f"lunes {said_date(day + timedelta(days=1))}"


def grade_name(grade: int | None) -> str:
    if grade is None:
        return "grado sin dato"
    if 21 <= grade <= 26:
        return f"ciclo {grade - 20}"
    return GRADES.get(grade, f"grado {grade}")


def more_to_say(reasons: Sequence[Mapping[str, Any]]) -> str | None:
    """What can be acted on is told first; when something else weighs more, a short row tells that too."""
    if not reasons:
        return None
    heaviest = max(reasons, key=lambda reason: reason["contribution"])
    return heaviest["sentence"] if heaviest["contribution"] > reasons[0]["contribution"] else None


def group_name(grade: int | None, class_group: str | None) -> str:
    return f"{grade_name(grade)}, grupo {class_group}" if class_group else grade_name(grade)


def shift_name(shift: str | None) -> str:
    return SHIFTS.get(shift or "", (shift or "").lower())


def school_name(name: str) -> str:
    """As people write it: exports shout the name, and half of a phone's line would be "institución educativa"."""
    if not name.isupper():
        return name
    words = name.lower().removeprefix("institución educativa ").split()
    spoken = [word if word in SMALL_WORDS and place else word.capitalize() for place, word in enumerate(words)]
    return " ".join(["IE", *spoken] if name.startswith("INSTITUCIÓN EDUCATIVA ") else spoken)


def followed_since(contact: Mapping[str, Any]) -> str:
    """The last contact of a published row, in words."""
    return f"Ya hay un contacto del {short_date(contact['on'])}: {FINDINGS.get(contact['result'], 'sin hallazgo')}."


def call_first(row: Mapping[str, Any]) -> str | None:
    """A family that is moving house needs no visit; one call tells."""
    moved = row.get("moved")
    return CALL_FIRST if moved is not None and moved > row["score"] else None


def is_stale(day: date, today: date) -> bool:
    return today - day >= STALE


def old_list(day: date) -> str:
    """For every copy of a list that `is_stale`; the page says the same."""
    told = f"Esta lista es antigua. Se hizo con lo que se sabía el {said_date(day)}."
    return f"{told} Pregunte a la secretaría por la lista de esta semana antes de llamar."


def not_known(observed: Mapping[str, date | None], day: date) -> list[str]:
    """The box "lo que este sistema no sabe" for one student."""
    told = [UNSEEN[table] for table in UNSEEN if observed.get(table) is None]
    for table, sentence in OUTDATED.items():
        seen = observed.get(table)
        if seen is not None and day - seen > OLD[table]:
            told.append(sentence.format(day=said_date(seen)))
    return told + [sentence.format(day=said_date(day)) for sentence in ALWAYS]
