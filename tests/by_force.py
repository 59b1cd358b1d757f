"""What only somebody who holds the whole database can do: change what the service may not, or take it all away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from postgres_server import OWNER
from sqlalchemy import URL, make_url

from serving.database import Database


def force(database: Database, statement: str) -> None:
    """Past the triggers of a file, and as the owner of the tables on a server."""
    if not database.is_embedded:
        run_as(OWNER, database.url, statement)
        return
    with closing(sqlite3.connect(str(database.engine.url.database))) as plain:
        for verb in ("update", "delete"):
            plain.execute(f"DROP TRIGGER IF EXISTS audit_refuses_{verb}")
        plain.execute(statement)
        plain.commit()


def take_away(url: str) -> None:
    """The database is gone, under a service that runs; in place of a file there is something else."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        run_as("postgres", address.set(database="postgres"), f"DROP DATABASE {address.database} WITH (FORCE)")
        return
    file = Path(str(address.database))
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()
    file.mkdir()


def run_as(role: str, url: str | URL, statement: str) -> None:
    address = make_url(url).set(drivername="postgresql", username=role).render_as_string()
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
