"""The tables of what is sent and handed over: who asked for which packs, the sealed packs, and who was written to.

Moments are whole seconds since 1970 in UTC, as in serving.account_tables.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from serving.tables import metadata as metadata

export_jobs = Table(
    "export_jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), nullable=False),
    Column("publication_id", ForeignKey("publications.id"), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),  # serving.bulk_export.State
    Column("held_until", BigInteger, nullable=False, default=0),  # a worker that says nothing for so long is gone
    Column("schools", Integer, nullable=False, default=0),
    Column("done", Integer, nullable=False, default=0),
    Column("expires_at", BigInteger, nullable=False, default=0),
    Column("told", Text, nullable=False, default=""),  # why it failed
    Index(None, "person", "asked_at"),
    Index(None, "state", "asked_at"),
)

export_packs = Table(
    "export_packs",
    metadata,
    Column("job_id", ForeignKey("export_jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("institution_id", String(40), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # serving.sealing: the three files of one school
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("publication_id", ForeignKey("publications.id"), primary_key=True),
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), primary_key=True),
    Column("begun_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),  # null: it may have gone out, and is not sent twice
)
