"""Where the database is, who owns it, and the keys that are kept outside it."""

from __future__ import annotations

from pydantic_settings import BaseSettings

from serving.faults import WrongUsage
from serving.sealing import KEY_BYTES

NOT_A_KEY = (
    f"PERMANENCIA_ROSTER_KEY son claves de {KEY_BYTES * 2} cifras hexadecimales (openssl rand -hex {KEY_BYTES}), "
    "separadas por comas, la más nueva primero."
)
AUDIT_KEY_LENGTH = 32


class DatabaseSettings(BaseSettings):
    """The part of serving.settings that is about the database."""

    database_url: str = ""
    database_owner_url: str = ""  # on PostgreSQL `db upgrade` runs as the owner of the tables; the service never does
    roster_key: str = ""
    audit_key: str = ""

    @property
    def owner_url(self) -> str:
        return self.database_owner_url or self.database_url

    def roster_keys(self) -> tuple[bytes, ...]:
        """The first seals, the others still open; none where the environment gives none."""
        given = [part.strip() for part in self.roster_key.split(",") if part.strip()]
        return tuple(read_key(text) for text in given)

    def why_keys_unsafe(self) -> str | None:
        if not self.roster_key:
            return f"Falta PERMANENCIA_ROSTER_KEY en producción. {NOT_A_KEY}"
        if 0 < len(self.audit_key) < AUDIT_KEY_LENGTH:
            return f"PERMANENCIA_AUDIT_KEY debe tener al menos {AUDIT_KEY_LENGTH} caracteres."
        try:
            self.roster_keys()
        except WrongUsage as wrong:
            return str(wrong)
        return None


def read_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise WrongUsage(NOT_A_KEY) from None
    if len(key) != KEY_BYTES or len(set(key)) < KEY_BYTES // 4:
        raise WrongUsage(NOT_A_KEY)
    return key
