"""The tables of follow-up: contacts with families, who has which child, opinions on a prediction, and what was noted.

Nothing here is changed once written: a contact is corrected by its next version, a child is handed on by the next line.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from serving.moments import Moment
from serving.tables import group_columns, metadata


def _child() -> tuple[Column[str], Column[str]]:
    """The pseudonym, and the school the child was at: by it reach is bounded."""
    return Column("student_id", String(80), nullable=False), Column("institution_id", String(40), nullable=False)


def _sent() -> tuple[Column[str], Column[str]]:
    """The key that a call was sent with, as a digest that nobody else's key has, and the digest of all it said."""
    return Column("call_digest", String(64), nullable=True), Column("body_digest", String(64), nullable=True)


notes = Table(
    "notes",
    metadata,
    Column("id", String(32), primary_key=True),
    *_child(),
    Column("by", String(80), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # serving.sealing, like names: what is written may name anybody
    *group_columns(),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    *_child(),
    Column("kind", String(20), nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("contacted_on", Date, nullable=False),
    Column("since", Date),  # since when the child is away, or back, if the family said
    Column("next_step", String(20)),
    Column("next_on", Date),
    Column("note_id", ForeignKey("notes.id")),
    Column("by", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("logged_on", Date, nullable=False),  # the day of `at` where people work: from it on the finding is known
    *_sent(),
    *group_columns(),
    UniqueConstraint("call_digest"),
    Index(None, "student_id", "contacted_on"),
    Index(None, "logged_on"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("student_id", String(80), primary_key=True),
    Column("institution_id", String(40), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # the highest is in force: so there is only one
    Column("worker", ForeignKey("people.name"), index=True),  # null: nobody any more
    Column("by", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    *_sent(),
    *group_columns(),
    UniqueConstraint("call_digest"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", String(32), primary_key=True),
    *_child(),
    Column("publication_id", ForeignKey("publications.id"), nullable=False, index=True),
    Column("verdict", String(20), nullable=False),
    Column("note_id", ForeignKey("notes.id")),
    Column("by", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    *_sent(),
    *group_columns(),
    UniqueConstraint("call_digest"),
    Index(None, "student_id"),
)
