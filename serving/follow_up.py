"""What staff do about a child, each in one transaction with its line in the audit: contact, opinion, assignment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from serving import assignments, contacts, feedback
from serving.assignments import Assignment
from serving.contacts import Contact, Told
from serving.database import By, Database, Entry
from serving.feedback import Opinion
from serving.once import Call
from serving.people import Person, find_person
from serving.permissions import Action, Pupil, why_not
from serving.profiles import Profile, about, profile_for

NOT_YOURS = "Este contacto lo corrige quien lo registró, o el equipo de cobertura."
AT_ONCE = "Otra persona guardó lo mismo en este instante. Abra de nuevo el registro y revise."


class OutOfReach(LookupError):  # noqa: N818 - says what is wrong
    """No such child or contact, or none that this person may see: the two look alike."""


class Refused(Exception):  # noqa: N818 - says what is wrong
    """The person may see the child and may not do this; the message is the sentence to show."""


class Collision(Exception):  # noqa: N818 - says what is wrong
    sentence = AT_ONCE


@dataclass(frozen=True)
class Desk:
    """Who acts, on which database, with which key for a call that may be sent twice."""

    database: Database
    person: Person
    by: By
    key: str | None = None

    @property
    def call(self) -> Call:
        return Call(self.person.name, self.key)


def log_contact(desk: Desk, student_id: str, told: Told) -> Contact:
    with _about(desk, Action.LOG_CONTACT, "log_contact", student_id) as (connection, entry, profile):
        contact = contacts.log(connection, profile.pupil, told, desk.by, desk.call)
        entry.detail = _which(contact)
    return contact


def correct_contact(desk: Desk, contact_id: str, told: Told, seen: int | None = None, student: str = "") -> Contact:
    """Adds the next version of a contact; `seen`: the version that was on the screen, `student`: whose it should be."""
    with _written(desk, "correct_contact", "contact") as (connection, entry):
        _must(desk, Action.LOG_CONTACT)
        found = contacts.versions(connection, desk.person.reach, contact_id)
        if not found or (student and found[0].student_id != student):
            raise OutOfReach
        entry.thing = about(found[0].student_id)
        if not contacts.may_correct(desk.person, found[0]):
            raise Refused(NOT_YOURS)
        contact = contacts.correct(connection, _as_seen(found, seen), told, desk.by, desk.call)
        entry.detail = _which(contact)
    return contact


def _as_seen(found: Sequence[Contact], seen: int | None) -> Contact:
    """The version that was being corrected: if it is not the last any more, nothing may be overwritten unread."""
    return next((one for one in found if one.version == seen), found[0])


def _which(contact: Contact) -> str:
    """NOTE: neither what was found nor a word of the note: the audit is read by others."""
    return f"contacto {contact.contact_id[:8]}, versión {contact.version}"


def give_opinion(desk: Desk, student_id: str, verdict: str, note: str | None) -> Opinion:
    with _about(desk, Action.FEEDBACK, "feedback", student_id) as (connection, entry, profile):
        said = (profile.publication.id, verdict, note)
        opinion = feedback.say(connection, profile.pupil, *said, desk.by, desk.call)
        entry.detail = profile.publication.id
    return opinion


def hand_over(desk: Desk, student_id: str, worker: str | None) -> Assignment:
    with _about(desk, Action.ASSIGN, "assign", student_id) as (connection, entry, profile):
        made = assignments.assign(connection, profile.pupil, worker, desk.by, desk.call)
        entry.detail = f"a {worker}" if worker else "a nadie"
    return made


def share_out(desk: Desk, students: Sequence[str], worker: str | None) -> list[str]:
    """Each of these children to that worker, all or none, or, with None, to whoever of the coverage team has least.

    Those of them who found no place.
    """
    with desk.database.reading_as(desk.by.context) as connection:
        found = [profile_for(connection, desk.person, student) for student in students]
        pupils = [profile.pupil for profile in found if profile]
        chosen = _chosen(connection, desk.person, pupils, worker)
    for student, name in chosen.items():
        hand_over(desk, student, name)
    return [student for student in students if student not in chosen]


def _chosen(connection: Connection, person: Person, pupils: Sequence[Pupil], worker: str | None) -> dict[str, str]:
    if worker is None:
        return assignments.shared_out(pupils, assignments.loads(connection, person.reach))
    able = find_person(connection, worker)
    if not all(assignments.may_take(able, pupil) for pupil in pupils):
        raise assignments.NotAWorker  # before anything is written: half of what was ticked would be worse than nothing
    return {pupil.student_id: worker for pupil in pupils}


@contextmanager
def _about(desk: Desk, action: Action, name: str, student_id: str) -> Iterator[tuple[Connection, Entry, Profile]]:
    """A write about a child of the latest list whom this person reaches."""
    with _written(desk, name, about(student_id)) as (connection, entry):
        _must(desk, action)
        profile = profile_for(connection, desk.person, student_id)
        if profile is None:
            raise OutOfReach
        if reason := why_not(desk.person, action, profile.pupil):
            raise Refused(reason)
        yield connection, entry, profile


def _must(desk: Desk, action: Action) -> None:
    """What a role may do nowhere is refused before any child is looked for."""
    if reason := why_not(desk.person, action):
        raise Refused(reason)


@contextmanager
def _written(desk: Desk, name: str, thing: str) -> Iterator[tuple[Connection, Entry]]:
    """A try that was refused leaves its line too, and nothing else."""
    try:
        with desk.database.writing(desk.by, name, thing) as (connection, entry):
            yield connection, entry
    except IntegrityError:
        raise Collision from None
    except (OutOfReach, Refused):
        desk.database.note(desk.by, name, thing, "sin respuesta")
        raise
