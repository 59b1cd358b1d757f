"""Who may do what, and how far: the whole table of roles and actions, as data and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from serving.people import Role


class Action(StrEnum):
    SEE_LIST = "see_list"
    SEE_STUDENT = "see_student"
    SEE_NAMES = "see_names"
    READ_NOTES = "read_notes"
    SEE_ACCESSES = "see_accesses"
    EXPORT = "export"
    EXPORT_BULK = "export_bulk"
    LOG_CONTACT = "log_contact"
    FEEDBACK = "feedback"
    ASSIGN = "assign"
    SCORE = "score"
    SEE_MODEL = "see_model"
    SEE_RUN = "see_run"
    IMPORT = "import"
    PUBLISH_LIST = "publish_list"
    HOLD_LIST = "hold_list"
    ROLLBACK_LIST = "rollback_list"
    MANAGE_PEOPLE = "manage_people"
    SEE_AUDIT = "see_audit"


class Extent(StrEnum):
    """How a role's reach bounds an action."""

    WITHIN = "within"  # on what the reach covers
    WHOLE = "whole"  # only with a reach over the whole secretariat, since it touches every school
    ANYWHERE = "anywhere"  # no child and no school is touched


@dataclass(frozen=True)
class Rule:
    extent: Extent
    roles: frozenset[Role]
    to: str  # completes the sentence: the role "…" may not …


def _rule(extent: Extent, to: str, *roles: Role) -> Rule:
    return Rule(extent, frozenset(roles), to)


COVERAGE, SUPERVISOR, SCHOOL = Role.COVERAGE, Role.SUPERVISOR, Role.SCHOOL
SCIENTIST, ADMIN, AUDITOR = Role.DATA_SCIENTIST, Role.ADMIN, Role.AUDITOR
WITHIN, WHOLE, ANYWHERE = Extent.WITHIN, Extent.WHOLE, Extent.ANYWHERE

RULES: dict[Action, Rule] = {
    Action.SEE_LIST: _rule(WITHIN, "consultar la lista de la semana", COVERAGE, SUPERVISOR, SCHOOL, SCIENTIST),
    Action.SEE_STUDENT: _rule(
        WITHIN, "consultar el registro de un estudiante", COVERAGE, SUPERVISOR, SCHOOL, SCIENTIST
    ),
    Action.SEE_NAMES: _rule(WITHIN, "ver nombres: trabaja con seudónimos", COVERAGE, SUPERVISOR, SCHOOL),
    Action.READ_NOTES: _rule(WITHIN, "leer notas reservadas de otras personas", COVERAGE, SUPERVISOR),
    Action.SEE_ACCESSES: _rule(WITHIN, "ver quién ha consultado un registro", SUPERVISOR),
    Action.EXPORT: _rule(WITHIN, "descargar la lista", COVERAGE, SUPERVISOR, SCHOOL, SCIENTIST),
    Action.EXPORT_BULK: _rule(WITHIN, "descargar los paquetes de todas las instituciones", COVERAGE, SUPERVISOR),
    Action.LOG_CONTACT: _rule(WITHIN, "registrar contactos", COVERAGE, SUPERVISOR, SCHOOL),
    Action.FEEDBACK: _rule(WITHIN, "opinar sobre una predicción", COVERAGE, SUPERVISOR, SCHOOL),
    Action.ASSIGN: _rule(WITHIN, "asignar estudiantes a un trabajador", SUPERVISOR),
    Action.SCORE: _rule(ANYWHERE, "calcular puntajes", COVERAGE, SUPERVISOR, SCHOOL, SCIENTIST),
    Action.SEE_MODEL: _rule(ANYWHERE, "consultar el modelo", *Role),
    Action.SEE_RUN: _rule(ANYWHERE, "ver cómo se hizo la lista", COVERAGE, SUPERVISOR, SCIENTIST, ADMIN, AUDITOR),
    Action.IMPORT: _rule(WHOLE, "cargar archivos", COVERAGE, SUPERVISOR),
    Action.PUBLISH_LIST: _rule(WHOLE, "publicar listas", SUPERVISOR),
    Action.HOLD_LIST: _rule(WHOLE, "detener una lista", SUPERVISOR, ADMIN),
    Action.ROLLBACK_LIST: _rule(WHOLE, "volver a la lista anterior", SUPERVISOR),
    Action.MANAGE_PEOPLE: _rule(WHOLE, "administrar usuarios", ADMIN),
    Action.SEE_AUDIT: _rule(WHOLE, "consultar el registro de auditoría", AUDITOR),
}
"""What is not written here nobody may do. Acting in the name of another person is not offered to anyone."""
