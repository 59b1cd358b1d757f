"""Who may do what, and why not: every rule answers with a sentence, and names are learnt only here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from serving import roster
from serving.database import By, Database
from serving.people import ROLE_NAMES, Person, Role


class Action(StrEnum):
    SEE_LIST = "see_list"
    SEE_STUDENT = "see_student"
    SEE_NAMES = "see_names"
    EXPORT = "export"
    SCORE = "score"
    SEE_MODEL = "see_model"


class Placed(Protocol):
    """Anything that belongs to one school: a student, a watchlist."""

    @property
    def institution_id(self) -> str: ...


@dataclass(frozen=True)
class Place:
    institution_id: str


@dataclass(frozen=True)
class Pupil:
    student_id: str
    institution_id: str


ALL = frozenset(Action)
WITHOUT_NAMES = ALL - {Action.SEE_NAMES}
MAY: dict[Role, frozenset[Action]] = {
    Role.COVERAGE: ALL,
    Role.SUPERVISOR: ALL,
    Role.SCHOOL: ALL,
    Role.DATA_SCIENTIST: WITHOUT_NAMES,
    Role.ADMIN: frozenset({Action.SEE_MODEL}),
    Role.AUDITOR: frozenset({Action.SEE_MODEL}),
}
WHAT = {
    Action.SEE_LIST: "consultar la lista de la semana",
    Action.SEE_STUDENT: "consultar el registro de un estudiante",
    Action.SEE_NAMES: "ver nombres: trabaja con seudónimos",
    Action.EXPORT: "descargar la lista",
    Action.SCORE: "calcular puntajes",
    Action.SEE_MODEL: "consultar el modelo",
}


def why_not(person: Person, action: Action, thing: Placed | None = None) -> str | None:
    """The sentence that explains a refusal, or None when nothing stands in the way."""
    if not person.active:
        return "Este usuario está cerrado."
    if action not in MAY[person.role]:
        return f"El rol «{ROLE_NAMES[person.role]}» no puede {WHAT[action]}."
    if thing is not None and not person.reach.covers(thing.institution_id):
        return "Ese registro no pertenece a las instituciones que usted atiende."
    return None


def may(person: Person, action: Action, thing: Placed | None = None) -> bool:
    return why_not(person, action, thing) is None


def who_can_see(institution_name: str) -> tuple[str, ...]:
    """The sentences of the box "quién puede ver este registro"."""
    return (
        "El equipo de cobertura de la secretaría y su supervisión, con nombre.",
        f"El personal autorizado de {institution_name}, con nombre.",
        "Ciencia de datos, solo con seudónimo.",
        "Cada consulta con nombre queda registrada: quién, cuándo y cuál registro.",
    )


def names_of(person: Person, pupils: Iterable[Pupil], database: Database, by: By, why: str) -> dict[str, str]:
    """The names this person may see among these students; leaves one line in the audit."""
    allowed = [pupil.student_id for pupil in pupils if may(person, Action.SEE_NAMES, pupil)]
    if not allowed:
        return {}
    with database.writing(by, "see_names", why) as (connection, entry):
        entry.detail = f"{len(allowed)} estudiantes"
        return roster.names_of(connection, allowed)


def exported_names(person: Person, pupils: Iterable[Pupil], database: Database, by: By, list_id: str) -> dict[str, str]:
    """Like `names_of`, for a copy that leaves the service: it is noted with or without names."""
    asked = list(pupils)
    allowed = [pupil.student_id for pupil in asked if may(person, Action.SEE_NAMES, pupil)]
    with database.writing(by, "export", f"list:{list_id}") as (connection, entry):
        entry.detail = f"{len(asked)} estudiantes, {len(allowed)} con nombre"
        return roster.names_of(connection, allowed)


def identity_of(person: Person, pupil: Pupil, database: Database, by: By) -> roster.Identity | None:
    """Name and telephone of one student, for who may see them; leaves one line in the audit."""
    if not may(person, Action.SEE_NAMES, pupil):
        return None
    with database.writing(by, "see_identity", f"student:{pupil.student_id}") as (connection, _):
        return roster.identity_of(connection, pupil.student_id)
