"""The packs of all schools that somebody asked for, and who was written to about which list."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "export_jobs",
        sa.Column("id", sa.String(length=32), nullable=False),
        _person(),
        _publication(),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.Column("schools", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        *_belongs("export_jobs"),
        sa.PrimaryKeyConstraint("id", name="pk_export_jobs"),
    )
    op.create_index("ix_export_jobs_person_asked_at", "export_jobs", ["person", "asked_at"])
    op.create_index("ix_export_jobs_state_asked_at", "export_jobs", ["state", "asked_at"])
    op.create_table(
        "export_packs",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["export_jobs.id"], name="fk_export_packs_job_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "institution_id", name="pk_export_packs"),
    )
    op.create_table(
        "deliveries",
        _publication(),
        _person(),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        *_belongs("deliveries"),
        sa.PrimaryKeyConstraint("publication_id", "person", name="pk_deliveries"),
    )


def downgrade() -> None:
    for table in ("deliveries", "export_packs", "export_jobs"):
        op.drop_table(table)


def _person() -> sa.Column[str]:
    return sa.Column("person", sa.String(length=80), nullable=False)


def _publication() -> sa.Column[str]:
    return sa.Column("publication_id", sa.String(length=40), nullable=False)


def _belongs(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(["person"], ["people.name"], name=f"fk_{table}_person", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name=f"fk_{table}_publication_id"),
    ]
