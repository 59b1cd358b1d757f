"""The page of the runs: what came in, whether the list may go out, and the buttons that publish, stop and go back."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from features.sources.source_names import SOURCES
from serving import background, list_decisions, runs_shown
from serving.api.problems import Problem
from serving.faults import Refused
from serving.list_decisions import WHY
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.runs_shown import Runs, last_sunday
from serving.sentences import is_stale
from serving.service import Service, service_of

router = APIRouter()

AGAIN = 5  # seconds until a page that waits asks again
PAGE = "/corridas"
ACTIONS = {"publish": Action.PUBLISH_LIST, "hold": Action.HOLD_LIST, "go_back": Action.ROLLBACK_LIST}
NO_SUCH_DAY = "Escriba el domingo desde el que se mira, como AAAA-MM-DD, y que ya haya pasado."
NO_WHY = "Escoja una razón de la lista."
BUSY = "Ya hay un trabajo en curso. Espere a que termine."
LOOK_FIRST = "Hay archivos que piden revisión. Revíselos y marque que ya lo hizo."

Reason = Annotated[str, Form(alias="razon", max_length=40)]


@router.get(PAGE)
def runs_page(request: Request, person: SignedIn) -> Response:
    return _page(request, person)


def _page(request: Request, person: Person, status: int = 200, problem: str | None = None) -> Response:
    _must(person, Action.SEE_RUN)
    service = service_of(request)
    runs = _runs(service)
    return render(
        request,
        "runs.html",
        person,
        status,
        runs=runs,
        sources=SOURCES,
        why=WHY,
        refusals={name: why_not(person, action) for name, action in ACTIONS.items()},
        sunday=last_sunday(service.today()),
        stale=runs.current is not None and is_stale(runs.current.day, service.today()),
        problem=problem,
        again=(AGAIN, PAGE) if runs.running else None,
    )


def _runs(service: Service) -> Runs:
    with service.database.reading() as connection:
        return runs_shown.shown(connection, service.settings, service.today())


def _must(person: Person, action: Action) -> None:
    if reason := why_not(person, action):
        raise Problem(403, reason)


@router.post(f"{PAGE}/publicar")
def publish(
    request: Request,
    person: SignedIn,
    day: Annotated[str, Form(alias="dia", max_length=10)] = "",
    reviewed: Annotated[str, Form(alias="revisado", max_length=2)] = "",
    decision: Annotated[str, Form(alias="decision", max_length=60)] = "",
) -> Response:
    _must(person, Action.PUBLISH_LIST)
    service = service_of(request)
    chosen, runs = _day(day, service.today()), _runs(service)
    if problem := _why_not_now(chosen, runs, bool(reviewed)):
        return _page(request, person, 422, problem)
    if reviewed and runs.held:
        by = service.by(person, request)
        service.database.note(by, list_decisions.REVIEW, f"run:{chosen}", f"{len(runs.held)} avisos revisados")
    told = {"day": str(chosen), "reviewed": bool(reviewed), "decision": decision.strip()}
    _start(service, "run", person, **told)
    return RedirectResponse(PAGE, 303)


def _why_not_now(day: date | None, runs: Runs, reviewed: bool) -> str | None:
    if day is None:
        return NO_SUCH_DAY
    if runs.running:
        return BUSY
    return LOOK_FIRST if runs.held and not reviewed else None


def _day(text: str, today: date) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day <= today else None


def _start(service: Service, kind: str, person: Person, **told: object) -> None:
    settings = service.settings
    background.start(settings, background.new_job(settings), kind, person.name, service.clock(), **told)


@router.post(f"{PAGE}/vigilar")
def watch_now(request: Request, person: SignedIn) -> Response:
    _must(person, Action.PUBLISH_LIST)
    service = service_of(request)
    if _runs(service).running:
        return _page(request, person, 422, BUSY)
    _start(service, "monitor", person, day=str(service.today()))
    return RedirectResponse(PAGE, 303)


@router.post(f"{PAGE}/detener")
def hold(request: Request, person: SignedIn, reason: Reason = "") -> Response:
    _must(person, Action.HOLD_LIST)
    if reason not in WHY:
        return _page(request, person, 422, NO_WHY)
    service = service_of(request)
    list_decisions.hold(service.database, service.by(person, request), reason)
    return RedirectResponse(PAGE, 303)


@router.post(f"{PAGE}/reanudar")
def release(request: Request, person: SignedIn) -> Response:
    _must(person, Action.PUBLISH_LIST)
    service = service_of(request)
    list_decisions.release(service.database, service.by(person, request))
    return RedirectResponse(PAGE, 303)


@router.post(f"{PAGE}/devolver")
def go_back(
    request: Request,
    person: SignedIn,
    reason: Reason = "",
    publication: Annotated[str, Form(alias="publicacion", max_length=40)] = "",
) -> Response:
    _must(person, Action.ROLLBACK_LIST)
    if reason not in WHY:
        return _page(request, person, 422, NO_WHY)
    service = service_of(request)
    try:
        list_decisions.go_back(service.database, service.by(person, request), publication, reason)
    except Refused as refused:
        return _page(request, person, 409, str(refused))
    return RedirectResponse(PAGE, 303)
