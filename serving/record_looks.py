"""Who has looked at one child's record, as the audit tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from serving.people import ROLE_NAMES
from serving.profiles import about
from serving.settings import BOGOTA
from serving.tables import audit

MOST = 20
ACTIONS = {"see_student": "Consultó el registro"}
WROTE = "Anotó algo del seguimiento"


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


def looks_at(connection: Connection, student_id: str) -> Looks:
    there = audit.c.thing == about(student_id)
    newest = select(audit).where(there).order_by(audit.c.id.desc()).limit(MOST)
    count = connection.execute(select(func.count()).select_from(audit).where(there)).scalar_one()
    rows = connection.execute(newest)
    return Looks(tuple(_look(row.at, row.by, row.role, row.action, row.detail) for row in rows), count)


def _look(at: datetime, by: str, role: str, action: str, detail: str) -> Look:
    told = dict(zip(map(str, ROLE_NAMES), ROLE_NAMES.values(), strict=True))
    return Look(
        at.astimezone(BOGOTA), by, told.get(role, "programa"), ACTIONS.get(action, WROTE), "con nombre" in detail
    )
