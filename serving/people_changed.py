"""What an administrator changes later of an account that stays open: its role, and the address its mail goes to."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update

from serving.account_sessions import forget_all
from serving.account_tables import accounts
from serving.database import By, Database
from serving.faults import WrongUsage
from serving.people import Person, Role, must_find, must_make_sense, plain_email
from serving.permission_table import RULES, Action
from serving.tables import people
from serving.view_tables import saved_views

CLOSED = "Ese usuario está cerrado: ábralo de nuevo antes de cambiarlo."


def change_role(database: Database, name: str, role: Role, by: By) -> Person:
    """Ends their sessions: the next one asks for what the new role must prove."""
    with database.writing(by, "change_role", name) as (connection, entry):
        before = _must_be_open(connection, name)
        entry.detail, entry.skip = f"{before.role.value} > {role.value}", role is before.role
        if entry.skip:
            return before
        person = replace(before, role=role)
        must_make_sense(person)
        connection.execute(update(people).where(people.c.name == name).values(role=role.value))
        _keep_titles_from_who_sees_no_names(connection, before, role)
        forget_all(connection, name)
        return person


def change_email(database: Database, name: str, email: str, by: By) -> None:
    """The line of the audit says that it changed, never the address."""
    with database.writing(by, "change_email", name) as (connection, entry):
        _must_be_open(connection, name)
        plain = plain_email(connection, name, email)
        connection.execute(update(accounts).where(accounts.c.person == name).values(email=plain))
        entry.detail = "con correo" if plain else "sin correo"


def _must_be_open(connection: Connection, name: str) -> Person:
    person = must_find(connection, name)
    if not person.active:
        raise WrongUsage(CLOSED)
    return person


def _keep_titles_from_who_sees_no_names(connection: Connection, before: Person, role: Role) -> None:
    """A view that was shared while its owner saw names may be called after a child: now it is theirs alone."""
    named = RULES[Action.SEE_NAMES].roles
    if before.role not in named or role in named:
        return
    shared = (saved_views.c.person == before.name) & saved_views.c.shared.is_(True)
    kept = [dict(row) for row in connection.execute(select(saved_views).where(shared)).mappings()]
    connection.execute(delete(saved_views).where(shared))
    if kept:
        connection.execute(insert(saved_views), [row | {"shared": False} for row in kept])
