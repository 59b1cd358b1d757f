"""The tables behind the pages: the views people save, and the figures of each school."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, LargeBinary, String, Table, UniqueConstraint

from serving.tables import metadata

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("query", String(600), nullable=False),  # the filters, as the page writes them in its address
    Column("shared", Boolean, nullable=False, default=False),
    UniqueConstraint("person", "name", name="uq_saved_views_person"),
)

school_figures = Table(
    "school_figures",
    metadata,
    Column("institution_id", String(40), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("body", LargeBinary, nullable=False),  # counts that may be published, as JSON; no child's record
)
