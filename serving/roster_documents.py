"""What the roster knows beside names: who can be called, and under which document a child stands in the SIMAT."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from serving.roster import known_of, opened
from serving.tables import roster

FEWEST_DIGITS = 7
NO_PHONE = ("1234567", "123456789", "1234567890", "12345678")


@dataclass(frozen=True)
class Document:
    """How the SIMAT finds a child; no name, so that a lost file tells less."""

    per_id: str | None = None
    document_type: str | None = None
    document_number: str | None = None


def can_be_called(phone: str | None) -> bool:
    """At least one number in the cell that is long enough and is not a filler such as 0000000."""
    return any(_is_phone(re.sub(r"\D", "", part)) for part in re.split(r"[/;,|]|\s-\s|\sy\s|\so\s", phone or ""))


def _is_phone(digits: str) -> bool:
    return len(digits) >= FEWEST_DIGITS and len(set(digits)) > 1 and digits not in NO_PHONE


def students_with_phone(connection: Connection) -> set[str] | None:
    """The pseudonyms of whoever can be called; None where the exports bring no phones at all."""
    everyone = opened(connection, select(roster))
    return {row["student_id"] for row in everyone if can_be_called(row["phone"])} or None


def unreachable(connection: Connection, student_ids: Sequence[str]) -> set[str]:
    """Who of these cannot be called."""
    known = known_of(connection, student_ids)
    return {student for student in student_ids if not can_be_called(known.get(student, {}).get("phone"))}


def documents_of(connection: Connection, student_ids: Sequence[str]) -> dict[str, Document]:
    known = known_of(connection, student_ids)
    return {
        student: Document(row["per_id"], row["document_type"], row["document_number"]) for student, row in known.items()
    }
