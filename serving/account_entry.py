"""Signing in with one's own account, step by step; every try, good or bad, leaves a line in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from serving import account_factors, account_limits, account_passwords, account_sessions
from serving.account_door import Door
from serving.account_limits import NOBODY
from serving.account_sessions import Session, Stage
from serving.account_tables import accounts
from serving.database import By
from serving.people import Person, Role, digest_of, person_with_token, withdraw_tokens
from serving.tables import people

JUST_NOW = 10 * 60  # seconds since both steps were proved


@dataclass(frozen=True)
class Entered:
    """The key of the new session, and what comes next."""

    key: str
    stage: Stage


@dataclass(frozen=True)
class Try:
    """From where somebody tries to sign in, and when."""

    address: str
    at: datetime


@dataclass(frozen=True)
class Account:
    name: str
    role: str
    active: bool
    password: str | None


def with_password(door: Door, name: str, password: str, tried: Try) -> Entered | None:
    """None for a wrong password, for an account that is closed, and for one that does not exist: all alike.

    Raises TooManyTries, with the seconds to wait.
    """
    asked = name.strip().lower()[:80]
    number = account_limits.claim(door, asked, tried.address, tried.at)
    account = _account(door, asked)
    right = account_passwords.matches(password, account.password if account else None)
    if account is None or not right or not account.active:
        note_failure(door, account.name if account else NOBODY, "contraseña", tried)
        return None
    account_limits.give_back(door, number, tried.at)
    return admit(door, Person(account.name, Role(account.role)), tried, "contraseña")


def _account(door: Door, name: str) -> Account | None:
    columns = select(people.c.name, people.c.role, people.c.active, accounts.c.password)
    with door.database.reading() as connection:
        joined = columns.join_from(people, accounts, accounts.c.person == people.c.name)
        row = connection.execute(joined.where(people.c.name == name)).one_or_none()
    return Account(*row) if row else None


def admit(door: Door, person: Person, tried: Try, how: str, proved_twice: bool = False) -> Entered:
    """Opens the session of somebody who proved who they are, complete or with a second step still to come."""
    with door.database.writing(By(person.name, tried.at), "sign_in", person.name) as (connection, entry):
        query = select(accounts.c.factor).where(accounts.c.person == person.name)
        has_factor = connection.execute(query).scalar() is not None
        stage = Stage.COMPLETE if proved_twice else _next(door, person.role, has_factor)
        entry.detail = _told(door, how if stage is Stage.COMPLETE else f"{how}, falta el segundo paso", tried)
        pending = account_factors.begun(door) if stage is Stage.ENROL else None
        key = account_sessions.start(connection, person.name, stage, tried.at, pending=pending)
        return Entered(key, stage)


def _next(door: Door, role: Role, has_factor: bool) -> Stage:
    if has_factor:
        return Stage.CODE
    return Stage.ENROL if door.must_prove_twice(role) else Stage.COMPLETE


def with_token(door: Door, token: str, tried: Try) -> Entered | None:
    """Only for made-up data, where no name is real: elsewhere a token is for programs."""
    with door.database.reading() as connection:
        person = person_with_token(connection, digest_of(token.strip()), tried.at)
    if person is None:
        note_failure(door, NOBODY, "ficha", tried)
        return None
    return admit(door, person, tried, "ficha")


def with_code(door: Door, session: Session, code: str, tried: Try) -> Entered | None:
    """The second step of somebody whose first was right."""
    name = session.person.name
    number = account_limits.claim(door, name, tried.address, tried.at)
    with door.database.writing(By(name, tried.at), "sign_in", name) as (connection, entry):
        if account_factors.accept(connection, door, name, code, tried.at):
            entry.detail = _told(door, "segundo paso", tried)
            key = account_sessions.start(connection, name, Stage.COMPLETE, tried.at, session.digest)
        else:
            entry.skip, key = True, None
    if key is None:
        note_failure(door, name, "segundo paso", tried)
        return None
    account_limits.give_back(door, number, tried.at)
    return Entered(key, Stage.COMPLETE)


def prove(door: Door, session: Session, password: str, tried: Try) -> bool:
    """Whether who sits at a signed-in screen is its owner: asked for before the keys of an account are changed."""
    name = session.person.name
    number = account_limits.claim(door, name, tried.address, tried.at)
    account = _account(door, name)
    if not account_passwords.matches(password, account.password if account else None):
        note_failure(door, name, "contraseña", tried)
        return False
    account_limits.give_back(door, number, tried.at)
    return True


def has_password(door: Door, name: str) -> bool:
    account = _account(door, name)
    return account is not None and account.password is not None


def came_just_now(session: Session, at: datetime) -> bool:
    """The proof of who has no password, since another vouches for them: both steps were taken a moment ago."""
    return int(at.timestamp()) - session.started_at <= JUST_NOW


def change_password(door: Door, session: Session, new: str, at: datetime, tokens_too: bool) -> str | None:
    """Ends every other session, and what one's programs call with if so asked. The sentence that says why not."""
    name = session.person.name
    if wrong := account_passwords.what_is_wrong(new, name):
        return wrong
    hashed = account_passwords.kept(new)
    with door.database.writing(By(name, at), "change_password", name) as (connection, entry):
        connection.execute(update(accounts).where(accounts.c.person == name).values(password=hashed))
        account_sessions.forget_all(connection, name, but=session.digest)
        if tokens_too:
            entry.detail = f"fichas retiradas: {withdraw_tokens(connection, name, at)}"
    return None


def note_failure(door: Door, name: str, how: str, tried: Try) -> None:
    """About `name`, and by nobody: whoever tried did not show that it was they."""
    with door.database.writing(By(NOBODY, tried.at), "sign_in_failed", name) as (_, entry):
        entry.detail = _told(door, how, tried)


def _told(door: Door, how: str, tried: Try) -> str:
    """The address stands there as a keyed digest: enough to see that two tries came from one place."""
    return f"{how}; origen {door.keyed('address', tried.address)[:12]}"
