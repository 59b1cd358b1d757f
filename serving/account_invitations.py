"""How an account begins, or begins again: an administrator's invitation, good once and for a week."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from serving import account_factors, account_passwords, account_sessions
from serving.account_door import Door
from serving.account_entry import Entered
from serving.account_sessions import Stage
from serving.account_tables import accounts, invitations
from serving.database import By, Database
from serving.faults import WrongUsage
from serving.people import digest_of, must_find
from serving.tables import people, tokens

LASTS = 7 * 24 * 3600
NOT_VALID = "La invitación no es válida, ya se usó o venció. Pida otra a quien administra los usuarios."
CLOSED = "Ese usuario está cerrado: ábralo de nuevo para darle una invitación."
OPEN = "Ese usuario está abierto. Si perdió la contraseña o el teléfono, restablézcalo."


def invite(database: Database, name: str, by: By) -> str:
    """The invitation is shown this once; only its hash is kept, and an earlier one ends."""
    with database.writing(by, "invite", name) as (connection, _):
        must_find(connection, name)
        return _invite(connection, name, by.at)


def reset(database: Database, name: str, by: By) -> str:
    """For who lost password or telephone: nothing of theirs signs in any more but this new invitation."""
    with database.writing(by, "reset", name) as (connection, _):
        if not must_find(connection, name).active:
            raise WrongUsage(CLOSED)
        return _begun_anew(connection, name, by.at)


def reopen(database: Database, name: str, by: By) -> str:
    """For who comes back: the same name, role and reach, and nothing that signed in before."""
    with database.writing(by, "reopen_person", name) as (connection, _):
        if must_find(connection, name).active:
            raise WrongUsage(OPEN)
        connection.execute(update(people).where(people.c.name == name).values(active=True))
        return _begun_anew(connection, name, by.at)


def _begun_anew(connection: Connection, name: str, at: datetime) -> str:
    connection.execute(update(accounts).where(accounts.c.person == name).values(password=None, subject=None))
    account_factors.forget_factor(connection, name)
    account_sessions.forget_all(connection, name)
    connection.execute(delete(tokens).where(tokens.c.person == name))
    return _invite(connection, name, at)


def _invite(connection: Connection, name: str, at: datetime) -> str:
    code = "inv_" + secrets.token_urlsafe(32)
    connection.execute(delete(invitations).where(invitations.c.person == name))
    expires = int(at.timestamp()) + LASTS
    connection.execute(insert(invitations).values(digest=digest_of(code), person=name, expires_at=expires))
    return code


def accept(door: Door, code: str, password: str, at: datetime) -> Entered | str:
    """Sets the password and signs in: the session's key and what comes next; or the sentence that says why not."""
    digest, now = digest_of(code.strip()), int(at.timestamp())
    with door.database.reading() as connection:
        good = (invitations.c.digest == digest) & (invitations.c.expires_at > now)
        name = connection.execute(select(invitations.c.person).where(good)).scalar()
        person = must_find(connection, name) if name else None
    if person is None or not person.active:
        return NOT_VALID
    if wrong := account_passwords.what_is_wrong(password, person.name):
        return wrong
    hashed = account_passwords.kept(password)
    stage = Stage.ENROL if door.must_prove_twice(person.role) else Stage.COMPLETE
    with door.database.writing(By(person.name, at), "accept_invitation", person.name) as (connection, entry):
        if connection.execute(delete(invitations).where(invitations.c.digest == digest)).rowcount != 1:
            entry.skip = True  # somebody was faster
            return NOT_VALID
        connection.execute(update(accounts).where(accounts.c.person == person.name).values(password=hashed))
        account_sessions.forget_all(connection, person.name)
        pending = account_factors.begun(door) if stage is Stage.ENROL else None
        return Entered(account_sessions.start(connection, person.name, stage, at, pending=pending), stage)
