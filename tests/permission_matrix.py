"""Who may do what where, told as rules of the work and not as the program has it, and what every address asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from drawn_lists import ESPERANZA, LATIR

from serving.people import WHOLE_SECRETARIAT, Person, Reach, Role
from serving.permissions import Action
from serving.reach import Part, Scope, read_reach

REACHES: dict[Scope, Reach] = {
    Scope.SECRETARIAT: WHOLE_SECRETARIAT,
    Scope.COMUNA: Reach(frozenset({Part(Scope.COMUNA, comuna="Comuna 14")}), frozenset({ESPERANZA, LATIR})),
    Scope.INSTITUTION: read_reach([ESPERANZA]),
    Scope.CAMPUS: read_reach([f"{ESPERANZA}/01"]),
    Scope.GROUP: read_reach([f"{ESPERANZA}/01/6/602"]),
}


# The work, in a few sentences

ATTENDS = {Role.COVERAGE, Role.SUPERVISOR, Role.SCHOOL}
"""They call families: they see the children they attend by name, log contacts and say what they think."""
STUDIES = {Role.DATA_SCIENTIST}
"""They see the same rows by pseudonym, and write nothing about a child."""
OFFICE = {Role.COVERAGE, Role.SUPERVISOR}
"""The secretariat's own teams."""
OF_A_CHILD = {
    Action.SEE_LIST: ATTENDS | STUDIES,
    Action.SEE_STUDENT: ATTENDS | STUDIES,
    Action.EXPORT: ATTENDS | STUDIES,
    Action.SEE_NAMES: ATTENDS,
    Action.LOG_CONTACT: ATTENDS,
    Action.FEEDBACK: ATTENDS,
    Action.READ_NOTES: OFFICE,
    Action.EXPORT_BULK: OFFICE,
    Action.ASSIGN: {Role.SUPERVISOR},
    Action.SEE_ACCESSES: {Role.SUPERVISOR},
}
OF_THE_SECRETARIAT = {
    Action.IMPORT: OFFICE,
    Action.PUBLISH_LIST: {Role.SUPERVISOR},
    Action.ROLLBACK_LIST: {Role.SUPERVISOR},
    Action.HOLD_LIST: {Role.SUPERVISOR, Role.ADMIN},
    Action.MANAGE_PEOPLE: {Role.ADMIN},
    Action.SEE_AUDIT: {Role.AUDITOR},
}
"""What touches every school: only for who answers for all of them."""
OF_NOBODY = {
    Action.SCORE: ATTENDS | STUDIES,
    Action.SEE_MODEL: set(Role),
    Action.SEE_RUN: set(Role) - {Role.SCHOOL},
}
"""No child and no school is in it, so it does not matter how far one reaches."""


def may(role: Role, action: Action, scope: Scope) -> bool:
    if action in OF_THE_SECRETARIAT:
        return role in OF_THE_SECRETARIAT[action] and scope is Scope.SECRETARIAT
    return role in (OF_A_CHILD | OF_NOBODY)[action]


# What every address asks for

