"""Whom the identity provider of the secretariat vouches for, and whether that is one of us."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from serving.account_door import Door
from serving.account_entry import Entered, Try, admit, note_failure
from serving.account_limits import NOBODY
from serving.account_settings import AccountSettings
from serving.account_tables import accounts
from serving.database import By
from serving.people import find_person

NAME = "institucional"


class NotVouched(Exception):  # noqa: N818 - the provider said no, or what came from it does not hold
    """With a sentence for whoever tried."""


NO_ANSWER = "El proveedor de identidad no responde. Intente de nuevo en unos minutos o entre con su contraseña."
NOT_PROVEN = "El proveedor no confirmó quién es usted. Empiece de nuevo."
NOT_ONE_OF_US = (
    "El proveedor lo reconoce, pero ese correo no tiene usuario aquí. Pídalo a quien administra los usuarios."
)


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for."""

    subject: str
    email: str | None  # only when the provider says that it checked it
    factors: frozenset[str]


def enter(door: Door, who: Vouched, settings: AccountSettings, tried: Try) -> Entered:
    """Opens the session of the person it is. Nobody is made on the way: an administrator does that."""
    with door.database.writing(By(NOBODY, tried.at), "bind_provider", NAME) as (connection, entry):
        name, entry.skip = _name_of(connection, who), True
        person = find_person(connection, name) if name else None
        if person:
            entry.by, entry.thing, entry.skip = By(person.name, tried.at), person.name, not _bind(connection, who, name)
    if person is None or not person.active:
        note_failure(door, person.name if person else NOBODY, "proveedor", tried)
        raise NotVouched(NOT_ONE_OF_US)
    return admit(door, person, tried, "proveedor", proved_twice=bool(who.factors & settings.provider_factors))


def _name_of(connection: Connection, who: Vouched) -> str | None:
    """By what the provider calls them since the first time; before that by the e-mail it has checked."""
    known = select(accounts.c.person).where(accounts.c.subject == who.subject)
    if name := connection.execute(known).scalar():
        return str(name)
    first = select(accounts.c.person).where(accounts.c.email == who.email, accounts.c.subject.is_(None))
    return connection.execute(first).scalar() if who.email else None


def _bind(connection: Connection, who: Vouched, name: str | None) -> bool:
    unbound = (accounts.c.person == name) & accounts.c.subject.is_(None)
    return connection.execute(update(accounts).where(unbound).values(subject=who.subject)).rowcount == 1
