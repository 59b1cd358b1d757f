"""Saves a view of the list under a name, and forgets it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from starlette.responses import RedirectResponse

from serving import saved_views
from serving.api.problems import Problem, not_found
from serving.faults import WrongUsage
from serving.pages.sessions import SignedIn
from serving.permissions import Action, why_not
from serving.service import service_of

router = APIRouter()


@router.post("/lista/vistas")
def save_view(
    request: Request,
    person: SignedIn,
    name: Annotated[str, Form(alias="nombre", max_length=200)] = "",
    query: Annotated[str, Form(alias="consulta", max_length=1_000)] = "",
    shared: Annotated[str, Form(alias="compartida", max_length=5)] = "",
) -> Response:
    if reason := why_not(person, Action.SEE_LIST):
        raise Problem(403, reason)
    service = service_of(request)
    try:
        view = saved_views.save(service.database, person, name, query, shared == "si", service.by(person, request))
    except WrongUsage as refused:
        raise Problem(422, str(refused)) from None
    return RedirectResponse(view.address, 303)


@router.post("/lista/vistas/{id}/borrar")
def forget_view(request: Request, person: SignedIn, id: Annotated[str, Path(max_length=20)]) -> Response:
    service = service_of(request)
    if not saved_views.forget(service.database, person, id, service.by(person, request)):
        raise not_found()
    return RedirectResponse("/lista", 303)
