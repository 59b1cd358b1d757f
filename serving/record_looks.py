"""Who has looked at one child's record, as the audit tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from serving.people import ROLE_NAMES, Reach, find_person
from serving.profiles import about
from serving.settings import BOGOTA
from serving.tables import audit

MOST = 20
ACTIONS = {"see_student": "Consultó el registro"}
WROTE = "Anotó algo del seguimiento"
REFUSED, TRIED = "sin respuesta", "Lo intentó y no se le mostró"
SOMEBODY = "personal que usted no atiende"


@dataclass(frozen=True)
class Look:
    at: datetime
    by: str
    role: str
    did: str
    named: bool  # the child's name was shown


@dataclass(frozen=True)
class Looks:
    """The latest, the newest first, and how many there are in all."""

    latest: tuple[Look, ...]
    count: int


def looks_at(connection: Connection, student_id: str, reach: Reach) -> Looks:
    """As a reader of this reach may see it: who works only where they do not reach is not named."""
    there = audit.c.thing == about(student_id)
    newest = select(audit).where(there).order_by(audit.c.id.desc()).limit(MOST)
    count = connection.execute(select(func.count()).select_from(audit).where(there)).scalar_one()
    rows = connection.execute(newest).all()
    named = {who: who if _is_near(connection, who, reach) else SOMEBODY for who in {row.by for row in rows}}
    return Looks(tuple(_look(row.at, named[row.by], row.role, row.action, row.detail) for row in rows), count)


def _is_near(connection: Connection, who: str, reach: Reach) -> bool:
    """Programs, and people who are gone from the register, are named as they were written."""
    person = find_person(connection, who)
    return person is None or person.reach.meets(reach)


def _look(at: datetime, by: str, role: str, action: str, detail: str) -> Look:
    told = dict(zip(map(str, ROLE_NAMES), ROLE_NAMES.values(), strict=True))
    did = TRIED if detail == REFUSED else ACTIONS.get(action, WROTE)
    return Look(at.astimezone(BOGOTA), by, told.get(role, "programa"), did, "con nombre" in detail)
