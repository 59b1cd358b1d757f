"""Contacts and their corrections, who has which child, opinions on predictions, and sealed notes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _notes()
    _contacts()
    _assignments()
    _feedback()


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=32), nullable=False),
        *_child(),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_child(),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("contacted_on", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("next_step", sa.String(length=20), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("note_id", sa.String(length=32), nullable=True),
        *_written(),
        sa.Column("logged_on", sa.Date(), nullable=False),
        *_sent(),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_contacts_note_id"),
        sa.PrimaryKeyConstraint("contact_id", "version", name="pk_contacts"),
        sa.UniqueConstraint("call_digest", name="uq_contacts_call_digest"),
    )
    op.create_index("ix_contacts_student_id_contacted_on", "contacts", ["student_id", "contacted_on"])
    op.create_index("ix_contacts_logged_on", "contacts", ["logged_on"])


def _assignments() -> None:
    student, institution = _child()
    op.create_table(
        "assignments",
        student,
        institution,
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=True),
        *_written(),
        *_sent(),
        sa.ForeignKeyConstraint(["worker"], ["people.name"], name="fk_assignments_worker"),
        sa.PrimaryKeyConstraint("student_id", "institution_id", "number", name="pk_assignments"),
        sa.UniqueConstraint("call_digest", name="uq_assignments_call_digest"),
    )
    op.create_index("ix_assignments_worker", "assignments", ["worker"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(length=32), nullable=False),
        *_child(),
        sa.Column("publication_id", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note_id", sa.String(length=32), nullable=True),
        *_written(),
        *_sent(),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_feedback_note_id"),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name="fk_feedback_publication_id"),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("call_digest", name="uq_feedback_call_digest"),
    )
    op.create_index("ix_feedback_student_id", "feedback", ["student_id"])
    op.create_index("ix_feedback_publication_id", "feedback", ["publication_id"])


def downgrade() -> None:
    for table in ("feedback", "assignments", "contacts", "notes"):
        op.drop_table(table)


def _child() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("student_id", sa.String(length=80), nullable=False),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
    )


def _written() -> tuple[sa.Column[str], sa.Column[object]]:
    return (
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def _sent() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("call_digest", sa.String(length=64), nullable=True),
        sa.Column("body_digest", sa.String(length=64), nullable=True),
    )
