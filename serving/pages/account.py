"""A person's own account: password, second step, open sessions, and the tokens of their programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from serving import account_enrolment, account_entry, account_sessions
from serving.account_entry import Entered
from serving.account_limits import TooManyTries
from serving.account_sessions import Session, Stage
from serving.account_tables import accounts
from serving.account_tokens import LONGEST_DAYS, tokens_of
from serving.database import By
from serving.pages import sessions, way_back
from serving.pages.rendering import render
from serving.pages.sessions import AnySession, Complete
from serving.pages.signing_in import CODE_NOT_RIGHT, NOT_THE_SAME, tried, wait_sentence
from serving.people import issue_token, revoke_tokens
from serving.service import service_of

router = APIRouter()

CHANGED = "Contraseña cambiada. Las otras sesiones se cerraron."
CHANGED_TOO = "Contraseña cambiada. Las otras sesiones se cerraron y sus fichas se retiraron."
WRONG_PASSWORD = "La contraseña actual no es correcta."  # noqa: S105 - a sentence
NOT_JUST_NOW = "Salga, entre de nuevo y pida la ficha antes de diez minutos: así se sabe que es usted."
Password = Annotated[str, Form(alias="contrasena", max_length=200)]


@router.get("/cuenta")
def account_page(request: Request, session: Complete) -> Response:
    return _page(request, session)


def _page(request: Request, session: Session, status: int = 200, **told: Any) -> Response:
    service, name = service_of(request), session.person.name
    with service.database.reading() as connection:
        row = connection.execute(accounts.select().where(accounts.c.person == name)).one_or_none()
        shown = {
            "tokens": tokens_of(connection, name, service.moment()),
            "open_sessions": account_sessions.count(connection, name, service.moment()),
            "has_password": bool(row and row.password),
            "has_factor": bool(row and row.factor),
        }
    values = {"problem": None, "done": None, "token": None, "longest": LONGEST_DAYS} | shown | told
    return render(request, "sign_in_account.html", session.person, status, **values)


@router.post("/cuenta/contrasena")
def change_password(
    request: Request,
    session: Complete,
    password: Password = "",
    new: Annotated[str, Form(alias="nueva", max_length=1000)] = "",
    again: Annotated[str, Form(alias="otra_vez", max_length=1000)] = "",
    tokens_too: Annotated[str, Form(alias="fichas", max_length=5)] = "",
) -> Response:
    service = service_of(request)
    if new != again:
        return _page(request, session, 422, problem=NOT_THE_SAME)
    if refused := _not_the_owner(request, session, password):
        return refused
    wrong = account_entry.change_password(service.door, session, new, service.moment(), tokens_too == "si")
    told = {"problem": wrong} if wrong else {"done": CHANGED_TOO if tokens_too == "si" else CHANGED}
    return _page(request, session, 422 if wrong else 200, **told)


def _not_the_owner(request: Request, session: Session, password: str) -> Response | None:
    try:
        proved = account_entry.prove(service_of(request).door, session, password, tried(request))
    except TooManyTries as wait:
        return _page(request, session, 429, problem=wait_sentence(wait))
    return None if proved else _page(request, session, 401, problem=WRONG_PASSWORD)


def _not_the_owner_for_token(request: Request, session: Session, password: str) -> Response | None:
    """The password; where the provider or a token of the demonstration lets in without one, having just come in."""
    service = service_of(request)
    if account_entry.has_password(service.door, session.person.name):
        return _not_the_owner(request, session, password)
    fresh = account_entry.came_just_now(session, service.moment())
    return None if fresh else _page(request, session, 401, problem=NOT_JUST_NOW)


@router.post("/cuenta/segundo-paso")
def set_up_again(request: Request, session: Complete, password: Password = "") -> Response:
    if refused := _not_the_owner(request, session, password):
        return refused
    account_enrolment.begin(service_of(request).door, session, tried(request))
    return RedirectResponse("/segundo-paso", 303)


@router.get("/segundo-paso")
def set_up_page(request: Request, session: AnySession) -> Response:
    return _set_up(request, session, None, 200)


def _set_up(request: Request, session: Session, problem: str | None, status: int) -> Response:
    setup = account_enrolment.shown(service_of(request).door, session) if session.stage is not Stage.CODE else None
    if setup is None:
        return RedirectResponse("/cuenta", 303)
    return render(request, "sign_in_factor.html", status=status, setup=setup, problem=problem)


@router.post("/segundo-paso")
def confirm_set_up(
    request: Request, session: AnySession, code: Annotated[str, Form(alias="codigo", max_length=20)] = ""
) -> Response:
    if session.stage is Stage.CODE:
        raise sessions.SignInFirst
    try:
        done = account_enrolment.confirm(service_of(request).door, session, code, tried(request))
    except TooManyTries as wait:
        return _set_up(request, session, wait_sentence(wait), 429)
    return _with_codes(request, session, *done) if done else _set_up(request, session, CODE_NOT_RIGHT, 401)


def _with_codes(request: Request, session: Session, entered: Entered, codes: list[str]) -> Response:
    seal = sessions.seal_of(request, entered.key)
    onward = way_back.address(request) or "/"
    response = render(request, "sign_in_codes.html", session.person, codes=codes, seal=seal, onward=onward)
    sessions.start(response, service_of(request), entered.key)
    way_back.forget(response, service_of(request))
    return response


@router.post("/cuenta/sesiones")
def end_other_sessions(request: Request, session: Complete) -> Response:
    service = service_of(request)
    by = By(session.person.name, service.moment())
    number = account_sessions.end_all(service.database, session.person.name, by, but=session.digest)
    return _page(request, session, done=f"Sesiones cerradas: {number}.")


@router.post("/cuenta/fichas")
def make_token(
    request: Request,
    session: Complete,
    label: Annotated[str, Form(alias="nombre", max_length=80)] = "",
    days: Annotated[int, Form(alias="dias", ge=1, le=LONGEST_DAYS)] = 90,
    password: Password = "",
) -> Response:
    """A program's key lives longer than a session: nobody leaves one behind at a screen that was left open."""
    if refused := _not_the_owner_for_token(request, session, password):
        return refused
    service, name = service_of(request), session.person.name
    by = By(name, service.moment())
    token = issue_token(service.database, name, by, label.strip() or "sin nombre", timedelta(days=days))
    return _page(request, session, token=token)


@router.post("/cuenta/fichas/retirar")
def revoke_token(
    request: Request, session: Complete, code: Annotated[str, Form(alias="ficha", pattern="^[0-9a-f]{12}$")]
) -> Response:
    service, name = service_of(request), session.person.name
    number = revoke_tokens(service.database, name, By(name, service.moment()), code)
    return _page(request, session, done=f"Fichas retiradas: {number}.")
