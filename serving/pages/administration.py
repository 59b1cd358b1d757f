"""Who may sign in and how far they reach: invite, change the reach, end sessions, withdraw tokens, close."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response

from serving import account_invitations, account_sessions, known_places, people_shown
from serving.account_tokens import tokens_of
from serving.api.problems import Problem, not_found
from serving.database import By
from serving.faults import WrongUsage
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person, Role, add_person, change_reach, remove_person, revoke_tokens
from serving.permissions import Action, why_not
from serving.reach import WHOLE_SECRETARIAT, WRITTEN, Reach, read_reach
from serving.released import release
from serving.service import asked_by, service_of
from serving.tenancy import context_of

router = APIRouter()

PAGE = "/administracion"
ONE = PAGE + "/usuarios/{code}"
NOT_ONESELF = (
    "No puede cerrar ni restablecer su propio usuario, ni cambiar su rol. Pídalo a otra persona que administre."
)
NOTHING_TYPED = dict.fromkeys(("name", "role", "reach", "whole", "email"), "")
SAY_REACH = "Diga el alcance: escriba lugares, por ejemplo un código DANE, o marque «Toda la secretaría»."
ONE_OF_TWO = "Marque «Toda la secretaría» o escriba lugares: las dos cosas a la vez no se entienden."

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
    values = {"problem": None, "invitation": None, "note": None, "typed": NOTHING_TYPED} | told
    values |= {"staff": staff, "written": WRITTEN.values(), "settings": people_shown.settings_shown(service.settings)}
    return render(request, "administration.html", person, status, **values)


def _must_manage(person: Person) -> None:
    if reason := why_not(person, Action.MANAGE_PEOPLE):
        raise Problem(403, reason)


def by_of(request: Request, person: Person) -> By:
    """Accounts live in true time, also where the lists stand on a made-up day."""
    return By(person.name, service_of(request).moment(), context_of(person), asked_by(request))


@router.post(PAGE + "/usuarios")
def add(
    request: Request,
    person: SignedIn,
    name: Annotated[str, Form(alias="usuario", max_length=80)] = "",
    role: Annotated[str, Form(alias="rol", max_length=20)] = "",
    reach: Words = "",
    whole: Annotated[str, Form(alias="toda", max_length=5)] = "",
    email: Annotated[str, Form(alias="correo", max_length=250)] = "",
) -> Response:
    _must_manage(person)
    database, by = service_of(request).database, by_of(request, person)
    try:
        new = Person(name, role_of(role), _reach(reach, whole == "si"))
        add_person(database, new, by, email or None)
    except WrongUsage as wrong:
        typed = {"name": name, "role": role, "reach": reach, "whole": whole, "email": email}
        return _people(request, person, 422, problem=str(wrong), typed=typed)
    invitation = (name, account_invitations.invite(database, name, by))
    return _people(request, person, invitation=invitation, note=_not_checked(request, new.reach))


def _not_checked(request: Request, reach: Reach) -> str | None:
    with service_of(request).database.reading() as connection:
        return known_places.not_checked(connection, reach)


def role_of(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise WrongUsage("Escoja un rol de la lista.") from None


def _reach(text: str, whole: bool) -> Reach:
    """One part on each line, or a tick for the whole secretariat; a field left empty is not a choice."""
    said = [line.strip() for line in text.splitlines() if line.strip()]
    if bool(said) is whole:
        raise WrongUsage(ONE_OF_TWO if whole else SAY_REACH)
    return WHOLE_SECRETARIAT if whole else read_reach(said)


@router.get(ONE)
def person_page(request: Request, person: SignedIn, code: Code) -> Response:
    return person_shown(request, person, found(request, person, code))


def found(request: Request, person: Person, code: str) -> Person:
    _must_manage(person)
    with service_of(request).database.reading() as connection:
        one = people_shown.person_with(connection, code)
    if one is None:
        raise not_found()
    return one


def person_shown(request: Request, person: Person, one: Person, status: int = 200, **told: Any) -> Response:
    service = service_of(request)
    with service.database.reading() as connection:
        tokens = tokens_of(connection, one.name, service.moment())
        open_sessions = account_sessions.count(connection, one.name, service.moment())
        one = people_shown.person_with(connection, people_shown.code_of(one.name)) or one
        email = people_shown.email_of(connection, one.name)
    values = {"problem": None, "done": None, "invitation": None, "typed": None, "email": email} | told
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
    one = found(request, person, code)
    try:
        if not reach.strip():
            raise WrongUsage(f"Escriba el alcance. Se escribe así: {', '.join(WRITTEN.values())}.")
        chosen = change_reach(
            service_of(request).database, one.name, _reach(reach, False), by_of(request, person)
        ).reach
    except WrongUsage as wrong:
        return person_shown(request, person, one, 422, problem=str(wrong), typed=reach)
    told = ("Alcance cambiado.", given_back(request, person, one.name), _not_checked(request, chosen))
    return person_shown(request, person, one, done=" ".join(filter(None, told)))


def given_back(request: Request, person: Person, name: str) -> str | None:
    """Children whom somebody may not attend any more wait for another worker."""
    number = release(service_of(request).database, name, by_of(request, person))
    return f"Estudiantes que quedan por asignar a otra persona: {number}." if number else None


@router.post(ONE + "/restablecer")
def reset(request: Request, person: SignedIn, code: Code) -> Response:
    one = found(request, person, code)
    if one.name == person.name:
        return person_shown(request, person, one, 422, problem=NOT_ONESELF)
    try:
        invitation = account_invitations.reset(service_of(request).database, one.name, by_of(request, person))
    except WrongUsage as wrong:
        return person_shown(request, person, one, 422, problem=str(wrong))
    done = "Contraseña, segundo paso, sesiones y fichas retirados."
    return person_shown(request, person, one, done=done, invitation=(one.name, invitation))


@router.post(ONE + "/sesiones")
def end_sessions(request: Request, person: SignedIn, code: Code) -> Response:
    one = found(request, person, code)
    number = account_sessions.end_all(service_of(request).database, one.name, by_of(request, person))
    return person_shown(request, person, one, done=f"Sesiones cerradas: {number}.")


@router.post(ONE + "/fichas")
def withdraw_token(
    request: Request, person: SignedIn, code: Code, token: Annotated[str, Form(alias="ficha", max_length=12)] = ""
) -> Response:
    """The one named, and never all of them by a field left empty: that would end the sessions too."""
    one = found(request, person, code)
    if not token:
        return person_shown(request, person, one, 422, problem="Escoja la ficha que va a retirar.")
    number = revoke_tokens(service_of(request).database, one.name, by_of(request, person), token)
    return person_shown(request, person, one, done=f"Fichas retiradas: {number}.")


@router.post(ONE + "/cerrar")
def close(request: Request, person: SignedIn, code: Code) -> Response:
    one = found(request, person, code)
    if one.name == person.name:
        return person_shown(request, person, one, 422, problem=NOT_ONESELF)
    remove_person(service_of(request).database, one.name, by_of(request, person))
    return person_shown(request, person, one, done="Usuario cerrado. Lo que hizo sigue en el registro.")
