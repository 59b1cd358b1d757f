"""Seals what the roster knows of a child: a stolen disk or copy tells no name, document, telephone or address."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from serving.faults import Missing

ROSTER_KEY = "roster.key"  # its file, where the environment gives no key
KEY_BYTES, NONCE_BYTES, MARK_BYTES = 32, 12, 4
LOST = "Los nombres están sellados con otra clave. Ponga en PERMANENCIA_ROSTER_KEY la clave con que se sellaron."
NO_KEY = "Falta PERMANENCIA_ROSTER_KEY: sin ella no se escriben ni se leen nombres."

Told = Mapping[str, str | None]


@dataclass(frozen=True)
class Sealer:
    """AES-256-GCM; the first key seals, every key opens. A sealed row is bound to its student and moves to no other."""

    keys: tuple[bytes, ...] = field(default=(), repr=False)

    def seal(self, student_id: str, told: Told) -> bytes:
        content = json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)
        nonce = os.urandom(NONCE_BYTES)
        mark, cipher = self._first
        return mark + nonce + cipher.encrypt(nonce, content.encode(), student_id.encode())

    def open(self, student_id: str, sealed: bytes) -> dict[str, str]:
        cipher = self._by_mark.get(sealed[:MARK_BYTES])
        nonce, content = sealed[MARK_BYTES : MARK_BYTES + NONCE_BYTES], sealed[MARK_BYTES + NONCE_BYTES :]
        if cipher is None:
            raise Missing(LOST)
        try:
            return dict(json.loads(cipher.decrypt(nonce, content, student_id.encode())))
        except InvalidTag:
            raise Missing(LOST) from None

    def digest(self, use: str, text: str) -> str:
        """The same text always gives the same digest, and without the key nobody can try them all."""
        return hashlib.blake2b(text.encode(), digest_size=16, key=self._digest_key, person=use.encode()).hexdigest()

    def of_document(self, number: str | None) -> str | None:
        """By which a child is found from a document: digits and letters alone, as people write them in many ways."""
        plain = re.sub(r"[^0-9A-Z]", "", (number or "").upper())
        return self.digest("document", plain) if plain else None

    def sealed_with_first(self, sealed: bytes) -> bool:
        return bytes(sealed[:MARK_BYTES]) == self._first[0]

    @cached_property
    def _by_mark(self) -> dict[bytes, AESGCM]:
        return {_mark(key): AESGCM(key) for key in self.keys}

    @cached_property
    def _first(self) -> tuple[bytes, AESGCM]:
        if not self.keys:
            raise Missing(NO_KEY)
        mark = _mark(self.keys[0])
        return mark, self._by_mark[mark]

    @cached_property
    def _digest_key(self) -> bytes:
        if not self.keys:
            raise Missing(NO_KEY)
        return hmac.digest(self.keys[0], b"digest", "sha256")


def _mark(key: bytes) -> bytes:
    """Tells which key sealed a row, and nothing of the key."""
    return hmac.digest(key, b"mark", "sha256")[:MARK_BYTES]


@dataclass(frozen=True)
class Keys:
    """The keys that a database is opened with; kept outside it."""

    roster: Sealer = field(default_factory=Sealer)
    audit: bytes | None = field(default=None, repr=False)
