"""A person's own tokens for programs: which there are, what for, until when; never the token itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, select

from serving.tables import tokens

CODE = 12  # so much of the digest names a token to its owner
LONGEST_DAYS = 365


@dataclass(frozen=True)
class Token:
    code: str
    label: str
    issued_on: date
    expires_on: date | None


def tokens_of(connection: Connection, name: str, at: datetime) -> list[Token]:
    """Those that still hold, the newest first."""
    holds = tokens.c.expires_at.is_(None) | (tokens.c.expires_at > int(at.timestamp()))
    theirs = (tokens.c.person == name) & tokens.c.revoked_at.is_(None) & holds
    found = connection.execute(select(tokens).where(theirs).order_by(tokens.c.issued_at.desc()))
    return [Token(row.digest[:CODE], row.label, row.issued_at.date(), _day(row.expires_at)) for row in found]


def _day(moment: int | None) -> date | None:
    return datetime.fromtimestamp(moment, UTC).date() if moment else None