OPEN, SIGNED = "open", "signed in"
"""Anybody may open it; anybody who is signed in, about themselves or about nothing."""
NEEDS: dict[str, Action | str] = {
    **dict.fromkeys(("GET /api/openapi.json", "HEAD /api/openapi.json", "GET /api/docs", "GET /livez"), OPEN),
    **dict.fromkeys(("GET /readyz", "GET /metrics", "GET /version", "GET /entrar", "POST /entrar", "GET /"), OPEN),
    **dict.fromkeys(("GET /entrar/codigo", "POST /entrar/codigo", "GET /invitacion", "POST /invitacion"), OPEN),
    **dict.fromkeys(("GET /entrar/institucional", "GET /entrar/institucional/vuelta", "POST /salir"), OPEN),
    **dict.fromkeys(("GET /cuenta", "POST /cuenta/contrasena", "POST /cuenta/segundo-paso"), SIGNED),
    **dict.fromkeys(("GET /segundo-paso", "POST /segundo-paso", "POST /cuenta/sesiones"), SIGNED),
    **dict.fromkeys(("POST /cuenta/fichas", "POST /cuenta/fichas/retirar"), SIGNED),
    **dict.fromkeys(("GET /guias", "GET /guias/{family}", "POST /lista/vistas/{id}/borrar"), SIGNED),
    "GET /api/v1/risk-lists": Action.SEE_LIST,
    "GET /api/v1/risk-lists/{day}": Action.SEE_LIST,
    "GET /api/v1/institutions/{dane}/watchlist": Action.SEE_LIST,
    "GET /api/v1/risk-lists/{day}/file": Action.EXPORT,
    "GET /api/v1/students/{student}": Action.SEE_STUDENT,
    "POST /api/v1/contacts": Action.LOG_CONTACT,
    "POST /api/v1/feedback": Action.FEEDBACK,
    "POST /api/v1/assignments": Action.ASSIGN,
    "GET /api/v1/model": Action.SEE_MODEL,
    "POST /api/v1/score": Action.SCORE,
    "GET /lista": Action.SEE_LIST,
    "GET /lista/cambios": Action.SEE_LIST,
    "POST /lista/vistas": Action.SEE_LIST,
    "GET /instituciones": Action.SEE_LIST,
    "GET /instituciones/{dane}": Action.SEE_LIST,
    "GET /instituciones/{dane}/datos": Action.SEE_NAMES,
    "GET /instituciones/{dane}/datos/descargar": Action.SEE_NAMES,
    "GET /mapa": Action.SEE_LIST,
    "GET /lista/descargar": Action.EXPORT,
    "GET /paquetes": Action.EXPORT_BULK,
    "POST /paquetes": Action.EXPORT_BULK,
    "GET /paquetes/{job}": Action.EXPORT_BULK,
    "GET /estudiantes/{student}": Action.SEE_STUDENT,
    "GET /estudiantes/{student}/contactos/nuevo": Action.LOG_CONTACT,
    "POST /estudiantes/{student}/contactos/nuevo": Action.LOG_CONTACT,
    "GET /estudiantes/{student}/contactos/{contact}/corregir": Action.LOG_CONTACT,
    "POST /estudiantes/{student}/contactos/{contact}/corregir": Action.LOG_CONTACT,
    "POST /estudiantes/{student}/opinion": Action.FEEDBACK,
    "GET /mis-casos": Action.LOG_CONTACT,
    "GET /estudiantes/{student}/asignar": Action.ASSIGN,
    "POST /estudiantes/{student}/asignar": Action.ASSIGN,
    "GET /por-asignar": Action.ASSIGN,
    "POST /por-asignar": Action.ASSIGN,
    "GET /modelo": Action.SEE_MODEL,
    "GET /corridas": Action.SEE_RUN,
    "POST /corridas/publicar": Action.PUBLISH_LIST,
    "POST /corridas/vigilar": Action.PUBLISH_LIST,
    "POST /corridas/detener": Action.HOLD_LIST,
    "POST /corridas/reanudar": Action.PUBLISH_LIST,
    "POST /corridas/devolver": Action.ROLLBACK_LIST,
    **dict.fromkeys(
        ("GET /cargas", "POST /cargas", "GET /cargas/{id}", "GET /cargas/{id}/anotado/{number}"), Action.IMPORT
    ),
    **dict.fromkeys(("POST /cargas/{id}/aceptar", "POST /cargas/{id}/descartar"), Action.IMPORT),
    **dict.fromkeys(("GET /administracion", "POST /administracion/usuarios"), Action.MANAGE_PEOPLE),
    "GET /administracion/usuarios/{code}": Action.MANAGE_PEOPLE,
    **{
        f"POST /administracion/usuarios/{{code}}/{what}": Action.MANAGE_PEOPLE
        for what in ("alcance", "rol", "correo", "restablecer", "sesiones", "fichas", "cerrar", "abrir")
    },
    "GET /auditoria": Action.SEE_AUDIT,
    "POST /auditoria/verificar": Action.SEE_AUDIT,
}


@dataclass(frozen=True)
class Cell:
    role: Role
    action: Action
    scope: Scope

    @property
    def person(self) -> Person:
        return Person(f"{self.role.value}-{self.scope.value}", self.role, REACHES[self.scope])

    @property
    def yes(self) -> bool:
        return may(self.role, self.action, self.scope)


def cells() -> Iterator[Cell]:
    """Every role with every action in every reach."""
    return (Cell(*one) for one in product(Role, Action, REACHES))
