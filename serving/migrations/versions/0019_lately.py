"""Beside each published student, their last months at school: weeks of attendance, marks, and the help they get.

Lists published before keep nothing of it, and their pages say so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listed", sa.Column("lately", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("listed", "lately")
