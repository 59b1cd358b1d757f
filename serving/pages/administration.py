"""Who may sign in and how far they reach: invite, change the reach, begin again, end sessions, close."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response

from serving import account_invitations, account_sessions, people_shown
from serving.account_tokens import tokens_of
from serving.api.problems import Problem, not_found
from serving.database import By
from serving.faults import WrongUsage
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person, Role, add_person, change_reach, remove_person, revoke_tokens
from serving.permissions import Action, why_not
from serving.reach import WHOLE_SECRETARIAT, WRITTEN, Reach, read_reach
from serving.service import asked_by, service_of
from serving.tenancy import context_of

router = APIRouter()

PAGE = "/administracion"
ONE = PAGE + "/usuarios/{code}"
NOT_ONESELF = "No puede cerrar ni restablecer su propio usuario. Pídalo a otra persona que administre."
NOTHING_TYPED = dict.fromkeys(("name", "role", "reach", "email"), "")

Code = Annotated[str, Path(max_length=40)]
Words = Annotated[str, Form(alias="alcance", max_length=2000)]


@router.get(PAGE)
def people_page(request: Request, person: SignedIn) -> Response:
    return _people(request, person)


def _people(request: Request, person: Person, status: int = 200, **told: Any) -> Response:
    _must_manage(person)
    service = service_of(request)
    with service.database.reading() as connection:
        staff = people_shown.staff(connection, service.moment())
    values = {"problem": None, "invitation": None, "typed": NOTHING_TYPED} | told
    values |= {"staff": staff, "written": WRITTEN.values(), "settings": people_shown.settings_shown(service.settings)}
    return render(request, "administration.html", person, status, **values)


def _must_manage(person: Person) -> None:
    if reason := why_not(person, Action.MANAGE_PEOPLE):
        raise Problem(403, reason)


def _by(request: Request, person: Person) -> By:
    """Accounts live in true time, also where the lists stand on a made-up day."""
    return By(person.name, service_of(request).moment(), context_of(person), asked_by(request))


@router.post(PAGE + "/usuarios")
def add(
    request: Request,
    person: SignedIn,
    name: Annotated[str, Form(alias="usuario", max_length=80)] = "",
    role: Annotated[str, Form(alias="rol", max_length=20)] = "",
    reach: Words = "",
    email: Annotated[str, Form(alias="correo", max_length=250)] = "",
) -> Response:
    _must_manage(person)
    database, by = service_of(request).database, _by(request, person)
    try:
        add_person(database, Person(name, _role(role), _reach(reach)), by, email or None)
    except WrongUsage as wrong:
        typed = {"name": name, "role": role, "reach": reach, "email": email}
        return _people(request, person, 422, problem=str(wrong), typed=typed)
    return _people(request, person, invitation=(name, account_invitations.invite(database, name, by)))


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise WrongUsage("Escoja un rol de la lista.") from None


def _reach(text: str) -> Reach:
    """One part on each line; with nothing said, the whole secretariat."""
    said = [line.strip() for line in text.splitlines() if line.strip()]
    return read_reach(said) if said else WHOLE_SECRETARIAT


@router.get(ONE)
def person_page(request: Request, person: SignedIn, code: Code) -> Response:
    return _person(request, person, _found(request, person, code))


def _found(request: Request, person: Person, code: str) -> Person:
    _must_manage(person)
    with service_of(request).database.reading() as connection:
        found = people_shown.person_with(connection, code)
    if found is None:
        raise not_found()
    return found


def _person(request: Request, person: Person, one: Person, status: int = 200, **told: Any) -> Response:
    service = service_of(request)
    with service.database.reading() as connection:
        tokens = tokens_of(connection, one.name, service.moment())
        open_sessions = account_sessions.count(connection, one.name, service.moment())
        one = people_shown.person_with(connection, people_shown.code_of(one.name)) or one
    values = {"problem": None, "done": None, "invitation": None, "typed": None} | told
    return render(
        request,
        "administration_person.html",
        person,
        status,
        one=one,
        code=people_shown.code_of(one.name),
        tokens=tokens,
        open_sessions=open_sessions,
        written=WRITTEN.values(),
        oneself=NOT_ONESELF if one.name == person.name else None,
        **values,
    )


@router.post(ONE + "/alcance")
def set_reach(request: Request, person: SignedIn, code: Code, reach: Words = "") -> Response:
    one = _found(request, person, code)
    try:
        if not reach.strip():
            raise WrongUsage(f"Escriba el alcance. Se escribe así: {', '.join(WRITTEN.values())}.")
        change_reach(service_of(request).database, one.name, _reach(reach), _by(request, person))
    except WrongUsage as wrong:
        return _person(request, person, one, 422, problem=str(wrong), typed=reach)
    return _person(request, person, one, done="Alcance cambiado.")


@router.post(ONE + "/restablecer")
def reset(request: Request, person: SignedIn, code: Code) -> Response:
    one = _found(request, person, code)
    if one.name == person.name:
        return _person(request, person, one, 422, problem=NOT_ONESELF)
    invitation = account_invitations.reset(service_of(request).database, one.name, _by(request, person))
    done = "Contraseña, segundo paso, sesiones y fichas retirados."
    return _person(request, person, one, done=done, invitation=(one.name, invitation))


@router.post(ONE + "/sesiones")
def end_sessions(request: Request, person: SignedIn, code: Code) -> Response:
    one = _found(request, person, code)
    number = account_sessions.end_all(service_of(request).database, one.name, _by(request, person))
    return _person(request, person, one, done=f"Sesiones cerradas: {number}.")


@router.post(ONE + "/fichas")
def withdraw_token(
    request: Request, person: SignedIn, code: Code, token: Annotated[str, Form(alias="ficha", max_length=12)] = ""
) -> Response:
    """The one named, and never all of them by a field left empty: that would end the sessions too."""
    one = _found(request, person, code)
    if not token:
        return _person(request, person, one, 422, problem="Escoja la ficha que va a retirar.")
    number = revoke_tokens(service_of(request).database, one.name, _by(request, person), token)
    return _person(request, person, one, done=f"Fichas retiradas: {number}.")


@router.post(ONE + "/cerrar")
def close(request: Request, person: SignedIn, code: Code) -> Response:
    one = _found(request, person, code)
    if one.name == person.name:
        return _person(request, person, one, 422, problem=NOT_ONESELF)
    remove_person(service_of(request).database, one.name, _by(request, person))
    return _person(request, person, one, done="Usuario cerrado. Lo que hizo sigue en el registro.")
