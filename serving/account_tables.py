"""The tables of the accounts: what each person reaches, how they sign in, and who is signed in now.

Moments are whole seconds since 1970 in UTC, so that every database compares them alike. Passwords, tokens, codes and
session keys are kept only as hashes; the secret of a second factor is encrypted.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from serving.tables import metadata as metadata

reach_parts = Table(
    "reach_parts",
    metadata,
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), primary_key=True),
    Column("scope", String(20), primary_key=True),
    Column("comuna", String(80), primary_key=True, default=""),
    Column("institution_id", String(40), primary_key=True, default=""),
    Column("campus_id", String(40), primary_key=True, default=""),
    Column("grade", String(10), primary_key=True, default=""),
    Column("class_group", String(40), primary_key=True, default=""),
)

accounts = Table(
    "accounts",
    metadata,
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), primary_key=True),
    Column("password", String(250)),
    Column("factor", Text),  # encrypted; null while there is no second factor
    Column("factor_step", BigInteger, nullable=False, default=0),  # of the last code used: none is used twice
    Column("email", String(250), unique=True),  # as the identity provider of the secretariat knows them
    Column("subject", String(500), unique=True),  # issuer and sub, from the first sign-in on
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", BigInteger, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", ForeignKey("people.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("stage", String(20), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("pending", Text),  # the second factor being set up, encrypted, until its first code proves it
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("account", String(64), nullable=False),  # keyed digests: neither what was typed nor an address is kept
    Column("address", String(64), nullable=False),
    Index(None, "account", "at"),
    Index(None, "address", "at"),
)
