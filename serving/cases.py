"""Who waits for whom: a worker's own children, those nobody has yet, and the next steps whose day has passed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from serving import assignments, case_states, contacts, published
from serving.assignments import Assignment
from serving.case_states import NO_CONTACT, StateWanted
from serving.contact_tables import contacts as logged
from serving.contacts import Contact
from serving.people import Person
from serving.permissions import Pupil
from serving.published import Publication, Wanted
from serving.reach import Reach
from serving.reach_filter import within


@dataclass(frozen=True)
class Case:
    """A child, the last word on it, and the contact whose next step is still owed."""

    pupil: Pupil
    worker: str | None = None
    last: Contact | None = None
    owed: Contact | None = None
    row: Mapping[str, Any] | None = None  # what the list says of it, for who has no contact yet

    @property
    def reason(self) -> str | None:
        """The first of the list."""
        return self.row["reasons"][0]["sentence"] if self.row and self.row["reasons"] else None

    def overdue(self, today: date) -> bool:
        return contacts.is_overdue(self.owed, today)


def mine(connection: Connection, person: Person) -> list[Case]:
    """The children this worker has: first those whose next step is due soonest, then those without one."""
    given = assignments.open_for(connection, person.reach, person.name)
    spoken = contacts.of_students(connection, person.reach, [one.student_id for one in given])
    cases = [_case(one, spoken.get(one.student_id, [])) for one in given]
    return sorted(cases, key=lambda case: (case.last is not None, _due(case), case.pupil.student_id))


def _case(given: Assignment, spoken: Sequence[Contact]) -> Case:
    return Case(given.pupil, given.worker, _last(spoken), contacts.promised(spoken))


def _last(spoken: Iterable[Contact]) -> Contact | None:
    return next((one for one in spoken if one.stands), None)


def _due(case: Case) -> date:
    return case.owed.next_on if case.owed and case.owed.next_on else date.max


def overdue(connection: Connection, reach: Reach, today: date, limit: int) -> list[Case]:
    """The children to whom a next step was promised by a day that has passed, the longest waiting first."""
    late = contacts.standing().where(logged.c.next_on < today, *within(logged.c, reach)).subquery()
    students = list(connection.execute(select(late.c.student_id).distinct()).scalars())
    spoken = contacts.of_students(connection, reach, students)
    workers = assignments.open_of(connection, reach, students)
    found = [_waiting(student, spoken.get(student, []), workers.get(student)) for student in students]
    waiting = [case for case in found if case and case.overdue(today)]
    return sorted(waiting, key=lambda case: (_due(case), case.pupil.student_id))[:limit]


def _waiting(student: str, spoken: Sequence[Contact], given: Assignment | None) -> Case | None:
    last = _last(spoken)
    return Case(last.pupil, given.worker if given else None, last, contacts.promised(spoken)) if last else None


def unassigned(connection: Connection, publication: Publication, wanted: Wanted) -> list[Case]:
    """Who is on the list and has neither worker nor contact, in the order of the list; `wanted` says which."""
    found = published.rows(connection, publication.id, wanted)
    return [Case(row.pupil, row=json.loads(row.body)) for row in found]


def without_contact(today: date) -> StateWanted:
    return StateWanted(NO_CONTACT, case_states.since(today))
