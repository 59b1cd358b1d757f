"""What every way of signing in has at hand: the database, the keys, and whether a second step is asked for."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from serving.database import Database
from serving.faults import Missing
from serving.people import Role
from serving.permissions import needs_second_factor
from serving.settings import Settings, kept_secret


@dataclass(frozen=True)
class Door:
    database: Database
    vault: MultiFernet
    key: bytes
    asks_factor: bool

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Door:
        asks = settings.second_factor or not settings.made_up
        return cls(database, MultiFernet(_keys(settings)), settings.signing_key.encode(), asks)

    def must_prove_twice(self, role: Role) -> bool:
        return self.asks_factor and needs_second_factor(role)

    def keyed(self, *told: str) -> str:
        """A digest that says nothing to who has the database and not the key."""
        return hmac.new(self.key, "\x1f".join(told).encode(), hashlib.sha256).hexdigest()

    def lock(self, secret: str) -> str:
        return self.vault.encrypt(secret.encode()).decode()

    def unlock(self, locked: str) -> str:
        try:
            return self.vault.decrypt(locked.encode()).decode()
        except InvalidToken:
            raise Missing("PERMANENCIA_ACCOUNT_KEY no abre los segundos pasos guardados. Añada la anterior.") from None


def _keys(settings: Settings) -> Sequence[Fernet]:
    told = [key.strip().encode() for key in settings.account_key.split(",") if key.strip()]
    return [Fernet(key) for key in told or [urlsafe_b64encode(kept_secret(settings.home / "account.key"))]]
