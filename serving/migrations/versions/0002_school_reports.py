"""How well each school reported when a list was made, so that a short list is not taken for a safe school."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("publication_id", sa.String(length=40), nullable=False),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        sa.Column("comuna", sa.String(length=80), nullable=True),
        sa.Column("quality", sa.Float(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name="fk_reports_publication_id"),
        sa.PrimaryKeyConstraint("publication_id", "institution_id", name="pk_reports"),
    )


def downgrade() -> None:
    op.drop_table("reports")
