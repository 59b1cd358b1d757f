"""How far the audit reached, signed and kept outside the database: a cut at its end would otherwise leave no trace."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from serving.audit_chain import Point, Verdict, verify
from serving.database import Database
from serving.faults import Refused
from serving.settings import Settings, kept_secret

FILE = "audit.checkpoints.jsonl"
FORGED = "El punto de control del registro no lleva nuestra firma: alguien lo cambió. Compárelo con su copia."


@dataclass(frozen=True)
class Checkpoints:
    """One signed line for each time the chain was found whole; the last one counts."""

    path: Path
    key: bytes

    def last(self) -> Point | None:
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        return self._opened(lines[-1]) if lines else None

    def add(self, point: Point, at: datetime) -> None:
        told = {"id": point.id, "digest": point.digest, "at": at.isoformat()}
        line = json.dumps(told | {"seal": self._seal(told)}) + "\n"
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
            file.write(line)

    def _opened(self, line: str) -> Point:
        try:
            told: dict[str, Any] = json.loads(line)
            seal = str(told.pop("seal"))
            signed = hmac.compare_digest(seal, self._seal(told))
            point = Point(int(told["id"]), str(told["digest"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(FORGED) from None
        if not signed:
            raise Refused(FORGED)
        return point

    def _seal(self, told: dict[str, Any]) -> str:
        return hmac.new(self.key, json.dumps(told, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def checkpoints_of(settings: Settings, elsewhere: Path | None = None) -> Checkpoints:
    key = settings.audit_key.encode() or kept_secret(settings.home / "checkpoint.key")
    return Checkpoints(elsewhere or settings.home / FILE, key)


def checked_chain(database: Database, points: Checkpoints, at: datetime) -> Verdict:
    """Walks the chain; where it is whole, the checkpoint moves on to its end."""
    known = points.last()
    with database.reading() as connection:
        verdict = verify(connection, database.keys.audit, known)
    if verdict.whole and verdict.last != known:
        points.add(verdict.last, at)
    return verdict
