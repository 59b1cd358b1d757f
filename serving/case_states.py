"""How the follow-up of each child on a list stands: nobody has been in contact, somebody has it, or somebody spoke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, not_, or_, select

from serving import assignments, contacts
from serving.contact_tables import assignments as given
from serving.contact_tables import contacts as logged
from serving.contact_words import MISTAKE
from serving.reach import Reach
from serving.reach_filter import within

NO_CONTACT, ASSIGNED, CONTACTED = "NO_CONTACT", "ASSIGNED", "CONTACTED"
LATELY = timedelta(weeks=4)
"""As long as a contact keeps a child off the to-do list (models.list_order.OrderRules.follow_weeks)."""


@dataclass(frozen=True)
class CaseState:
    """Any contact counts, whatever its kind and whatever it found: nobody should have to log a better one."""

    state: str = NO_CONTACT
    contacted_on: date | None = None
    outcome: str | None = None
    next_on: date | None = None
    assigned_to: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, date) else value for name, value in vars(self).items()}


@dataclass(frozen=True)
class StateWanted:
    """Only the children who stand so; contacts before `since` no longer count."""

    state: str
    since: date


def since(today: date) -> date:
    return today - LATELY + timedelta(days=1)


def states_of(connection: Connection, reach: Reach, students: Sequence[str], since: date) -> dict[str, CaseState]:
    """Every one of these children with their state."""
    spoken = contacts.of_students(connection, reach, students)
    workers = assignments.open_of(connection, reach, students)
    return {student: _state(spoken.get(student, []), workers.get(student), since) for student in students}


def _state(spoken: Sequence[contacts.Contact], given_to: assignments.Assignment | None, since: date) -> CaseState:
    worker = given_to.worker if given_to else None
    last = next((one for one in spoken if one.stands and one.contacted_on >= since), None)
    owed = contacts.promised(spoken)
    if last is None:
        return CaseState(ASSIGNED if worker else NO_CONTACT, next_on=owed.next_on if owed else None, assigned_to=worker)
    return CaseState(CONTACTED, last.contacted_on, last.outcome, owed.next_on if owed else None, worker)


def condition(columns: Any, wanted: StateWanted, reach: Reach) -> ColumnElement[bool]:
    """The rows of a list whose child stands so, for a reader of this reach."""
    spoken, has_worker = _spoken(columns, reach, wanted.since), _has_worker(columns, reach)
    if wanted.state == CONTACTED:
        return spoken
    return and_(not_(spoken), has_worker if wanted.state == ASSIGNED else not_(has_worker))


def followed(columns: Any, reach: Reach, since: date) -> ColumnElement[bool]:
    """The rows whose child has a contact or a worker."""
    return or_(_spoken(columns, reach, since), _has_worker(columns, reach))


def _spoken(columns: Any, reach: Reach, since: date) -> ColumnElement[bool]:
    counts = (logged.c.contacted_on >= since, logged.c.outcome != MISTAKE)
    lately = contacts.standing().where(*counts, *within(logged.c, reach)).subquery()
    found: ColumnElement[bool] = columns.student_id.in_(select(lately.c.student_id))
    return found


def _has_worker(columns: Any, reach: Reach) -> ColumnElement[bool]:
    held = assignments.in_force().where(*within(given.c, reach)).subquery()
    found: ColumnElement[bool] = columns.student_id.in_(select(held.c.student_id))
    return found


def pulse(connection: Connection, reach: Reach) -> str:
    """Changes whenever a contact is logged or a child handed on, as far as this reader sees: for an ETag."""
    counted = (select(func.count()).select_from(table).where(*within(table.c, reach)) for table in (logged, given))
    return "-".join(str(connection.execute(one).scalar()) for one in counted)
