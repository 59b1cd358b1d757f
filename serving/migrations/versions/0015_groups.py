"""Where in its school a child is, beside every row of it: a reach may be one campus or one group.

Rows written before say nothing of it, and are shown to nobody whose reach is less than their school.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("listed", "departures", "scores", "notes", "contacts", "assignments", "feedback")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("campus_id", sa.String(length=40), nullable=True))
        op.add_column(table, sa.Column("grade", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("class_group", sa.String(length=40), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        for column in ("class_group", "grade", "campus_id"):
            op.drop_column(table, column)
