"""What a contact can be, what it can find, and what comes next: closed lists, with the words that people read."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {
    "CALL": "Llamada",
    "MESSAGE": "Mensaje",
    "VISIT": "Visita",
    "SCHOOL_REPORT": "Reporte de la institución",
    "MEETING": "Reunión",
}
KIND_IN_RECORDS = {"CALL": "PHONE_CALL", "MESSAGE": "OTHER", "VISIT": "HOME_VISIT", "MEETING": "OTHER"}
KIND_IN_RECORDS |= {"SCHOOL_REPORT": "SCHOOL_REPORT"}
"""As the table `visit` of the archive calls it (features.schema)."""


@dataclass(frozen=True)
class Outcome:
    """What was found: in words, as the archive codes it, and where to the child went if it went."""

    words: str
    finding: str
    destination: str | None = None


NO_ANSWER, WRONG_NUMBER, MISTAKE = "NO_ANSWER", "WRONG_NUMBER", "MISTAKE"
NOT_FOUND = "NOT_FOUND"  # the finding of who met nobody
OUTCOMES = {
    NO_ANSWER: Outcome("No contesta", "NOT_FOUND"),
    WRONG_NUMBER: Outcome("Teléfono equivocado", "NOT_FOUND"),
    "NOBODY_HOME": Outcome("Nadie en casa, o dirección equivocada", "NOT_FOUND"),
    "REFUSED": Outcome("La familia prefirió no hablar", "NOT_FOUND"),
    "ATTENDING": Outcome("Asiste a clase", "ATTENDING"),
    "RETURNED": Outcome("Había dejado de ir y ya regresó", "RETURNED"),
    "ABSENT_COMING_BACK": Outcome("No asiste por ahora y dice que vuelve", "ABSENT"),
    "ABSENT": Outcome("No asiste por ahora y no sabe si vuelve", "ABSENT"),
    "LEFT_WORK": Outcome("Ya no estudia: trabaja", "LEFT"),
    "LEFT_CARE": Outcome("Ya no estudia: cuida a alguien o la casa", "LEFT"),
    "LEFT_MEANS": Outcome("Ya no estudia: falta dinero, transporte o conexión", "LEFT"),
    "LEFT_LEARNING": Outcome("Ya no estudia: le costaba aprender o no quería", "LEFT"),
    "LEFT": Outcome("Ya no estudia: otro motivo o sin decir", "LEFT"),
    "ELSEWHERE_HERE": Outcome("Estudia en otra institución de la ciudad", "ELSEWHERE", "SAME_CITY"),
    "ELSEWHERE_AWAY": Outcome("Estudia en otra ciudad", "ELSEWHERE", "OTHER_CITY"),
    "MOVED_CITY": Outcome("Se fue a otra ciudad; no se sabe si estudia", "MIGRATED", "OTHER_CITY"),
    "MOVED_COUNTRY": Outcome("Se fue a otro país; no se sabe si estudia", "MIGRATED", "OTHER_COUNTRY"),
    "BACK_TO_VENEZUELA": Outcome("Regresó a Venezuela; no se sabe si estudia", "MIGRATED", "VENEZUELA"),
    "DATA_ERROR": Outcome("Error de datos: la matrícula no es cierta o está repetida", "DATA_ERROR"),
    "DECEASED": Outcome("Falleció", "DECEASED"),
    MISTAKE: Outcome("Anotado por error: no fue con este estudiante", "NOT_FOUND"),
}
"""Who left, who went away and who was never there are told apart: the model learns from these."""

OUTCOME_GROUPS = (
    ("Nadie respondió", ("NO_ANSWER", "WRONG_NUMBER", "NOBODY_HOME", "REFUSED")),
    ("Sigue matriculado", ("ATTENDING", "RETURNED", "ABSENT_COMING_BACK", "ABSENT")),
    ("Ya no estudia", ("LEFT_WORK", "LEFT_CARE", "LEFT_MEANS", "LEFT_LEARNING", "LEFT")),
    ("Estudia en otra parte o se fue", ("ELSEWHERE_HERE", "ELSEWHERE_AWAY", "MOVED_CITY", "MOVED_COUNTRY",
                                        "BACK_TO_VENEZUELA")),
    ("Otra situación", ("DATA_ERROR", "DECEASED")),
)  # fmt: skip

NEXT_STEPS = {
    "CALL_AGAIN": "Volver a llamar",
    "VISIT": "Visitar",
    "ASK_SCHOOL": "Pedir reporte a la institución",
    "REFER": "Remitir a un programa",
    "CHECK_RETURN": "Confirmar el regreso a clase",
}

WRONG_DATA = "WRONG_DATA"
VERDICTS = {
    "USEFUL": "Útil",
    "NOT_USEFUL": "No útil",
    "NOT_APPLICABLE": "No aplica",
    WRONG_DATA: "Dato errado",
}
STATES = {"NO_CONTACT": "Sin contacto", "ASSIGNED": "Asignado", "CONTACTED": "Contactado"}
