"""What every request has at hand: the settings, the database, the clock, and the key that signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer

from serving.database import By, Database
from serving.people import Person
from serving.settings import Settings

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Service:
    settings: Settings
    database: Database
    clock: Clock

    def by(self, person: Person) -> By:
        return By(person.name, self.clock())

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


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
