"""What an administrator changes of one account: its role, its e-mail, a new beginning for who comes back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from serving.account_invitations import reopen
from serving.faults import WrongUsage
from serving.pages.administration import NOT_ONESELF, ONE, Code, by_of, found, given_back, person_shown, role_of
from serving.pages.sessions import SignedIn
from serving.people_changed import change_email, change_role
from serving.service import service_of

router = APIRouter()

ROLE_CHANGED = "Rol cambiado. Sus sesiones se cerraron: debe entrar de nuevo."
REOPENED = "Usuario abierto de nuevo, con el rol y el alcance que tenía. Revíselos."


@router.post(ONE + "/rol")
def set_role(
    request: Request, person: SignedIn, code: Code, role: Annotated[str, Form(alias="rol", max_length=20)] = ""
) -> Response:
    one = found(request, person, code)
    if one.name == person.name:
        return person_shown(request, person, one, 422, problem=NOT_ONESELF)
    try:
        change_role(service_of(request).database, one.name, role_of(role), by_of(request, person))
    except WrongUsage as wrong:
        return person_shown(request, person, one, 422, problem=str(wrong))
    told = (ROLE_CHANGED, given_back(request, person, one.name))
    return person_shown(request, person, one, done=" ".join(filter(None, told)))


@router.post(ONE + "/correo")
def set_email(
    request: Request, person: SignedIn, code: Code, email: Annotated[str, Form(alias="correo", max_length=250)] = ""
) -> Response:
    one = found(request, person, code)
    try:
        change_email(service_of(request).database, one.name, email, by_of(request, person))
    except WrongUsage as wrong:
        return person_shown(request, person, one, 422, problem=str(wrong), email=email)
    return person_shown(request, person, one, done="Correo cambiado.")


@router.post(ONE + "/abrir")
def open_again(request: Request, person: SignedIn, code: Code) -> Response:
    one = found(request, person, code)
    try:
        invitation = reopen(service_of(request).database, one.name, by_of(request, person))
    except WrongUsage as wrong:
        return person_shown(request, person, one, 422, problem=str(wrong))
    return person_shown(request, person, one, done=REOPENED, invitation=(one.name, invitation))
