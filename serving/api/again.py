"""Who asks again what was asked before: the call is not read anew, but who asks is looked up at every call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Response
from sqlalchemy import Connection
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.api.problems import Problem, too_many
from serving.database import By, Entry
from serving.people import Person, digest_of, person_with_token
from serving.permissions import Action, why_not
from serving.service import Service
from serving.tenancy import Context, context_of, enter
from serving.turns import Memory, Outcome, Shelf

MOST_CALLS = 5_000
ASKED = "asked"
SENT = (b"authorization", b"if-none-match")


@dataclass(frozen=True)
class Told:
    """An answer, and what the audit says of it; `skip`: nothing was told that the caller did not already hold."""

    response: Response
    thing: str
    detail: str = ""
    skip: bool = False


class Asked(Protocol):
    """What a call asks for, as it was read once; the same for the same reach, until the database changes or the day."""

    @property
    def thing(self) -> str: ...
    def told(self, service: Service, connection: Connection, person: Person, held: str) -> Told: ...


@dataclass(frozen=True)
class Known:
    """A call that was read and answered: what it asks for, and where it led."""

    asked: Asked
    route: Any


@dataclass(frozen=True)
class Caller:
    """Whom a token names, and why they are refused."""

    person: Person
    context: Context
    refused: str | None


class AskedAgain:
    """Before the calls: those that see lists and leave in `state` what they ask for.

    From the second time on they are answered in turns, without a thread of their own.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service
        self.known: Shelf[Known] = Shelf(MOST_CALLS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = (scope["path"], scope["query_string"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        known = self.known.find(call)
        if known and (question := self._question(scope, known)):
            scope["route"] = known.route
            response = await self.service.turns.answer(question)
            return await response(scope, receive, send)  # type: ignore[no-any-return]
        await self.app(scope, receive, send)
        asked = scope.get("state", {}).pop(ASKED, None)
        if call and asked:
            self.known.get(call, lambda: Known(asked, scope["route"]))
        return None

    def _question(self, scope: Scope, known: Known) -> Callable[[Connection, Memory], Outcome] | None:
        sent = {name: value.decode("latin-1") for name, value in scope["headers"] if name in SENT}
        scheme, _, token = sent.get(SENT[0], "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        digest, held = digest_of(token), sent.get(SENT[1], "")
        return lambda connection, memory: self._answered(connection, memory, known, digest, held)

    def _answered(self, connection: Connection, memory: Memory, known: Known, digest: str, held: str) -> Outcome:
        now = self.service.moment()
        who = (digest, int(now.timestamp()))  # whether a token has run out is told to the second
        caller = memory.people.get(who, lambda: _caller(person_with_token(connection, digest, now)))
        if refused := _refused(self.service, caller):
            return Outcome(refused)
        return self._told(connection, memory, known, caller, held)

    def _told(self, connection: Connection, memory: Memory, known: Known, caller: Caller, held: str) -> Outcome:
        by = By(caller.person.name, self.service.clock(), caller.context, f"GET {known.route.name}"[:120])
        same = (known.asked, held, caller.person.reach, caller.context.role, by.at.date())
        try:
            told = memory.answers.get(same, lambda: self._found(connection, known, caller, held))
        except Exception as error:  # a look that was refused, or that failed, leaves its line too
            return Outcome(error, Entry(by, "see_list", known.asked.thing, "sin respuesta"))
        return Outcome(told.response, None if told.skip else Entry(by, "see_list", told.thing, told.detail))

    def _found(self, connection: Connection, known: Known, caller: Caller, held: str) -> Told:
        """As far as this caller reaches; a failure is theirs alone: the others of this turn are answered."""
        with connection.begin_nested():
            enter(connection, caller.context)
            return known.asked.told(self.service, connection, caller.person, held)


def _caller(person: Person | None) -> Caller | None:
    return Caller(person, context_of(person), why_not(person, Action.SEE_LIST)) if person else None


def _refused(service: Service, caller: Caller | None) -> Problem | None:
    if caller is None:
        return Problem(401)
    if seconds := service.turnstile.wait(caller.person.name):
        return too_many(seconds)
    return Problem(403, caller.refused) if caller.refused else None
