"""The table of answers that are ready: whole pages of a list, made once when it is published."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from serving.tables import metadata

prepared = Table(
    "prepared",
    metadata,
    Column("publication_id", ForeignKey("publications.id"), primary_key=True),
    Column("institution_id", String(40), primary_key=True),  # empty: the city's list, for the whole secretariat alone
    Column("size", Integer, primary_key=True),  # rows asked for
    Column("after", Integer, primary_key=True),  # rank of the last row of the page before; 0 for the first page
    Column("rows", Integer, nullable=False),
    Column("left", Integer, nullable=False),
    Column("next_after", Integer),  # null on the last page
    Column("body", LargeBinary, nullable=False),  # the answer's JSON up to its cursor
)
