"""The packs of all schools: ask for them, see how far they are, and fetch them once they are there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse

from serving import published
from serving.api.problems import Problem, not_found, too_many
from serving.bulk_export import HOUR, TooManyExports, ask, find_job, jobs_of, packed, work
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.service import Service, service_of

router = APIRouter()

AGAIN = 5  # seconds until the page looks again


def must_export_all(person: Person) -> None:
    if reason := why_not(person, Action.EXPORT_BULK):
        raise Problem(403, reason)


@router.get("/paquetes")
def packs_page(request: Request, person: SignedIn) -> Response:
    must_export_all(person)
    service = service_of(request)
    now = int(service.moment().timestamp())
    with service.database.reading() as connection:
        jobs = [one for one in jobs_of(connection, person.name) if now - one.asked_at < HOUR]
        publication = published.publication_for(connection, None)
    again = (AGAIN, "/paquetes") if any(one.moving() for one in jobs) else None
    return render(request, "packs.html", person, jobs=jobs, publication=publication, now=now, again=again)


@router.post("/paquetes")
def ask_for_packs(request: Request, person: SignedIn) -> Response:
    must_export_all(person)
    service = service_of(request)
    with service.database.reading() as connection:
        publication = published.publication_for(connection, None)
    if publication is None:
        raise not_found()
    try:
        ask(service.database, person, publication.id, service.by(person, request), service.moment())
    except TooManyExports as wait:
        raise too_many(wait.seconds) from None
    return RedirectResponse("/paquetes", 303, background=_here(service))


def _here(service: Service) -> BackgroundTask | None:
    """With an embedded database this process prepares them; on a server `permanencia work` does, beside the pages."""
    if not service.database.is_embedded:
        return None
    return BackgroundTask(work, service.database, service.moment, "packs", service.settings.made_up)


@router.get("/paquetes/{job}")
def fetch_packs(request: Request, person: SignedIn, job: Annotated[str, Path(max_length=32)]) -> Response:
    must_export_all(person)
    service = service_of(request)
    with service.database.reading() as connection:
        held = find_job(connection, person.name, job)
    if held is None or not held.good(int(service.moment().timestamp())):
        raise not_found()
    by = service.by(person, request)
    with service.database.looking(by, "fetch_packs", f"packs:{held.id}") as (connection, entry):
        content = packed(connection, held, person.reach)
        entry.detail = f"{held.done} instituciones"
    headers = {"Content-Disposition": f'attachment; filename="paquetes-{held.publication_id}.zip"'}
    return Response(content, media_type="application/zip", headers=headers | {"Cache-Control": "no-store"})
