"""What a worker writes in free words about a child: sealed like the names, and read by few."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from serving.connecting import sealer_of
from serving.contact_tables import notes
from serving.people import Person
from serving.permissions import Action, Pupil, may

LONGEST = 2_000
WHO_READS = "La leen quien la escribe y, en la secretaría, el equipo de cobertura y su supervisión."


def keep(connection: Connection, pupil: Pupil, words: str | None, author: str) -> str | None:
    """The id of the sealed note; nothing is kept of nothing."""
    plain = (words or "").strip()
    if not plain:
        return None
    id = secrets.token_hex(16)
    sealed = sealer_of(connection).seal(pupil.student_id, {"note": plain})
    place = {"student_id": pupil.student_id, "institution_id": pupil.institution_id, **pupil.group}
    connection.execute(insert(notes).values(id=id, **place, by=author, sealed=sealed))
    return id


def readable(connection: Connection, person: Person, ids: Iterable[str]) -> dict[str, str]:
    """The words of those notes that this person may read, by id."""
    sealer = sealer_of(connection)
    rows = connection.execute(select(notes).where(notes.c.id.in_(sorted(ids)))).all()
    allowed = [row for row in rows if may_read(person, row.by, _pupil(row))]
    return {row.id: sealer.open(row.student_id, bytes(row.sealed)).get("note", "") for row in allowed}


def _pupil(row: Row[Any]) -> Pupil:
    return Pupil(row.student_id, row.institution_id, row.campus_id, row.grade, row.class_group)


def may_read(person: Person, author: str, pupil: Pupil) -> bool:
    return person.name == author or may(person, Action.READ_NOTES, pupil)


def seal_again(connection: Connection) -> int:
    """With the first key, all that another key sealed: how many; for the change of the key."""
    sealer = sealer_of(connection)
    old = [row for row in connection.execute(select(notes)) if not sealer.sealed_with_first(row.sealed)]
    opened = ((row.id, row.student_id, sealer.open(row.student_id, bytes(row.sealed))) for row in old)
    new = [{"key": id, "sealed": sealer.seal(student, told)} for id, student, told in opened]
    if new:
        connection.execute(update(notes).where(notes.c.id == bindparam("key")), new)
    return len(new)
