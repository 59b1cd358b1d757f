"""The first tables: staff, names, published lists, scores and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("thing", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_thing", "audit", ["thing"], unique=False)
    op.create_table(
        "people",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("whole_secretariat", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_people"),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("previous_id", sa.String(length=40), nullable=True),
        sa.Column("model_version", sa.String(length=40), nullable=False),
        sa.Column("model_digest", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("horizon_weeks", sa.Integer(), nullable=False),
        sa.Column("on_roll", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("tie_rule", sa.String(length=120), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["previous_id"], ["publications.id"], name="fk_publications_previous_id"),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
    )
    op.create_index("ix_publications_day", "publications", ["day"], unique=False)
    op.create_table(
        "roster",
        sa.Column("student_id", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=True),
        sa.Column("institution_id", sa.String(length=40), nullable=True),
        sa.Column("per_id", sa.String(length=40), nullable=True),
        sa.Column("document_type", sa.String(length=40), nullable=True),
        sa.Column("document_number", sa.String(length=40), nullable=True),
        sa.Column("first_name", sa.String(length=120), nullable=True),
        sa.Column("second_name", sa.String(length=120), nullable=True),
        sa.Column("first_surname", sa.String(length=120), nullable=True),
        sa.Column("second_surname", sa.String(length=120), nullable=True),
        sa.Column("address", sa.String(length=250), nullable=True),
        sa.Column("neighbourhood", sa.String(length=250), nullable=True),
        sa.Column("phone", sa.String(length=80), nullable=True),
        sa.Column("email", sa.String(length=250), nullable=True),
        sa.PrimaryKeyConstraint("student_id", name="pk_roster"),
    )
    op.create_table(
        "schools",
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("comuna", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("institution_id", name="pk_schools"),
    )
    op.create_table(
        "departures",
        sa.Column("publication_id", sa.String(length=40), nullable=False),
        sa.Column("student_id", sa.String(length=80), nullable=False),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        sa.Column("comuna", sa.String(length=80), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name="fk_departures_publication_id"),
        sa.PrimaryKeyConstraint("publication_id", "student_id", name="pk_departures"),
    )
    op.create_table(
        "listed",
        sa.Column("publication_id", sa.String(length=40), nullable=False),
        sa.Column("student_id", sa.String(length=80), nullable=False),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        sa.Column("comuna", sa.String(length=80), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("rank_in_institution", sa.Integer(), nullable=False),
        sa.Column("on_city_list", sa.Boolean(), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("trajectory", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name="fk_listed_publication_id"),
        sa.PrimaryKeyConstraint("publication_id", "student_id", name="pk_listed"),
    )
    op.create_index(
        "ix_listed_publication_id_institution_id_rank_in_institution",
        "listed",
        ["publication_id", "institution_id", "rank_in_institution"],
        unique=False,
    )
    op.create_index("ix_listed_publication_id_rank", "listed", ["publication_id", "rank"], unique=True)
    op.create_table(
        "pointers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("publication_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name="fk_pointers_publication_id"),
        sa.PrimaryKeyConstraint("day", name="pk_pointers"),
    )
    op.create_table(
        "reaches",
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.name"], name="fk_reaches_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "institution_id", name="pk_reaches"),
    )
    op.create_table(
        "scores",
        sa.Column("publication_id", sa.String(length=40), nullable=False),
        sa.Column("student_id", sa.String(length=80), nullable=False),
        sa.Column("institution_id", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("raw_score", sa.Float(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name="fk_scores_publication_id"),
        sa.PrimaryKeyConstraint("publication_id", "student_id", name="pk_scores"),
    )
    op.create_index(
        "ix_scores_publication_id_institution_id", "scores", ["publication_id", "institution_id"], unique=False
    )
    op.create_table(
        "tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.name"], name="fk_tokens_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name="pk_tokens"),
    )


def downgrade() -> None:
    op.drop_table("tokens")
    op.drop_index("ix_scores_publication_id_institution_id", table_name="scores")
    op.drop_table("scores")
    op.drop_table("reaches")
    op.drop_table("pointers")
    op.drop_index("ix_listed_publication_id_rank", table_name="listed")
    op.drop_index("ix_listed_publication_id_institution_id_rank_in_institution", table_name="listed")
    op.drop_table("listed")
    op.drop_table("departures")
    op.drop_table("schools")
    op.drop_table("roster")
    op.drop_index("ix_publications_day", table_name="publications")
    op.drop_table("publications")
    op.drop_table("people")
    op.drop_index("ix_audit_thing", table_name="audit")
    op.drop_table("audit")
