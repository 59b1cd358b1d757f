"""How each student stood to a list, and the weights behind the score: of everyone on roll, not of the listed alone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scores", sa.Column("place", sa.Integer(), nullable=True))
    op.add_column("scores", sa.Column("standing", sa.String(length=10), nullable=True))
    op.add_column("scores", sa.Column("above_cut", sa.Float(), nullable=True))
    op.add_column("scores", sa.Column("families", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for column in ("families", "above_cut", "standing", "place"):
        op.drop_column("scores", column)
