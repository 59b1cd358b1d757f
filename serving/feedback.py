"""What those who know a child say of a prediction: useful, not useful, does not apply, or rests on wrong data."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from serving import notes
from serving.contact_tables import feedback
from serving.database import By
from serving.once import Call, done_before
from serving.permissions import Pupil
from serving.reach import Reach
from serving.reach_filter import within

LONGEST_NOTE = 280


@dataclass(frozen=True)
class Opinion:
    id: str
    student_id: str
    institution_id: str
    publication_id: str
    verdict: str
    note_id: str | None
    by: str
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
    made = Opinion(id, pupil.student_id, pupil.institution_id, publication_id, verdict, noted, by.who, **pupil.group)
    connection.execute(insert(feedback).values(**vars(made), at=by.at, **digests))
    return made


def last_by(connection: Connection, reach: Reach, student_id: str, publication_id: str, who: str) -> Opinion | None:
    """What this person said last of the child on that publication."""
    theirs = (feedback.c.student_id == student_id, feedback.c.publication_id == publication_id, feedback.c.by == who)
    chosen = select(feedback).where(*theirs, *within(feedback.c, reach)).order_by(feedback.c.at.desc()).limit(1)
    row = connection.execute(chosen).one_or_none()
    return _read(row) if row else None


def _read(row: Row[Any]) -> Opinion:
    return Opinion(**{name: getattr(row, name) for name in Opinion.__dataclass_fields__})
