"""The children whose data somebody in contact with them found to be wrong: what a school puts right in its register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, Select, select

from serving import contacts, feedback
from serving.contact_tables import contacts as logged
from serving.contact_tables import feedback as said
from serving.contact_words import WRONG_DATA, WRONG_NUMBER
from serving.contacts import Contact
from serving.permissions import AboutAPupil
from serving.reach import GROUP, Reach
from serving.reach_filter import within
from serving.settings import BOGOTA
from serving.tables import scores

LATELY = timedelta(weeks=8)
Students = Select[tuple[str]]


@dataclass(frozen=True)
class ToCheck(AboutAPupil):
    """A child where it is now, and since when its telephone, or what the list says of it, is said to be wrong."""

    student_id: str
    institution_id: str
    campus_id: str | None
    grade: int | None
    class_group: str | None
    wrong_number: date | None
    wrong_data: date | None


def to_check(connection: Connection, publication: str, institution: str, reach: Reach, today: date) -> list[ToCheck]:
    """The children of one school, as a publication has them and within a reach, with the newest word first."""
    here = scores.c
    place = (here.student_id, here.institution_id, *(here[name] for name in GROUP))
    of_school = (here.publication_id == publication, here.institution_id == institution, *within(here, reach))
    students = select(here.student_id).where(*of_school)
    numbers = wrong_numbers(connection, reach, students, today - LATELY)
    data = wrong_data(connection, reach, students, today - LATELY)
    chosen = select(*place).where(*of_school, here.student_id.in_(sorted({*numbers, *data})))
    rows = connection.execute(chosen).mappings().all()
    days = [(numbers.get(row["student_id"]), data.get(row["student_id"])) for row in rows]
    found = [ToCheck(**row, wrong_number=told[0], wrong_data=told[1]) for row, told in zip(rows, days, strict=True)]
    return sorted(found, key=_newest_first)


def _newest_first(one: ToCheck) -> tuple[int, str]:
    newest = max(day for day in (one.wrong_number, one.wrong_data) if day)
    return -newest.toordinal(), one.student_id


def wrong_numbers(connection: Connection, reach: Reach, of: Students, since: date) -> Mapping[str, date]:
    """Of whom the telephone is somebody else's, and since when; not once somebody was found by whatever way."""
    told = logged.c
    where = (told.student_id.in_(of), told.outcome == WRONG_NUMBER, told.contacted_on >= since)
    wrong = contacts.standing().where(*where, *within(told, reach)).subquery()
    students = list(connection.execute(select(wrong.c.student_id).distinct()).scalars())
    spoken = contacts.of_students(connection, reach, students)
    found = {student: _still_wrong(spoken[student]) for student in students}
    return {student: day for student, day in found.items() if day is not None}


def _still_wrong(spoken: Iterable[Contact]) -> date | None:
    """`spoken`: of one child, the newest first."""
    for one in spoken:
        if one.found_somebody:
            return None
        if one.outcome == WRONG_NUMBER:
            return one.contacted_on
    return None


def wrong_data(connection: Connection, reach: Reach, of: Students, since: date) -> Mapping[str, date]:
    """Of whom somebody's last word is that the list rests on wrong data, and the day of that word."""
    begins = datetime.combine(since, time(), BOGOTA)
    last = feedback.last_of_each(connection, reach, said.c.student_id.in_(of))
    stand = [one for one in last if one.verdict == WRONG_DATA and one.at >= begins]
    return {one.student_id: one.at.astimezone(BOGOTA).date() for one in reversed(stand)}
