"""What the roster knows of a child is sealed with a key that is kept outside the database."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LENGTHS = {
    "per_id": 40,
    "document_type": 40,
    "document_number": 40,
    "first_name": 120,
    "second_name": 120,
    "first_surname": 120,
    "second_surname": 120,
    "address": 250,
    "neighbourhood": 250,
    "phone": 80,
    "email": 250,
}
WORDS = ("institution_id", *LENGTHS)
AT_ONCE = 5_000


def upgrade() -> None:
    with op.batch_alter_table("roster") as roster:
        roster.add_column(sa.Column("document_digest", sa.String(length=32), nullable=True))
        roster.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
    sealer = context.config.attributes.get("sealer")
    kept = sa.text(
        "UPDATE roster SET digest = :digest, document_digest = :document, sealed = :sealed WHERE student_id = :student"
    )
    for some in _portions("student_id", *WORDS):
        op.get_bind().execute(kept, [_sealed(row, sealer) for row in some])
    with op.batch_alter_table("roster") as roster:
        for name in LENGTHS:
            roster.drop_column(name)
        roster.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
    op.create_index("ix_roster_document_digest", "roster", ["document_digest"], unique=False)


def _sealed(row: dict[str, Any], sealer: Any) -> dict[str, Any]:
    words = "\x1f".join(row[name] or "" for name in WORDS)
    return {
        "student": row["student_id"],
        "digest": sealer.digest("words", words),
        "document": sealer.of_document(row["document_number"]),
        "sealed": sealer.seal(row["student_id"], {name: row[name] for name in LENGTHS}),
    }


def downgrade() -> None:
    op.drop_index("ix_roster_document_digest", table_name="roster")
    with op.batch_alter_table("roster") as roster:
        for name, length in LENGTHS.items():
            roster.add_column(sa.Column(name, sa.String(length=length), nullable=True))
    sealer = context.config.attributes.get("sealer")
    roster_now = sa.table("roster", *map(sa.column, ("student_id", *LENGTHS)))
    same = roster_now.c.student_id == sa.bindparam("student")
    kept = sa.update(roster_now).where(same).values({name: sa.bindparam(name) for name in LENGTHS})
    for some in _portions("student_id", "sealed"):
        op.get_bind().execute(kept, [_opened(row, sealer) for row in some])
    with op.batch_alter_table("roster") as roster:
        roster.drop_column("sealed")
        roster.drop_column("document_digest")


def _opened(row: dict[str, Any], sealer: Any) -> dict[str, Any]:
    known = sealer.open(row["student_id"], bytes(row["sealed"]))
    return {"student": row["student_id"], **{name: known.get(name) for name in LENGTHS}}


def _portions(*columns: str) -> Iterator[list[dict[str, Any]]]:
    roster = sa.table("roster", *map(sa.column, columns))
    rows = [dict(row) for row in op.get_bind().execute(roster.select()).mappings()]
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
