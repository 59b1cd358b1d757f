"""Who is signed in on the pages: a cookie with a key to a session in the database, and forms only from this site."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request, Response

from serving import account_sessions
from serving.account_sessions import Session
from serving.api.problems import Problem, too_many
from serving.people import Person, digest_of
from serving.service import Service, service_of

SEAL = "sello"  # the field, or the header X-Sello, that a form of ours brings back
CHANGES_NOTHING = {"GET", "HEAD", "OPTIONS"}
WITHOUT_SESSION = {"/entrar", "/invitacion"}  # they do not act as whoever is signed in
ELSEWHERE = "Este formulario no viene de esta página. Ábrala de nuevo e intente otra vez."


class SignInFirst(Exception):  # noqa: N818 - an instruction, not an error
    """Leads the reader to the sign-in page."""


def cookie_name(service: Service) -> str:
    # NOTE: browsers accept a __Host- cookie only over HTTPS and only from this very host.
    return "permanencia" if service.settings.made_up else "__Host-permanencia"


def start(response: Response, service: Service, key: str) -> None:
    secure = not service.settings.made_up
    response.set_cookie(cookie_name(service), key, path="/", httponly=True, samesite="lax", secure=secure)


def end(response: Response, service: Service) -> None:
    secure = not service.settings.made_up
    response.delete_cookie(cookie_name(service), path="/", httponly=True, samesite="lax", secure=secure)


def session_of(request: Request) -> Session | None:
    """The session of this request, half-way or complete."""
    service = service_of(request)
    key = request.cookies.get(cookie_name(service), "")
    return account_sessions.find(service.database, key, service.moment()) if key else None


def must_have_session(request: Request) -> Session:
    session = session_of(request)
    if session is None:
        raise SignInFirst
    return session


def complete_session(request: Request) -> Session:
    session = must_have_session(request)
    if not session.complete:
        raise SignInFirst
    service = service_of(request)
    account_sessions.note_seen(service.database, session, service.moment())
    if seconds := service.turnstile.wait(session.person.name):
        raise too_many(seconds)
    return session


def signed_in(session: Annotated[Session, Depends(complete_session)]) -> Person:
    return session.person


def seal_of(request: Request, key: str | None = None) -> str:
    """What our own forms carry: nobody can make it without the key of the session they act for."""
    service = service_of(request)
    key = key or request.cookies.get(cookie_name(service), "")
    return service.sign(digest_of(key), SEAL) if key else ""


async def from_this_site(request: Request) -> None:
    """Every form is refused that another site sent: by where the browser says it is from, and by its seal."""
    if request.method in CHANGES_NOTHING:
        return
    if _is_from_elsewhere(request) or not await _is_sealed(request):
        raise Problem(403, ELSEWHERE)


def _is_from_elsewhere(request: Request) -> bool:
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    other = origin is not None and origin.split("://")[-1] != request.headers.get("host")
    return other or site not in (None, "same-origin", "none")


async def _is_sealed(request: Request) -> bool:
    wanted = seal_of(request)
    if not wanted or request.url.path in WITHOUT_SESSION:
        return True  # nobody is signed in, so there is nobody to act for
    told = request.headers.get(f"x-{SEAL}") or (await request.form()).get(SEAL, "")
    return isinstance(told, str) and hmac.compare_digest(told.encode(), wanted.encode())


SignedIn = Annotated[Person, Depends(signed_in)]
Complete = Annotated[Session, Depends(complete_session)]
AnySession = Annotated[Session, Depends(must_have_session)]
