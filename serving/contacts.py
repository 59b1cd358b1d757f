"""Contacts with families: who spoke with whom, what was found, what comes next. Corrected by a new version only."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, select

from serving import notes
from serving.contact_tables import contacts
from serving.contact_words import MISTAKE, NOT_FOUND, OUTCOMES
from serving.database import By
from serving.once import Call, done_before
from serving.people import Person
from serving.permissions import AboutAPupil, Action, Pupil, may
from serving.reach import Reach
from serving.reach_filter import within

OLDEST, FARTHEST = timedelta(days=366), timedelta(days=366)
AWAY = {"LEFT", "ELSEWHERE", "MIGRATED", "RETURNED", "DECEASED"}
"""Findings that began on a day of their own: since when the child is gone, or back."""
NO_NOTE_ON_A_MISTAKE = "Un contacto anotado por error queda sin nota: deje la nota vacía."


@dataclass(frozen=True)
class Told:
    """What a worker tells of one contact."""

    kind: str
    outcome: str
    contacted_on: date
    since: date | None = None
    next_step: str | None = None
    next_on: date | None = None
    note: str | None = None
    drop_note: bool = False  # the note of the version before does not stay


@dataclass(frozen=True)
class Contact(AboutAPupil):
    """One contact as its last version tells it; `note_id` leads to words that few may read."""

    contact_id: str
    version: int
    student_id: str
    institution_id: str
    kind: str
    outcome: str
    contacted_on: date
    since: date | None
    next_step: str | None
    next_on: date | None
    note_id: str | None
    by: str
    logged_on: date
    campus_id: str | None = None  # where the child was then
    grade: int | None = None
    class_group: str | None = None

    @property
    def stands(self) -> bool:
        return self.outcome != MISTAKE

    @property
    def found_somebody(self) -> bool:
        return self.stands and OUTCOMES[self.outcome].finding != NOT_FOUND


def promised(spoken: Iterable[Contact]) -> Contact | None:
    """The contact whose next step is still owed; `spoken`: of one child, the newest first.

    That nobody answered since takes nothing back: a step is owed until somebody was found, or another was promised.
    """
    for one in (one for one in spoken if one.stands):
        if one.next_on:
            return one
        if one.found_somebody:
            return None
    return None


def is_overdue(owed: Contact | None, today: date) -> bool:
    return owed is not None and owed.next_on is not None and owed.next_on < today


Wrong = Mapping[str, str]
"""Which field, and a sentence that says what to do."""


class NotAContact(ValueError):  # noqa: N818 - says what is wrong
    def __init__(self, wrong: Wrong) -> None:
        super().__init__(" ".join(wrong.values()))
        self.wrong = dict(wrong)


class Changed(Exception):  # noqa: N818 - says what is wrong
    """Somebody corrected the same contact first."""

    sentence = "Otra persona corrigió este contacto al mismo tiempo. Ábralo de nuevo y revise antes de guardar."


def why_wrong(told: Told, today: date) -> Wrong:
    """What has to be mended before a contact can be kept, by field; nothing when all is well."""
    on, since, then = told.contacted_on, told.since, told.next_on
    moved = OUTCOMES[told.outcome].finding in AWAY
    rules: tuple[tuple[str, object, str], ...] = (
        ("contacted_on", on > today, "La fecha del contacto no puede ser posterior a hoy."),
        ("contacted_on", on < today - OLDEST, "La fecha del contacto es de hace más de un año: revísela."),
        ("since", since and since > on, "«Desde cuándo» no puede ser posterior al contacto."),
        ("since", since and since < on - OLDEST, "«Desde cuándo» es más de un año antes del contacto: revíselo."),
        ("since", since and not moved, "«Desde cuándo» solo se anota si se fue, o si ya regresó."),
        ("next_on", told.next_step and not then, "El siguiente paso necesita una fecha."),
        ("next_step", then and not told.next_step, "Diga cuál es el siguiente paso de esa fecha."),
        ("next_on", then and then < on, "La fecha del siguiente paso no puede ser anterior al contacto."),
        ("next_on", then and then > today + FARTHEST, "La fecha del siguiente paso está a más de un año: revísela."),
        ("note", (told.note or "").strip() and told.outcome == MISTAKE, NO_NOTE_ON_A_MISTAKE),
        ("note", len(told.note or "") > notes.LONGEST, f"La nota admite hasta {notes.LONGEST} caracteres."),
    )
    return {field: sentence for field, bad, sentence in reversed(rules) if bad}


def log(connection: Connection, pupil: Pupil, told: Told, by: By, call: Call) -> Contact:
    """Keeps a new contact; sent again with the same key it gives what was kept the first time."""
    digests = call.digests(["contact", pupil.student_id, _said(told)])
    if before := done_before(connection, contacts, digests):
        return _read(before)
    return _keep(connection, pupil, told, by, digests, secrets.token_hex(16), 1)


def correct(connection: Connection, contact: Contact, told: Told, by: By, call: Call) -> Contact:
    """Adds the next version of a contact. `contact`: the last one, as the corrector saw it."""
    digests = call.digests(["contact", contact.contact_id, _said(told)])
    if before := done_before(connection, contacts, digests):
        return _read(before)
    if _last_version(connection, contact.contact_id) != contact.version:
        raise Changed
    next_version = (contact.contact_id, contact.version + 1, _note_that_stays(contact, told))
    return _keep(connection, contact.pupil, told, by, digests, *next_version)


def _note_that_stays(contact: Contact, told: Told) -> str | None:
    """What was written of another child may not stay on this one's page."""
    return None if told.drop_note or told.outcome == MISTAKE else contact.note_id


