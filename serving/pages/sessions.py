"""Who is signed in on the pages: a signed cookie that ends after an hour of rest or half a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from serving.api.problems import Problem
from serving.people import Person, person_with_token
from serving.service import Service, service_of

IDLE, LONGEST = timedelta(hours=1), timedelta(hours=12)
USE = "session"


class SignInFirst(Exception):  # noqa: N818 - an instruction, not an error
    """Leads the reader to the sign-in page."""


def cookie_name(service: Service) -> str:
    # NOTE: browsers accept a __Host- cookie only over HTTPS and only from this very host.
    return "permanencia" if service.settings.made_up else "__Host-permanencia"


def start(response: Response, service: Service, digest: str) -> None:
    now = service.clock().timestamp()
    _set(response, service, {"token": digest, "since": now, "seen": now})


def end(response: Response, service: Service) -> None:
    response.delete_cookie(cookie_name(service), path="/", httponly=True, samesite="lax")


def signed_in(request: Request) -> Person:
    service = service_of(request)
    session = service.unsign(request.cookies.get(cookie_name(service), ""), USE)
    if session is None or _is_over(session, service.clock()):
        raise SignInFirst
    with service.database.reading() as connection:
        person = person_with_token(connection, session["token"])
    if person is None:
        raise SignInFirst
    request.state.session = session | {"seen": service.clock().timestamp()}
    return person


def keep(request: Request, response: Response) -> None:
    """A reader who goes on reading stays signed in."""
    session = getattr(request.state, "session", None)
    if session is not None:
        _set(response, service_of(request), session)


def from_this_site(request: Request) -> None:
    """Forms sent by another site are refused: browsers say where a form comes from."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    elsewhere = origin is not None and origin.split("://")[-1] != request.headers.get("host")
    if elsewhere or site not in (None, "same-origin", "none"):
        raise Problem(403, "Este formulario no viene de esta página. Ábrala de nuevo e intente otra vez.")


def _is_over(session: dict[str, Any], now: datetime) -> bool:
    moment = now.timestamp()
    idle, whole = moment - session["seen"], moment - session["since"]
    return bool(idle > IDLE.total_seconds() or whole > LONGEST.total_seconds())


def _set(response: Response, service: Service, session: dict[str, Any]) -> None:
    response.set_cookie(
        cookie_name(service),
        service.sign(session, USE),
        path="/",
        httponly=True,
        samesite="lax",
        secure=not service.settings.made_up,
    )


SignedIn = Annotated[Person, Depends(signed_in)]
