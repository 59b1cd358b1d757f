"""The members of staff: what they are, which schools they reach, and the tokens they sign in with."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from serving.database import By, Database
from serving.faults import WrongUsage
from serving.tables import people, reaches, tokens

TOKEN_BYTES = 32  # random enough that a plain hash of it cannot be guessed


class Role(StrEnum):
    COVERAGE = "coverage"
    SUPERVISOR = "supervisor"
    SCHOOL = "school"
    DATA_SCIENTIST = "data_scientist"
    ADMIN = "admin"
    AUDITOR = "auditor"


ROLE_NAMES = {
    Role.COVERAGE: "equipo de cobertura",
    Role.SUPERVISOR: "supervisión de cobertura",
    Role.SCHOOL: "institución educativa",
    Role.DATA_SCIENTIST: "ciencia de datos",
    Role.ADMIN: "administración",
    Role.AUDITOR: "auditoría",
}


@dataclass(frozen=True)
class Reach:
    """Which schools a person may look at; None means every school of the secretariat."""

    institutions: frozenset[str] | None = None

    def covers(self, institution_id: str) -> bool:
        return self.institutions is None or institution_id in self.institutions


WHOLE_SECRETARIAT = Reach(None)


@dataclass(frozen=True)
class Person:
    name: str
    role: Role
    reach: Reach = WHOLE_SECRETARIAT
    active: bool = True


def reach_of(institutions: Iterable[str]) -> Reach:
    chosen = frozenset(institutions)
    return Reach(chosen) if chosen else WHOLE_SECRETARIAT


def add_person(database: Database, person: Person, by: By) -> None:
    _must_make_sense(person)
    with database.writing(by, "add_person", person.name) as (connection, entry):
        if _find(connection, person.name):
            raise WrongUsage(f"Ya existe el usuario {person.name}. Elija otro nombre.")
        whole = person.reach.institutions is None
        connection.execute(
            insert(people).values(
                name=person.name, role=person.role.value, whole_secretariat=whole, active=person.active
            )
        )
        for institution in sorted(person.reach.institutions or ()):
            connection.execute(insert(reaches).values(person=person.name, institution_id=institution))
        entry.detail = person.role.value


def _must_make_sense(person: Person) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,79}", person.name):
        raise WrongUsage("El nombre de usuario lleva de 2 a 80 letras minúsculas, cifras, puntos o guiones.")
    if person.role is Role.SCHOOL and not person.reach.institutions:
        raise WrongUsage("Un usuario de institución educativa necesita al menos un código DANE (--institution).")


def remove_person(database: Database, name: str, by: By) -> None:
    """A person who leaves is closed, not erased: the audit still knows who they were."""
    with database.writing(by, "remove_person", name) as (connection, _):
        done = connection.execute(update(people).where(people.c.name == name).values(active=False))
        if done.rowcount == 0:
            raise WrongUsage("Ese usuario no existe. Vea los usuarios con: permanencia user list")
        connection.execute(delete(tokens).where(tokens.c.person == name))


def list_people(database: Database) -> list[Person]:
    with database.reading() as connection:
        names = connection.execute(select(people.c.name).order_by(people.c.name)).scalars().all()
        return [found for name in names if (found := _find(connection, name))]


def described(person: Person) -> dict[str, Any]:
    schools = person.reach.institutions
    reach = "toda la secretaría" if schools is None else ", ".join(sorted(schools))
    return {"name": person.name, "role": person.role.value, "reach": reach, "active": person.active}


def issue_token(database: Database, name: str, by: By) -> str:
    """The token is shown this once; only its hash is kept."""
    token = "pmn_" + secrets.token_urlsafe(TOKEN_BYTES)
    with database.writing(by, "issue_token", name) as (connection, _):
        if not _find(connection, name):
            raise WrongUsage("Ese usuario no existe. Vea los usuarios con: permanencia user list")
        connection.execute(insert(tokens).values(digest=digest_of(token), person=name, issued_at=by.at))
    return token


def revoke_tokens(database: Database, name: str, by: By) -> int:
    with database.writing(by, "revoke_tokens", name) as (connection, entry):
        still_valid = (tokens.c.person == name) & tokens.c.revoked_at.is_(None)
        done = connection.execute(update(tokens).where(still_valid).values(revoked_at=by.at)).rowcount
        entry.detail = str(done)
        return done


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def person_with_token(connection: Connection, digest: str) -> Person | None:
    valid = (tokens.c.digest == digest) & tokens.c.revoked_at.is_(None)
    name = connection.execute(select(tokens.c.person).where(valid)).scalar()
    person = _find(connection, name) if name else None
    return person if person and person.active else None


def _find(connection: Connection, name: str) -> Person | None:
    row = connection.execute(select(people).where(people.c.name == name)).one_or_none()
    if row is None:
        return None
    chosen = select(reaches.c.institution_id).where(reaches.c.person == name)
    # NOTE: a person without "whole secretariat" and without schools reaches nothing, never everything.
    reach = WHOLE_SECRETARIAT if row.whole_secretariat else Reach(frozenset(connection.execute(chosen).scalars()))
    return Person(row.name, Role(row.role), reach, row.active)
