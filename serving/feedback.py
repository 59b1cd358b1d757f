"""What those who know a child say of a prediction: useful, not useful, does not apply, or rests on wrong data."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from serving import notes
from serving.contact_tables import feedback
from serving.database import By
from serving.once import Call, done_before
from serving.people import Person
from serving.permissions import AboutAPupil, Action, Pupil, may
from serving.reach import Reach
from serving.reach_filter import within
from serving.settings import BOGOTA

LONGEST_NOTE = 280


@dataclass(frozen=True)
class Opinion(AboutAPupil):
    id: str
    student_id: str
    institution_id: str
    publication_id: str
    verdict: str
    note_id: str | None
    by: str
    at: datetime
    campus_id: str | None = None  # where the child was then
    grade: int | None = None
    class_group: str | None = None


def say(
    connection: Connection, pupil: Pupil, publication_id: str, verdict: str, note: str | None, by: By, call: Call
) -> Opinion:
    """Keeps an opinion on what a publication said of a child. A change of mind is a new line; the last one counts."""
    digests = call.digests(["feedback", pupil.student_id, publication_id, verdict, note])
    if before := done_before(connection, feedback, digests):
        return _read(before)
    noted = notes.keep(connection, pupil, note, by.who)
    id = secrets.token_hex(16)
    told = (publication_id, verdict, noted, by.who, by.at)
    made = Opinion(id, pupil.student_id, pupil.institution_id, *told, **pupil.group)
    connection.execute(insert(feedback).values(**vars(made), **digests))
    return made


def last_by(connection: Connection, reach: Reach, student_id: str, publication_id: str, who: str) -> Opinion | None:
    """What this person said last of the child on that publication."""
    theirs = (feedback.c.student_id == student_id, feedback.c.publication_id == publication_id, feedback.c.by == who)
    chosen = select(feedback).where(*theirs, *within(feedback.c, reach)).order_by(feedback.c.at.desc()).limit(1)
    row = connection.execute(chosen).one_or_none()
    return _read(row) if row else None


def last_of_each(connection: Connection, reach: Reach, *about: ColumnElement[bool]) -> list[Opinion]:
    """Of each child what each person said last, whatever the list, the newest first; `about`: of which children."""
    chosen = select(feedback).where(*about, *within(feedback.c, reach)).order_by(feedback.c.at)
    last = {(row.student_id, row.by): _read(row) for row in connection.execute(chosen)}
    return sorted(last.values(), key=lambda one: one.at, reverse=True)


def of_student(connection: Connection, reach: Reach, student_id: str) -> list[Opinion]:
    return last_of_each(connection, reach, feedback.c.student_id == student_id)


@dataclass(frozen=True)
class ShownOpinion:
    """An opinion as one reader may see it: who said it and in what words, or that there are words for others."""

    verdict: str
    at: datetime
    by: str | None
    note: str | None
    reserved: bool


def shown(connection: Connection, person: Person, found: Sequence[Opinion]) -> list[ShownOpinion]:
    words = notes.readable(connection, person, [one.note_id for one in found if one.note_id])
    return [_shown(person, one, words.get(one.note_id or "")) for one in found]


def _shown(person: Person, one: Opinion, note: str | None) -> ShownOpinion:
    """Whoever works with pseudonyms is not told who of the staff it was either."""
    named = may(person, Action.SEE_NAMES, one.pupil)
    at = one.at.astimezone(BOGOTA)
    return ShownOpinion(one.verdict, at, one.by if named else None, note, named and bool(one.note_id) and note is None)


def _read(row: Row[Any]) -> Opinion:
    return Opinion(**{name: getattr(row, name) for name in Opinion.__dataclass_fields__})
