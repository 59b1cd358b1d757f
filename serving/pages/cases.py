"""A worker's own children, and for the supervision those that nobody has yet and those that wait too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from serving import assignments, cases, permissions, published
from serving.api.contacts import as_problems
from serving.api.problems import Problem
from serving.assignments import NotAWorker
from serving.cases import Case
from serving.follow_up import Desk, share_out
from serving.pages.contacts import WORDS
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.published import Publication, Wanted
from serving.service import Service, service_of

router = APIRouter()

AT_ONCE = 50
NOBODY_CHOSEN = "Marque al menos un estudiante."
NOT_ALL = "No se asignó a nadie: esa persona no puede atender a todos los marcados. Desmarque algunos o elija a otra."
NO_PLACE = "Nadie del equipo de cobertura que ya haya entrado puede atender a los marcados. Elija a una persona."


@router.get("/mis-casos")
def my_cases(request: Request, person: SignedIn) -> Response:
    if reason := why_not(person, Action.LOG_CONTACT):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_cases", f"cases:{person.name}") as (
        connection,
        entry,
    ):
        found = cases.mine(connection, person)
        names = permissions.names_among(connection, person, [case.pupil for case in found])
        schools = published.school_names(connection)
        entry.detail = f"{len(found)} estudiantes, {len(names)} con nombre"
    told: dict[str, Any] = {"cases": found, "names": names, "schools": schools}
    return render(request, "cases_mine.html", person, words=WORDS, today=service.today(), **told)


@router.get("/por-asignar")
def to_assign(request: Request, person: SignedIn) -> Response:
    return _to_assign(request, person)


@router.post("/por-asignar")
def assign(
    request: Request,
    person: SignedIn,
    students: Annotated[list[str] | None, Form(alias="estudiante", max_length=AT_ONCE)] = None,
    worker: Annotated[str, Form(alias="trabajador", max_length=80)] = "",
) -> Response:
    """To one worker, or shared out to whoever has least."""
    if reason := why_not(person, Action.ASSIGN):
        raise Problem(403, reason)
    if not students:
        return _to_assign(request, person, NOBODY_CHOSEN)
    service = service_of(request)
    try:
        with as_problems(but=NotAWorker):
            left = share_out(Desk(service.database, person, service.by(person, request)), students, worker or None)
    except NotAWorker:
        return _to_assign(request, person, NOT_ALL, students)
    return _to_assign(request, person, NO_PLACE, left) if left else RedirectResponse("/por-asignar", 303)


def _to_assign(request: Request, person: Person, wrong: str | None = None, ticked: Sequence[str] = ()) -> Response:
    if reason := why_not(person, Action.ASSIGN):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_cases", "cases:to-assign") as (connection, entry):
        publication = published.publication_for(connection, None)
        waiting, many = _waiting(connection, service, person, publication)
        late = cases.overdue(connection, person.reach, service.today(), AT_ONCE)
        loads = assignments.loads(connection, person.reach)
        names = permissions.names_among(connection, person, [case.pupil for case in [*waiting, *late]])
        schools = published.school_names(connection)
        entry.detail = f"{len(waiting)} por asignar y {len(late)} vencidos, {len(names)} con nombre"
    return render(
        request,
        "cases_to_assign.html",
        person,
        422 if wrong else 200,
        waiting=waiting,
        many=many,
        late=late,
        loads=loads,
        names=names,
        schools=schools,
        words=WORDS,
        wrong=wrong,
        ticked=ticked,
    )


def _waiting(
    connection: Connection, service: Service, person: Person, publication: Publication | None
) -> tuple[list[Case], int]:
    """The first of those nobody has, and how many they are in all."""
    if publication is None:
        return [], 0
    whole_city = person.reach.institutions is None
    state = cases.without_contact(service.today())
    wanted = Wanted(person.reach, city_list_only=whole_city, limit=AT_ONCE, state=state)
    many = published.counts(connection, publication.id, wanted).listed
    return cases.unassigned(connection, publication, wanted), many
