"""Who is calling: the person behind a token, and whether their role allows the call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from serving.api.problems import Problem, too_many
from serving.people import Person, digest_of, person_with_token
from serving.permissions import Action, why_not
from serving.service import Service, service_of

bearer = HTTPBearer(auto_error=False, description="Ficha personal de acceso")


async def serving(request: Request) -> Service:
    """Without a thread of its own: there is nothing to wait for."""
    return service_of(request)


Serving = Annotated[Service, Depends(serving)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


async def caller(service: Serving, credentials: Credentials) -> Person:
    if credentials is None:
        raise Problem(401)
    if service.database.is_embedded:  # reading it takes less than handing it to a thread, and no writer is waited for
        person = _whose(service, credentials.credentials)
    else:
        person = await run_in_threadpool(_whose, service, credentials.credentials)
    if person is None:
        raise Problem(401)
    if seconds := service.turnstile.wait(person.name):
        raise too_many(seconds)
    return person


def _whose(service: Service, token: str) -> Person | None:
    with service.database.reading() as connection:
        return person_with_token(connection, digest_of(token), service.moment())


def allowed(action: Action) -> Callable[[Person], Awaitable[Person]]:
    async def person_allowed(person: Annotated[Person, Depends(caller)]) -> Person:
        if reason := why_not(person, action):
            raise Problem(403, reason)
        return person

    return person_allowed


ListReader = Annotated[Person, Depends(allowed(Action.SEE_LIST))]
StudentReader = Annotated[Person, Depends(allowed(Action.SEE_STUDENT))]
ModelReader = Annotated[Person, Depends(allowed(Action.SEE_MODEL))]
Scorer = Annotated[Person, Depends(allowed(Action.SCORE))]


def must_see_names(person: Person) -> None:
    if reason := why_not(person, Action.SEE_NAMES):
        raise Problem(403, reason)


def holds(held: str, etag: str) -> bool:
    """Whether these bytes are among what the caller says they hold."""
    return etag in (part.strip().removeprefix("W/") for part in held.split(","))


def if_none_match(request: Request, etag: str) -> bool:
    """Whether the caller already holds these bytes."""
    return holds(request.headers.get("if-none-match", ""), etag)
