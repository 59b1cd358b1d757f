"""What people decide about the lists: to stop the next one, to let it go on, to go back to the one before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from serving.connecting import one_at_a_time
from serving.database import By, Database
from serving.faults import Refused
from serving.settings import BOGOTA
from serving.tables import audit, pointers

NEXT_LIST = "next_list"
HOLD, RELEASE, ROLLBACK, REVIEW = "hold_list", "release_list", "rollback_list", "review_intake"
WHY = {
    "archivo-incompleto": "Un archivo llegó incompleto o equivocado.",
    "cifras-sin-explicar": "Las cifras cambiaron y nadie sabe por qué.",
    "modelo": "Hay dudas sobre el modelo.",
    "decision": "Lo decidió la secretaría.",
}
"""A closed list: a free text would end in the audit with a child's name in it."""

STOPPED = "La publicación está detenida desde el {at:%d/%m/%Y} por {who}. {why} Reanúdela en la página de corridas."
CHANGED = "La lista en uso cambió mientras usted leía. Vuelva a abrir la página de corridas."
NO_EARLIER = "No hay una lista anterior a la cual volver."


@dataclass(frozen=True)
class Decision:
    """One line of the audit that decided something."""

    action: str
    who: str
    at: datetime
    why: str


def stopped(connection: Connection) -> Decision | None:
    """Who stopped the next list, unless it was let go on since. The audit itself is the record."""
    told = select(audit).where(audit.c.thing == NEXT_LIST, audit.c.action.in_((HOLD, RELEASE)))
    last = connection.execute(told.order_by(audit.c.id.desc()).limit(1)).one_or_none()
    return _decision(last) if last and last.action == HOLD else None


def _decision(line: Row[Any]) -> Decision:
    return Decision(line.action, line.by, line.at.astimezone(BOGOTA), line.detail)


def refuse_if_stopped(database: Database) -> None:
    with database.reading() as connection:
        if decided := stopped(connection):
            raise Refused(STOPPED.format(at=decided.at, who=decided.who, why=decided.why))


def hold(database: Database, by: By, why: str) -> None:
    """No list is made from now on, by a page or by the clock; the one in use stays."""
    with database.writing(by, HOLD, NEXT_LIST) as (connection, entry):
        one_at_a_time(connection, "publish")
        entry.skip, entry.detail = stopped(connection) is not None, WHY[why]


def release(database: Database, by: By) -> None:
    with database.writing(by, RELEASE, NEXT_LIST) as (connection, entry):
        one_at_a_time(connection, "publish")
        entry.skip = stopped(connection) is None


def go_back(database: Database, by: By, id: str, why: str) -> str:
    """The list `id` is no longer shown, and the one of the week before is in use again; gives that one.

    What was published stays as it is: made again for its day, the same list is back.
    """
    with database.writing(by, ROLLBACK, id) as (connection, entry):
        one_at_a_time(connection, "publish")
        newest = connection.execute(select(pointers).order_by(pointers.c.day.desc()).limit(2)).all()
        if not newest or newest[0].publication_id != id:
            raise Refused(CHANGED)
        if len(newest) < 2:
            raise Refused(NO_EARLIER)
        connection.execute(delete(pointers).where(pointers.c.day == newest[0].day))
        entry.detail = WHY[why]
        return str(newest[1].publication_id)


def decided_about(connection: Connection, ids: Iterable[str]) -> dict[str, list[Decision]]:
    """Who published each list, and who took it back, in their order."""
    told = select(audit).where(audit.c.thing.in_(list(ids)), audit.c.action.in_(("publish", ROLLBACK)))
    found: dict[str, list[Decision]] = {}
    for line in connection.execute(told.order_by(audit.c.id)):
        found.setdefault(line.thing, []).append(_decision(line))
    return found
