"""A call that is sent twice with one key is done once: the second time it gets the answer of the first."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, select


class OtherBody(Exception):  # noqa: N818 - says what is wrong
    """The key was used before, for something else."""

    sentence = "Esa Idempotency-Key ya se usó con otro contenido. Use una clave nueva para cada registro."


@dataclass(frozen=True)
class Call:
    """A key as its sender chose it; without one, every sending counts."""

    who: str
    key: str | None = None

    def digests(self, body: Any) -> dict[str, str | None]:
        """What is kept of the call: another person's equal key gives another digest."""
        if self.key is None:
            return {"call_digest": None, "body_digest": None}
        return {"call_digest": _digest([self.who, self.key]), "body_digest": _digest(body)}


def done_before(connection: Connection, table: Table, digests: dict[str, str | None]) -> Row[Any] | None:
    """What an earlier sending of the same call wrote; `OtherBody` when that was something else."""
    if digests["call_digest"] is None:
        return None
    row = connection.execute(select(table).where(table.c.call_digest == digests["call_digest"])).one_or_none()
    if row is not None and row.body_digest != digests["body_digest"]:
        raise OtherBody
    return row


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
