"""The tables of the database: staff and their tokens, names behind pseudonyms, published lists, who did what."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from serving.moments import Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def group_columns() -> tuple[Column[str], Column[int], Column[str]]:
    """The child's campus, grade and group when the row was made; null where unknown: out of every reach that fine."""
    return Column("campus_id", String(40)), Column("grade", Integer), Column("class_group", String(40))


audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3…: the chain counts its own lines
    Column("at", Moment, nullable=False),
    Column("by", String(80), nullable=False),
    Column("role", String(20), nullable=False, default=""),
    Column("action", String(40), nullable=False),
    Column("thing", String(120), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("why", String(120), nullable=False, default=""),
    Column("previous", String(80), nullable=False, unique=True),
    Column("digest", String(80), nullable=False),
    Index(None, "thing"),
    Index(None, "by", "at"),  # serving.download_limits
)

people = Table(
    "people",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("label", String(80), nullable=False, server_default=""),
    Column("expires_at", BigInteger),  # seconds since 1970 in UTC, as in account_tables; null: until it is revoked
)

roster = Table(
    "roster",
    metadata,
    Column("student_id", String(80), primary_key=True),
    Column("digest", String(32), nullable=False),  # of all words, keyed: says whether anything changed
    Column("known_on", Date),
    Column("institution_id", String(40)),
    Column("document_digest", String(32), index=True),  # keyed: finds a child from a document
    Column("sealed", LargeBinary, nullable=False),  # serving.sealing: names, document, telephone, address
)

schools = Table(
    "schools",
    metadata,
    Column("institution_id", String(40), primary_key=True),
    Column("name", String(250), nullable=False),
    Column("comuna", String(80)),
)

publications = Table(
    "publications",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("previous_id", ForeignKey("publications.id")),
    Column("model_version", String(40), nullable=False),
    Column("model_digest", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("horizon_weeks", Integer, nullable=False),
    Column("on_roll", Integer, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("tie_rule", String(120), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

pointers = Table(
    "pointers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("publication_id", ForeignKey("publications.id"), nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("publication_id", ForeignKey("publications.id"), primary_key=True),
    Column("institution_id", String(40), primary_key=True),
    Column("comuna", String(80)),
    Column("quality", Float),
    Column("notice", Text),
)

listed = Table(
    "listed",
    metadata,
    Column("publication_id", ForeignKey("publications.id"), primary_key=True),
    Column("student_id", String(80), primary_key=True),
    Column("institution_id", String(40), nullable=False),
    Column("comuna", String(80)),
    Column("rank", Integer, nullable=False),
    Column("rank_in_institution", Integer, nullable=False),
    Column("on_city_list", Boolean, nullable=False),
    Column("change", String(10), nullable=False),
    Column("body", LargeBinary, nullable=False),  # the row's JSON, served as it is
    Column("trajectory", LargeBinary, nullable=False),
    Column("lately", LargeBinary),  # None in lists of before it was kept
    *group_columns(),
    Index(None, "publication_id", "rank", unique=True),
    Index(None, "publication_id", "institution_id", "rank_in_institution"),
    Index(None, "student_id"),
)

departures = Table(
    "departures",
    metadata,
    Column("publication_id", ForeignKey("publications.id"), primary_key=True),
    Column("student_id", String(80), primary_key=True),
    Column("institution_id", String(40), nullable=False),
    Column("comuna", String(80)),
    Column("body", LargeBinary, nullable=False),
    *group_columns(),
    Index(None, "student_id"),
)

scores = Table(
    "scores",
    metadata,
    Column("publication_id", ForeignKey("publications.id"), primary_key=True),
    Column("student_id", String(80), primary_key=True),
    Column("institution_id", String(40), nullable=False),
    Column("score", Float, nullable=False),
    Column("raw_score", Float, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("place", Integer),  # by worth alone, before damping, follow-up and the lot
    Column("standing", String(10)),  # models.list_order
    Column("above_cut", Float),  # chance above the cut, on which alone the list decided; null for the followed
    Column("families", LargeBinary),  # the weight of each family, 4 bytes each, in the order the publication tells
    *group_columns(),
    Index(None, "publication_id", "institution_id"),
)
