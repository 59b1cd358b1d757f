"""Finds where a child is shown, by the child: the fence around names asks it of every row."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_listed_student_id", "listed", ["student_id"], unique=False)
    op.create_index("ix_departures_student_id", "departures", ["student_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_departures_student_id", table_name="departures")
    op.drop_index("ix_listed_student_id", table_name="listed")
