"""Who took how many files lately is found in the audit without walking through all of it."""

from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_by_at", "audit", ["by", "at"])


def downgrade() -> None:
    op.drop_index("ix_audit_by_at", "audit")
