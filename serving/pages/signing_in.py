"""Signing in with a personal token, and signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.responses import RedirectResponse

from serving.pages import sessions
from serving.pages.rendering import render
from serving.people import digest_of, person_with_token
from serving.service import service_of

router = APIRouter()

NOT_VALID = "La ficha no es válida o fue retirada. Revise que la copió completa o pida otra."


@router.get("/entrar")
def sign_in_page(request: Request) -> Response:
    return render(request, "sign_in.html", problem=None)


@router.post("/entrar", dependencies=[Depends(sessions.from_this_site)])
def sign_in(request: Request, token: Annotated[str, Form(alias="ficha", max_length=200)] = "") -> Response:
    service, digest = service_of(request), digest_of(token.strip())
    with service.database.reading() as connection:
        person = person_with_token(connection, digest)
    if person is None:
        return render(request, "sign_in.html", status=401, problem=NOT_VALID)
    response = RedirectResponse("/lista", 303)
    sessions.start(response, service, digest)
    return response


@router.post("/salir", dependencies=[Depends(sessions.from_this_site)])
def sign_out(request: Request) -> Response:
    response = RedirectResponse("/entrar", 303, {"Clear-Site-Data": '"cache"'})
    sessions.end(response, service_of(request))
    return response