def _said(told: Told) -> list[Any]:
    said = [told.kind, told.outcome, told.contacted_on, told.since, told.next_step, told.next_on, told.note]
    return [*said, "drop_note"] if told.drop_note else said


def _keep(
    connection: Connection,
    pupil: Pupil,
    told: Told,
    by: By,
    digests: Mapping[str, str | None],
    contact_id: str,
    version: int,
    old_note: str | None = None,
) -> Contact:
    day = by.at.date()
    if wrong := why_wrong(told, day):
        raise NotAContact(wrong)
    contact = Contact(
        contact_id,
        version,
        pupil.student_id,
        pupil.institution_id,
        told.kind,
        told.outcome,
        told.contacted_on,
        told.since,
        told.next_step,
        told.next_on,
        notes.keep(connection, pupil, told.note, by.who) or old_note,
        by.who,
        day,
        **pupil.group,
    )
    connection.execute(insert(contacts).values(**vars(contact), at=by.at, **digests))
    return contact


def _last_version(connection: Connection, contact_id: str) -> int | None:
    asked = select(func.max(contacts.c.version)).where(contacts.c.contact_id == contact_id)
    version: int | None = connection.execute(asked).scalar()
    return version


def versions(connection: Connection, reach: Reach, contact_id: str) -> list[Contact]:
    """All that was ever told of one contact, the last version first; nothing of who is out of reach."""
    chosen = select(contacts).where(contacts.c.contact_id == contact_id, *within(contacts.c, reach))
    return [_read(row) for row in connection.execute(chosen.order_by(contacts.c.version.desc()))]


def of_student(connection: Connection, reach: Reach, student_id: str) -> list[Contact]:
    """The contacts of one child as they stand, the newest first."""
    return of_students(connection, reach, [student_id]).get(student_id, [])


def of_students(connection: Connection, reach: Reach, students: Sequence[str]) -> dict[str, list[Contact]]:
    chosen = standing().where(contacts.c.student_id.in_(students), *within(contacts.c, reach))
    ordered = chosen.order_by(contacts.c.contacted_on.desc(), contacts.c.at.desc(), contacts.c.contact_id)
    found: dict[str, list[Contact]] = {}
    for row in connection.execute(ordered):
        found.setdefault(row.student_id, []).append(_read(row))
    return found


def standing() -> Select[Any]:
    """A selection of the last version of every contact."""
    last = select(contacts.c.contact_id, func.max(contacts.c.version).label("version")).group_by(contacts.c.contact_id)
    newest = last.subquery()
    same = and_(contacts.c.contact_id == newest.c.contact_id, contacts.c.version == newest.c.version)
    return select(contacts).join(newest, same)


def _read(row: Row[Any]) -> Contact:
    """A mistake has no note, also where it was corrected before notes were taken off: the sealed words stay unread."""
    contact = Contact(**{name: getattr(row, name) for name in Contact.__dataclass_fields__})
    return contact if contact.stands else replace(contact, note_id=None)


@dataclass(frozen=True)
class Shown:
    """A contact as one reader may see it: the note's words, or that there is one and who reads it."""

    contact: Contact
    corrected: int
    note: str | None
    reserved: bool


def shown(connection: Connection, person: Person, found: Sequence[Contact]) -> list[Shown]:
    words = notes.readable(connection, person, [one.note_id for one in found if one.note_id])
    return [Shown(one, one.version - 1, words.get(one.note_id or ""), is_reserved(one, words)) for one in found]


def shown_versions(connection: Connection, person: Person, found: Sequence[Contact]) -> list[Shown]:
    """The history of one contact, the last version first; a note that was taken off or replaced is not told again."""
    kept = found[0].note_id if found else None
    return shown(connection, person, [one if one.note_id == kept else replace(one, note_id=None) for one in found])


def is_reserved(contact: Contact, words: Mapping[str, str]) -> bool:
    """There is a note, and it is not for this reader."""
    return contact.note_id is not None and contact.note_id not in words


def may_correct(person: Person, contact: Contact) -> bool:
    """Whoever wrote it, and those who answer for the follow-up of all."""
    pupil = contact.pupil
    own = person.name == contact.by and may(person, Action.LOG_CONTACT, pupil)
    return own or may(person, Action.READ_NOTES, pupil)
