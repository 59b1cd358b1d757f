"""Setting up the second step: a square to read with the telephone, and a first code that proves it was read."""

from __future__ import annotations

from dataclasses import dataclass

from serving import account_factors, account_limits, account_sessions
from serving.account_door import Door
from serving.account_entry import Entered, Try, note_failure
from serving.account_sessions import Session, Stage
from serving.database import By


@dataclass(frozen=True)
class Setup:
    """What the page shows: the square, and the same in letters for who cannot read it."""

    picture: str
    letters: str


def begin(door: Door, session: Session, tried: Try) -> None:
    """For who is signed in already and has just proved it again."""
    account_sessions.hold_pending(door.database, session, account_factors.begun(door), tried.at)


def shown(door: Door, session: Session) -> Setup | None:
    """The same square until its first code comes, so that going back a page does not lose it."""
    if session.pending is None:
        return None
    secret = door.unlock(session.pending)
    return Setup(account_factors.picture(secret, session.person.name), account_factors.spaced(secret))


def confirm(door: Door, session: Session, code: str, tried: Try) -> tuple[Entered, list[str]] | None:
    """The complete session and the codes for paper, or None when the code is not of this square."""
    name = session.person.name
    number = account_limits.claim(door, name, tried.address, tried.at)
    secret = door.unlock(session.pending) if session.pending else None
    step = account_factors.step_of(secret, code, tried.at) if secret else None
    if secret is None or step is None:
        note_failure(door, name, "primer código", tried)
        return None
    account_limits.give_back(door, number, tried.at)
    with door.database.writing(By(name, tried.at), "set_factor", name) as (connection, _):
        codes = account_factors.set_factor(connection, door, name, secret, step)
        account_sessions.forget_all(connection, name)
        return Entered(account_sessions.start(connection, name, Stage.COMPLETE, tried.at), Stage.COMPLETE), codes
