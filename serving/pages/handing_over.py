"""One child handed to another worker, or to nobody for now, by who coordinates the follow-up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from starlette.responses import RedirectResponse

from serving import assignments, follow_up, permissions, published
from serving.api.contacts import as_problems
from serving.assignments import NotAWorker
from serving.follow_up import Desk
from serving.pages.one_student import one_student
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action
from serving.service import service_of

router = APIRouter()

Student = Annotated[str, Path(max_length=80)]


@router.get("/estudiantes/{student}/asignar")
def who_takes(request: Request, person: SignedIn, student: Student) -> Response:
    return _form(request, person, student)


@router.post("/estudiantes/{student}/asignar")
def hand_over(
    request: Request,
    person: SignedIn,
    student: Student,
    worker: Annotated[str, Form(alias="trabajador", max_length=80)] = "",
) -> Response:
    """To that worker; without one, to nobody: then the child waits among those to be assigned."""
    service = service_of(request)
    try:
        with as_problems(but=NotAWorker):
            follow_up.hand_over(Desk(service.database, person, service.by(person, request)), student, worker or None)
    except NotAWorker as wrong:
        return _form(request, person, student, str(wrong))
    return RedirectResponse(f"/estudiantes/{student}#contactos", 303)


def _form(request: Request, person: Person, student: str, wrong: str | None = None) -> Response:
    with one_student(request, person, Action.ASSIGN, student) as (connection, entry, profile):
        pupil = profile.pupil
        identity = permissions.identity_among(connection, person, pupil)
        loads = [
            load for load in assignments.loads(connection, person.reach) if assignments.may_take(load.worker, pupil)
        ]
        now = assignments.open_of(connection, person.reach, [pupil.student_id]).get(pupil.student_id)
        school = published.school_names(connection).get(pupil.institution_id, pupil.institution_id)
        entry.detail = profile.told(identity)
    told = {"identity": identity, "loads": loads, "now": now, "school": school, "wrong": wrong}
    return render(request, "assign.html", person, 422 if wrong else 200, profile=profile, row=profile.row, **told)
