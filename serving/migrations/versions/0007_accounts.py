"""Accounts with password and second factor, sessions in the database, and reach finer than a school."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FINER = ("comuna", "institution_id", "campus_id", "grade", "class_group")


def upgrade() -> None:
    _reach()
    _accounts()
    _sessions()
    op.add_column("tokens", sa.Column("label", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("tokens", sa.Column("expires_at", sa.BigInteger(), nullable=True))


def _reach() -> None:
    op.create_table(
        "reach_parts",
        _person(),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("comuna", sa.String(length=80), nullable=False),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        sa.Column("campus_id", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.String(length=10), nullable=False),
        sa.Column("class_group", sa.String(length=40), nullable=False),
        _to_people("reach_parts"),
        sa.PrimaryKeyConstraint("person", "scope", *FINER, name="pk_reach_parts"),
    )
    op.execute(
        "INSERT INTO reach_parts (person, scope, comuna, institution_id, campus_id, grade, class_group) "
        "SELECT name, 'secretariat', '', '', '', '', '' FROM people WHERE whole_secretariat"
    )
    op.execute(
        "INSERT INTO reach_parts (person, scope, comuna, institution_id, campus_id, grade, class_group) "
        "SELECT person, 'institution', '', institution_id, '', '', '' FROM reaches"
    )
    op.drop_table("reaches")
    # NOTE: never a batch here. It would drop and remake the table of people, and every token with it.
    op.drop_column("people", "whole_secretariat")


def _accounts() -> None:
    op.create_table(
        "accounts",
        _person(),
        sa.Column("password", sa.String(length=250), nullable=True),
        sa.Column("factor", sa.Text(), nullable=True),
        sa.Column("factor_step", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=250), nullable=True),
        sa.Column("subject", sa.String(length=500), nullable=True),
        _to_people("accounts"),
        sa.PrimaryKeyConstraint("person", name="pk_accounts"),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
        sa.UniqueConstraint("subject", name="uq_accounts_subject"),
    )
    op.execute("INSERT INTO accounts (person, factor_step) SELECT name, 0 FROM people")
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=64), nullable=False),
        _person(),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _to_people("invitations"),
        sa.PrimaryKeyConstraint("digest", name="pk_invitations"),
    )
    op.create_index("ix_invitations_person", "invitations", ["person"])
    op.create_table(
        "recovery_codes",
        _person(),
        sa.Column("digest", sa.String(length=64), nullable=False),
        _to_people("recovery_codes"),
        sa.PrimaryKeyConstraint("person", "digest", name="pk_recovery_codes"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        _person(),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.Text(), nullable=True),
        _to_people("sessions"),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_account_at", "attempts", ["account", "at"])
    op.create_index("ix_attempts_address_at", "attempts", ["address", "at"])


def downgrade() -> None:
    op.drop_column("tokens", "expires_at")
    op.drop_column("tokens", "label")
    for table in ("attempts", "sessions", "recovery_codes", "invitations", "accounts"):
        op.drop_table(table)
    op.add_column("people", sa.Column("whole_secretariat", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE people SET whole_secretariat = (name IN (SELECT person FROM reach_parts WHERE scope = 'secretariat'))"
    )
    op.create_table(
        "reaches",
        _person(),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        _to_people("reaches"),
        sa.PrimaryKeyConstraint("person", "institution_id", name="pk_reaches"),
    )
    # A comuna, a campus or a group has no older form: who reached only that reaches nothing again.
    op.execute(
        "INSERT INTO reaches (person, institution_id) "
        "SELECT person, institution_id FROM reach_parts WHERE scope = 'institution'"
    )
    op.drop_table("reach_parts")


def _person() -> sa.Column[str]:
    return sa.Column("person", sa.String(length=80), nullable=False)


def _to_people(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person"], ["people.name"], name=f"fk_{table}_person", ondelete="CASCADE")
