"""Who is calling: the person behind a token, and whether their role allows the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from serving.api.problems import Problem
from serving.people import Person, digest_of, person_with_token
from serving.permissions import Action, why_not
from serving.service import Service, service_of

bearer = HTTPBearer(auto_error=False, description="Ficha personal de acceso")
Serving = Annotated[Service, Depends(service_of)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def caller(service: Serving, credentials: Credentials) -> Person:
    if credentials is None:
        raise Problem(401)
    with service.database.reading() as connection:
        person = person_with_token(connection, digest_of(credentials.credentials), service.moment())
    if person is None:
        raise Problem(401)
    return person


def allowed(action: Action) -> Callable[[Person], Person]:
    def person_allowed(person: Annotated[Person, Depends(caller)]) -> Person:
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


def if_none_match(request: Request, etag: str) -> bool:
    """Whether the caller already holds these bytes."""
    sent = request.headers.get("if-none-match", "")
    return etag in (part.strip().removeprefix("W/") for part in sent.split(","))
