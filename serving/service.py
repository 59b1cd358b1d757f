"""What every request has at hand: the settings, the database, the clock, and the key that signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer

from serving.account_door import Door
from serving.database import By, Database
from serving.people import Person
from serving.request_limits import Turnstile
from serving.settings import Settings
from serving.tenancy import context_of
from serving.turns import Turns

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Service:
    settings: Settings
    database: Database
    clock: Clock
    true_clock: Clock | None = None  # where `clock` stands on a made-up day, telephones and sessions do not

    def by(self, person: Person, request: Request | None = None) -> By:
        """Who acts, within their reach; with the request also through which call."""
        return By(person.name, self.clock(), context_of(person), asked_by(request) if request else "")

    @cached_property
    def door(self) -> Door:
        return Door.of(self.settings, self.database)

    @cached_property
    def turnstile(self) -> Turnstile:
        return Turnstile(self.settings.requests_per_person)

    @cached_property
    def turns(self) -> Turns:
        return Turns(self.database)

    def moment(self) -> datetime:
        return (self.true_clock or self.clock)()

    def today(self) -> date:
        return self.clock().date()

    def sign(self, thing: Any, use: str) -> str:
        return str(self._signer(use).dumps(thing))

    def unsign(self, text: str, use: str) -> Any | None:
        """What was signed, or None when it was not signed here for this use."""
        try:
            return self._signer(use).loads(text)
        except BadSignature:
            return None

    def _signer(self, use: str) -> URLSafeSerializer:
        return URLSafeSerializer(self.settings.signing_key, salt=use)


def asked_by(request: Request) -> str:
    """The call by its name in the program, never by the address that was sent: it may hold a name."""
    route = request.scope.get("route")
    return f"{request.method} {getattr(route, 'name', '')}"[:120]


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
