"""A child's follow-up on its page: log a contact in three taps, correct one, say what one thinks of the prediction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from serving import assignments, contacts, feedback, follow_up, permissions, published
from serving.api.contacts import as_problems
from serving.api.problems import Problem, not_found
from serving.contact_words import KINDS, MISTAKE, NEXT_STEPS, NO_ANSWER, OUTCOME_GROUPS, OUTCOMES, VERDICTS
from serving.contacts import Contact, NotAContact, Told
from serving.feedback import LONGEST_NOTE
from serving.follow_up import Desk
from serving.notes import LONGEST, WHO_READS
from serving.pages.one_student import one_student
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, may, why_not
from serving.profiles import Profile
from serving.service import service_of

router = APIRouter()

Student = Annotated[str, Path(max_length=80)]
ContactId = Annotated[str, Path(max_length=32)]
LATE = (
    "Otra persona corrigió este contacto al mismo tiempo. Lo que usted escribió no se ha guardado y sigue aquí. "
    "Lea abajo la última versión y guarde si su corrección sigue siendo cierta."
)
NOT_A_DATE = "Escriba la fecha con día, mes y año."
CHOOSE = {
    "kind": "Elija la clase de contacto.",
    "outcome": "Elija qué encontró.",
    "next_step": "Elija un paso de la lista.",
}


@dataclass(frozen=True)
class Typed:
    """The form as it was filled in; what is wrong in it is shown again, to be mended."""

    kind: str = "CALL"
    outcome: str = ""
    contacted_on: str = ""
    since: str = ""
    next_step: str = ""
    next_on: str = ""
    note: str = ""
    key: str = ""
    seen: int = 0
    drop_note: str = ""

    def told(self) -> Told:
        wrong = {name: CHOOSE[name] for name, closed in CLOSED.items() if getattr(self, name) not in closed}
        days = {name: _day(getattr(self, name)) for name in ("contacted_on", "since", "next_on")}
        wrong |= {name: NOT_A_DATE for name in days if getattr(self, name) and days[name] is None}
        if wrong or days["contacted_on"] is None:
            raise NotAContact({"contacted_on": NOT_A_DATE} | wrong if days["contacted_on"] is None else wrong)
        step, then = self.next_step or None, days["next_on"]
        said = (self.kind, self.outcome, days["contacted_on"], days["since"], step, then)
        return Told(*said, self.note or None, bool(self.drop_note))


CLOSED: dict[str, set[str]] = {"kind": {*KINDS}, "outcome": {*OUTCOMES}, "next_step": {"", *NEXT_STEPS}}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def typed(
    kind: Annotated[str, Form(alias="clase", max_length=40)] = "CALL",
    outcome: Annotated[str, Form(alias="resultado", max_length=40)] = "",
    contacted_on: Annotated[str, Form(alias="fecha", max_length=40)] = "",
    since: Annotated[str, Form(alias="desde", max_length=40)] = "",
    next_step: Annotated[str, Form(alias="paso", max_length=40)] = "",
    next_on: Annotated[str, Form(alias="paso_fecha", max_length=40)] = "",
    note: Annotated[str, Form(alias="nota", max_length=4 * LONGEST)] = "",
    key: Annotated[str, Form(alias="llave", max_length=100)] = "",
    seen: Annotated[int, Form(alias="version", ge=0, le=100_000)] = 0,
    drop_note: Annotated[str, Form(alias="quitar_nota", max_length=2)] = "",
) -> Typed:
    return Typed(kind, outcome, contacted_on, since, next_step, next_on, note, key, seen, drop_note)


Filled = Annotated[Typed, Depends(typed)]


def block(connection: Connection, person: Person, profile: Profile, today: date) -> dict[str, Any]:
    """What the page of a child shows of its follow-up; part of the look that shows the child."""
    pupil = profile.pupil
    found = contacts.of_student(connection, person.reach, pupil.student_id)
    owed = contacts.promised(found)
    opinion = feedback.last_by(connection, person.reach, pupil.student_id, profile.publication.id, person.name)
    return {
        "contacts": contacts.shown(connection, person, found),
        "correctable": {one.contact_id for one in found if contacts.may_correct(person, one)},
        "assignment": assignments.open_of(connection, person.reach, [pupil.student_id]).get(pupil.student_id),
        "opinion": opinion.verdict if opinion else None,
        "opinions": feedback.shown(connection, person, feedback.of_student(connection, person.reach, pupil.student_id)),
        "why_no_contact": why_not(person, Action.LOG_CONTACT, pupil),
        "why_no_opinion": why_not(person, Action.FEEDBACK, pupil),
        "owed": owed,
        "overdue": contacts.is_overdue(owed, today),
        "may_assign": may(person, Action.ASSIGN, pupil),
        "key": secrets.token_urlsafe(12),
        "today": today,
        "words": WORDS,
    }


WORDS = {
    "kinds": KINDS,
    "outcomes": {code: outcome.words for code, outcome in OUTCOMES.items()},
    "groups": OUTCOME_GROUPS,
    "steps": NEXT_STEPS,
    "verdicts": VERDICTS,
    "who_reads": WHO_READS,
    "longest": LONGEST,
    "longest_opinion": LONGEST_NOTE,
    "no_answer": NO_ANSWER,
    "mistake": MISTAKE,
}


@router.get("/estudiantes/{student}/contactos/nuevo")
def new_contact(request: Request, person: SignedIn, student: Student) -> Response:
    today = service_of(request).today().isoformat()
    return _form(request, person, student, Typed(contacted_on=today, key=secrets.token_urlsafe(12)))


@router.post("/estudiantes/{student}/contactos/nuevo")
def log_contact(request: Request, person: SignedIn, student: Student, filled: Filled) -> Response:
    try:
        with as_problems(but=NotAContact):
            follow_up.log_contact(_desk(request, person, repr(filled)), student, filled.told())
    except NotAContact as wrong:
        return _form(request, person, student, filled, wrong=wrong.wrong)
    return _back(student)


@router.get("/estudiantes/{student}/contactos/{contact}/corregir")
def correction(request: Request, person: SignedIn, student: Student, contact: ContactId) -> Response:
    return _form(request, person, student, None, contact)


@router.post("/estudiantes/{student}/contactos/{contact}/corregir")
def correct(request: Request, person: SignedIn, student: Student, contact: ContactId, filled: Filled) -> Response:
    desk = _desk(request, person, repr(filled))
    try:
        with as_problems(but=NotAContact):
            follow_up.correct_contact(desk, contact, filled.told(), filled.seen or None, student)
    except NotAContact as wrong:
        return _form(request, person, student, filled, contact, wrong.wrong)
    except Problem as meeting:
        if meeting.status != 409:
            raise
        return _form(request, person, student, filled, contact, late=LATE)
    return _back(student)


@router.post("/estudiantes/{student}/opinion")
def give_opinion(
    request: Request,
    person: SignedIn,
    student: Student,
    verdict: Annotated[str, Form(alias="opinion", max_length=20)] = "",
    note: Annotated[str, Form(alias="nota", max_length=4 * LONGEST_NOTE)] = "",
    key: Annotated[str, Form(alias="llave", max_length=100)] = "",
) -> Response:
    if verdict not in VERDICTS or len(note) > LONGEST_NOTE:
        raise Problem(422, f"Elija una opinión de la lista; la nota admite hasta {LONGEST_NOTE} caracteres.")
    with as_problems():
        follow_up.give_opinion(_desk(request, person, f"{key}:{verdict}:{note}"), student, verdict, note or None)
    return RedirectResponse(f"/estudiantes/{student}#opinion", 303)


def _desk(request: Request, person: Person, key: str) -> Desk:
    """The key holds all that the form said: sent twice it counts once, and after going back another answer counts."""
    service = service_of(request)
    return Desk(service.database, person, service.by(person, request), key)


def _back(student: str) -> Response:
    return RedirectResponse(f"/estudiantes/{student}#contactos", 303)


def _form(
    request: Request,
    person: Person,
    student: str,
    filled: Typed | None,
    contact_id: str | None = None,
    wrong: contacts.Wrong | None = None,
    late: str | None = None,
) -> Response:
    """The empty form, the one to correct a contact, or the one with what has to be mended or read first."""
    with one_student(request, person, Action.LOG_CONTACT, student) as (connection, entry, profile):
        earlier = _earlier(connection, person, student, contact_id) if contact_id else []
        identity = permissions.identity_among(connection, person, profile.pupil)
        school = published.school_names(connection).get(profile.pupil.institution_id, profile.pupil.institution_id)
        past = contacts.shown_versions(connection, person, earlier)
        entry.detail = profile.told(identity)
    return render(
        request,
        "contact.html",
        person,
        409 if late else 422 if wrong else 200,
        profile=profile,
        identity=identity,
        school=school,
        row=profile.row,
        filled=_on_top_of(filled, earlier[0]) if filled and late else filled or _as_typed(earlier[0]),
        late=late,
        earlier=past,
        contact_id=contact_id,
        wrong=wrong or {},
        words=WORDS,
        today=service_of(request).today(),
    )


def _earlier(connection: Connection, person: Person, student: str, contact_id: str) -> list[Contact]:
    found = contacts.versions(connection, person.reach, contact_id)
    if not found or found[0].student_id != student:
        raise not_found()
    if not contacts.may_correct(person, found[0]):
        raise Problem(403, follow_up.NOT_YOURS)
    return found


def _on_top_of(filled: Typed, last: Contact) -> Typed:
    """What was typed, as a correction of the version that its writer reads now below it."""
    return replace(filled, seen=last.version, key=secrets.token_urlsafe(12))


def _as_typed(contact: Contact) -> Typed:
    def text(value: object) -> str:
        return str(value) if value else ""

    days = {name: text(getattr(contact, name)) for name in ("contacted_on", "since", "next_on", "next_step")}
    return Typed(contact.kind, contact.outcome, **days, key=secrets.token_urlsafe(12), seen=contact.version)
