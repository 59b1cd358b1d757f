"""Who is signed in: each session is a row that can be ended; an hour of rest or half a day ends it by itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from serving.account_tables import sessions
from serving.database import By, Database
from serving.people import Person, digest_of, find_person

IDLE, LONGEST, UNFINISHED = 60 * 60, 12 * 60 * 60, 10 * 60
NOTED_EVERY = 60  # seconds: reading ten pages a minute is one write, not ten


class Stage(StrEnum):
    CODE = "code"  # the password was right; the second step is asked for
    ENROL = "enrol"  # the password was right; the second step has to be set up first
    COMPLETE = "complete"


@dataclass(frozen=True)
class Session:
    digest: str
    person: Person
    stage: Stage
    started_at: int
    seen_at: int
    pending: str | None

    @property
    def complete(self) -> bool:
        return self.stage is Stage.COMPLETE


def start(
    connection: Connection,
    name: str,
    stage: Stage,
    at: datetime,
    instead_of: str | None = None,
    pending: str | None = None,
) -> str:
    """A new session under a new key, also for who had one: what was known of the old key opens nothing."""
    now, key = int(at.timestamp()), secrets.token_urlsafe(32)
    ended = sessions.c.started_at < now - LONGEST
    connection.execute(delete(sessions).where(ended | (sessions.c.digest == (instead_of or ""))))
    row = {"digest": digest_of(key), "person": name, "stage": stage.value, "started_at": now, "seen_at": now}
    connection.execute(insert(sessions).values(**row, pending=pending))
    return key


def find(database: Database, key: str, at: datetime) -> Session | None:
    """Whose session this is, while it lasts and while its owner's account is open."""
    with database.reading() as connection:
        row = connection.execute(select(sessions).where(sessions.c.digest == digest_of(key))).one_or_none()
        person = find_person(connection, row.person) if row else None
    if row is None or person is None or not person.active:
        return None
    found = Session(row.digest, person, Stage(row.stage), row.started_at, row.seen_at, row.pending)
    return None if _is_over(found, int(at.timestamp())) else found


def _is_over(session: Session, now: int) -> bool:
    longest = LONGEST if session.complete else UNFINISHED
    return now - session.seen_at > IDLE or now - session.started_at > longest


def note_seen(database: Database, session: Session, at: datetime) -> None:
    """A reader who goes on reading stays signed in."""
    now = int(at.timestamp())
    if now - session.seen_at < NOTED_EVERY:
        return
    with database.writing(By(session.person.name, at), "read", "session") as (connection, entry):
        entry.skip = True  # that they read is told by what they read
        connection.execute(update(sessions).where(sessions.c.digest == session.digest).values(seen_at=now))


def hold_pending(database: Database, session: Session, locked: str, at: datetime) -> None:
    """Keeps the second step that is being set up beside the session, until a code proves it."""
    with database.writing(By(session.person.name, at), "set_up_factor", session.person.name) as (connection, entry):
        entry.skip = True
        connection.execute(update(sessions).where(sessions.c.digest == session.digest).values(pending=locked))


def end(database: Database, session: Session, at: datetime) -> None:
    with database.writing(By(session.person.name, at), "sign_out", session.person.name) as (connection, _):
        connection.execute(delete(sessions).where(sessions.c.digest == session.digest))


def end_all(database: Database, name: str, by: By, but: str | None = None) -> int:
    """Ends every session of a person, perhaps but one; how many there were."""
    with database.writing(by, "end_sessions", name) as (connection, entry):
        done = forget_all(connection, name, but)
        entry.detail = str(done)
        return done


def forget_all(connection: Connection, name: str, but: str | None = None) -> int:
    theirs = (sessions.c.person == name) & (sessions.c.digest != (but or ""))
    return connection.execute(delete(sessions).where(theirs)).rowcount


def count(connection: Connection, name: str, at: datetime) -> int:
    alive = (sessions.c.person == name) & (sessions.c.seen_at >= int(at.timestamp()) - IDLE)
    return len(connection.execute(select(sessions.c.digest).where(alive)).all())
