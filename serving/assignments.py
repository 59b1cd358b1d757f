"""Who has which child: one worker at a time, handed on by a new line, never by changing an old one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select

from serving.account_tables import accounts
from serving.contact_tables import assignments
from serving.database import By
from serving.once import Call, done_before
from serving.people import Person, Role, find_person
from serving.permissions import AboutAPupil, Action, Pupil, may
from serving.reach import Reach
from serving.reach_filter import within
from serving.tables import people, tokens

NOT_A_WORKER = "Esa persona no puede atender a este estudiante: revise su rol, su alcance y que siga activa."


@dataclass(frozen=True)
class Assignment(AboutAPupil):
    """A line of the history; the one with the highest number is in force, and without a worker it closes."""

    student_id: str
    institution_id: str
    number: int
    worker: str | None
    by: str
    at: datetime
    campus_id: str | None = None  # where the child was then
    grade: int | None = None
    class_group: str | None = None


class NotAWorker(ValueError):  # noqa: N818 - says what is wrong
    def __init__(self) -> None:
        super().__init__(NOT_A_WORKER)


def assign(connection: Connection, pupil: Pupil, worker: str | None, by: By, call: Call) -> Assignment:
    """Hands the child to a worker, or with None to nobody. The same worker again writes nothing new."""
    digests = call.digests(["assignment", pupil.student_id, worker])
    if before := done_before(connection, assignments, digests):
        return _read(before)
    if worker is not None and not may_take(find_person(connection, worker), pupil):
        raise NotAWorker
    past = history(connection, pupil)
    if past and past[0].worker == worker and digests["call_digest"] is None:
        return past[0]
    number = past[0].number + 1 if past else 1
    made = Assignment(pupil.student_id, pupil.institution_id, number, worker, by.who, by.at, **pupil.group)
    connection.execute(insert(assignments).values(**vars(made), **digests))
    return made


def may_take(person: Person | None, pupil: Pupil) -> bool:
    return person is not None and may(person, Action.LOG_CONTACT, pupil)


def history(connection: Connection, pupil: Pupil) -> list[Assignment]:
    """Who has had this child at its school, the last first."""
    same = (assignments.c.student_id == pupil.student_id) & (assignments.c.institution_id == pupil.institution_id)
    rows = connection.execute(select(assignments).where(same).order_by(assignments.c.number.desc()))
    return [_read(row) for row in rows]


def in_force() -> Select[Any]:
    """A selection of the open assignments: the last line of each child and school, where it names who still works here.

    Whoever has left has nobody any more: their children wait for another worker.
    """
    child = (assignments.c.student_id, assignments.c.institution_id)
    last = select(*child, func.max(assignments.c.number).label("number")).group_by(*child).subquery()
    same = and_(*(assignments.c[name] == last.c[name] for name in ("student_id", "institution_id", "number")))
    at_work = (people.c.name == assignments.c.worker) & people.c.active
    return select(assignments).join(last, same).join(people, at_work)


def open_of(connection: Connection, reach: Reach, students: Sequence[str]) -> dict[str, Assignment]:
    """The open assignment of each of these children that has one."""
    chosen = in_force().where(assignments.c.student_id.in_(students), *within(assignments.c, reach))
    return {row.student_id: _read(row) for row in connection.execute(chosen.order_by(assignments.c.at))}


def open_for(connection: Connection, reach: Reach, worker: str) -> list[Assignment]:
    """The children a worker has now, oldest first."""
    chosen = in_force().where(assignments.c.worker == worker, *within(assignments.c, reach))
    return [_read(row) for row in connection.execute(chosen.order_by(assignments.c.at, assignments.c.student_id))]


@dataclass(frozen=True)
class Load:
    """A worker, how many children they have now, and whether they have ever set up a way to come in."""

    worker: Person
    students: int
    has_key: bool = True

    @property
    def takes_a_share(self) -> bool:
        """Schools and supervision take a child by name; an invitation that nobody accepted takes none."""
        return self.worker.role is Role.COVERAGE and self.has_key


def loads(connection: Connection, reach: Reach) -> list[Load]:
    """Whoever may take a child somewhere in this reach, the least laden first."""
    taken = _counts(connection, reach)
    names = connection.execute(select(people.c.name).where(people.c.active)).scalars().all()
    able = [found for name in names if (found := find_person(connection, name)) and may(found, Action.LOG_CONTACT)]
    near = [worker for worker in able if worker.reach.meets(reach)]
    keyed = _with_a_key(connection)
    carried = (Load(one, taken.get(one.name, 0), one.name in keyed) for one in near)
    return sorted(carried, key=lambda load: (load.students, load.worker.name))


def _with_a_key(connection: Connection) -> set[str]:
    """Who has a password, has come in through the provider, or holds a token."""
    come_in = or_(accounts.c.password.is_not(None), accounts.c.subject.is_not(None))
    entered, calling = select(accounts.c.person).where(come_in), select(tokens.c.person)
    return set(connection.execute(entered.union(calling.where(tokens.c.revoked_at.is_(None)))).scalars())


def _counts(connection: Connection, reach: Reach) -> Mapping[str, int]:
    here = in_force().where(*within(assignments.c, reach)).subquery()
    counted = select(here.c.worker, func.count().label("students")).group_by(here.c.worker)
    return {row.worker: row.students for row in connection.execute(counted)}


def shared_out(pupils: Iterable[Pupil], found: Sequence[Load]) -> dict[str, str]:
    """Each child to whoever has least of the coverage team that may take it; who nobody may take is left out."""
    sharing = [load for load in found if load.takes_a_share]
    laden = {load.worker.name: load.students for load in sharing}
    workers = {load.worker.name: load.worker for load in sharing}
    chosen: dict[str, str] = {}
    for pupil in pupils:
        able = [name for name, worker in workers.items() if may_take(worker, pupil)]
        if able:
            least = min(able, key=lambda name: (laden[name], name))
            chosen[pupil.student_id] = least
            laden[least] += 1
    return chosen


def _read(row: Row[Any]) -> Assignment:
    return Assignment(**{name: getattr(row, name) for name in Assignment.__dataclass_fields__})
