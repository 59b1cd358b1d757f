"""Signing in with one's own account, its second step, the first time with an invitation, and signing out."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from serving import account_entry, account_invitations, account_sessions
from serving.account_entry import Entered, Try
from serving.account_limits import TooManyTries
from serving.account_sessions import Stage
from serving.pages import sessions, way_back
from serving.pages.places import first_place
from serving.pages.rendering import render
from serving.pages.sessions import AnySession
from serving.service import Service, service_of

router = APIRouter()

NOT_RIGHT = "El usuario o la contraseña no son correctos. Revíselos e intente otra vez."
CODE_NOT_RIGHT = "Ese código no es válido o ya se usó. Espere el siguiente e intente otra vez."
TOKEN_NOT_VALID = "La ficha no es válida o fue retirada. Revise que la copió completa o pida otra."  # noqa: S105
TOKENS_ARE_FOR_PROGRAMS = "Las fichas son para programas. Entre con su usuario y su contraseña."
NOT_THE_SAME = "Las dos contraseñas no son iguales. Escríbalas de nuevo."

Text = Annotated[str, Form(max_length=200)]
NEXT = {Stage.CODE: "/entrar/codigo", Stage.ENROL: "/segundo-paso"}


def tried(request: Request) -> Try:
    return Try(address_of(request), service_of(request).moment())


def address_of(request: Request) -> str:
    """Where the request comes from. One house has as many IPv6 addresses as it likes, so its network counts as one."""
    host = request.client.host if request.client else ""
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else host


@router.get("/entrar")
def sign_in_page(request: Request) -> Response:
    return _page(request)


def _page(request: Request, problem: str | None = None, status: int = 200, name: str = "") -> Response:
    service = service_of(request)
    settings = service.settings
    known = way_back.remembered(request)
    return render(
        request,
        "sign_in.html",
        status=status,
        problem=problem,
        why=known.sentence if known else None,
        lost=known is not None and known.wrote,
        user=name,
        tokens_too=takes_tokens(service),
        provider=settings.oidc_name if settings.has_provider else None,
    )


def takes_tokens(service: Service) -> bool:
    """Where nobody is real a token from `make demo` is enough."""
    return service.settings.made_up and not service.door.asks_factor


@router.post("/entrar")
def sign_in(
    request: Request,
    user: Annotated[str, Form(alias="usuario", max_length=80)] = "",
    password: Annotated[str, Form(alias="contrasena", max_length=200)] = "",
    token: Annotated[str, Form(alias="ficha", max_length=200)] = "",
) -> Response:
    service = service_of(request)
    if token:
        return _with_token(request, service, token)
    try:
        entered = account_entry.with_password(service.door, user, password, tried(request))
    except TooManyTries as wait:
        return _later(_page(request, wait_sentence(wait), 429, user), wait)
    return go_on(request, entered) if entered else _page(request, NOT_RIGHT, 401, user)


def _with_token(request: Request, service: Service, token: str) -> Response:
    if not takes_tokens(service):
        return _page(request, TOKENS_ARE_FOR_PROGRAMS, 401)
    entered = account_entry.with_token(service.door, token, tried(request))
    return go_on(request, entered) if entered else _page(request, TOKEN_NOT_VALID, 401)


def go_on(request: Request, entered: Entered) -> Response:
    """To what comes next, under a new key."""
    service = service_of(request)
    onward = NEXT.get(entered.stage)
    response = RedirectResponse(onward or way_back.address(request) or _first_page(service, entered), 303)
    sessions.start(response, service, entered.key)
    if onward is None:
        way_back.forget(response, service)
    return response


def _first_page(service: Service, entered: Entered) -> str:
    session = account_sessions.find(service.database, entered.key, service.moment())
    return first_place(session.person) if session else "/cuenta"


@router.get("/entrar/codigo")
def code_page(request: Request, session: AnySession) -> Response:
    return render(request, "sign_in_code.html", problem=None) if session.stage is Stage.CODE else _to_start()


@router.post("/entrar/codigo")
def send_code(request: Request, session: AnySession, code: Annotated[Text, Form(alias="codigo")] = "") -> Response:
    if session.stage is not Stage.CODE:
        return _to_start()
    try:
        entered = account_entry.with_code(service_of(request).door, session, code, tried(request))
    except TooManyTries as wait:
        return _later(render(request, "sign_in_code.html", status=429, problem=wait_sentence(wait)), wait)
    if entered is None:
        return render(request, "sign_in_code.html", status=401, problem=CODE_NOT_RIGHT)
    return go_on(request, entered)


@router.get("/invitacion")
def invitation_page(request: Request) -> Response:
    return render(request, "sign_in_invitation.html", problem=None)


@router.post("/invitacion")
def accept_invitation(
    request: Request,
    code: Annotated[str, Form(alias="invitacion", max_length=200)] = "",
    password: Annotated[str, Form(alias="contrasena", max_length=1000)] = "",
    again: Annotated[str, Form(alias="otra_vez", max_length=1000)] = "",
) -> Response:
    service = service_of(request)
    if password != again:
        return render(request, "sign_in_invitation.html", status=422, problem=NOT_THE_SAME)
    done = account_invitations.accept(service.door, code, password, service.moment())
    if isinstance(done, str):
        return render(request, "sign_in_invitation.html", status=422, problem=done)
    return go_on(request, done)


@router.post("/salir")
def sign_out(request: Request) -> Response:
    service = service_of(request)
    if session := sessions.session_of(request):
        account_sessions.end(service.database, session, service.moment())
    response = RedirectResponse("/entrar", 303, {"Clear-Site-Data": '"cache"'})
    sessions.end(response, service)
    way_back.forget(response, service)
    return response


def wait_sentence(wait: TooManyTries) -> str:
    minutes = -(-wait.seconds // 60)
    return f"Hubo demasiados intentos. Espere {minutes} {'minuto' if minutes == 1 else 'minutos'} y vuelva a intentar."


def _later(response: Response, wait: TooManyTries) -> Response:
    response.headers["Retry-After"] = str(wait.seconds)
    return response


def _to_start() -> Response:
    return RedirectResponse("/entrar", 303)
