"""The members of staff: what they are, which children they reach, and the tokens their programs call with."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from serving.account_tables import accounts, reach_parts, sessions
from serving.database import By, Database
from serving.faults import WrongUsage
from serving.known_places import must_exist
from serving.reach import FIELDS, IN_WORDS, WHOLE_SECRETARIAT, Part, Reach, Scope, reach_of
from serving.tables import people, schools, tokens

__all__ = ["WHOLE_SECRETARIAT", "Person", "Reach", "Role", "reach_of"]

TOKEN_BYTES = 32  # random enough that a plain hash of it cannot be guessed
PART_FIELDS = sorted({field for fields in FIELDS.values() for field in fields})
NO_SUCH_PERSON = "Ese usuario no existe. Vea los usuarios con: permanencia user list"
TAKEN = "Ya existe el usuario {}. Elija otro nombre."
CLOSED_ALREADY = "El usuario {} ya existe y está cerrado. Ábralo de nuevo en su página, o elija otro nombre."
SCHOOLS_ONLY = (
    "Un usuario de institución educativa necesita en su alcance al menos un código DANE, y ningún lugar más amplio."
)


STAFF = people.outerjoin(reach_parts, reach_parts.c.person == people.c.name)
TOLD = (people.c.name, people.c.role, people.c.active, reach_parts.c.scope, *(reach_parts.c[f] for f in PART_FIELDS))
HOLDS = tokens.c.expires_at.is_(None) | (tokens.c.expires_at > bindparam("now"))
NAMED = select(*TOLD).select_from(STAFF).where(people.c.name == bindparam("name"))
HOLDER = (
    select(*TOLD)
    .select_from(STAFF.join(tokens, tokens.c.person == people.c.name))
    .where(tokens.c.digest == bindparam("digest"), tokens.c.revoked_at.is_(None), HOLDS)
)
"""Asked at each call, and so written once: the person and every part of their reach."""


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
class Person:
    name: str
    role: Role
    reach: Reach = WHOLE_SECRETARIAT
    active: bool = True


def add_person(database: Database, person: Person, by: By, email: str | None = None) -> None:
    must_make_sense(person)
    with database.writing(by, "add_person", person.name) as (connection, entry):
        if known := find_person(connection, person.name):
            raise WrongUsage((TAKEN if known.active else CLOSED_ALREADY).format(person.name))
        must_exist(connection, person.reach)
        connection.execute(insert(people).values(name=person.name, role=person.role.value, active=person.active))
        connection.execute(
            insert(accounts).values(person=person.name, email=plain_email(connection, person.name, email))
        )
        _write_reach(connection, person)
        entry.detail = person.role.value


def change_reach(database: Database, name: str, reach: Reach, by: By) -> Person:
    with database.writing(by, "change_reach", name) as (connection, entry):
        person = replace(must_find(connection, name), reach=reach)
        must_make_sense(person)
        must_exist(connection, reach)
        connection.execute(delete(reach_parts).where(reach_parts.c.person == name))
        _write_reach(connection, person)
        entry.detail = f"{len(reach.parts)} partes"
    return person


def _write_reach(connection: Connection, person: Person) -> None:
    for part in sorted(person.reach.parts):
        connection.execute(insert(reach_parts).values(person=person.name, scope=part.scope.value, **_told(part)))


def _told(part: Part) -> dict[str, str]:
    return {field: getattr(part, field) for field in PART_FIELDS}


def must_make_sense(person: Person) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,79}", person.name):
        raise WrongUsage("El nombre de usuario lleva de 2 a 80 letras minúsculas, cifras, puntos o guiones.")
    schools_only = all(part.institution_id for part in person.reach.parts)
    if person.role is Role.SCHOOL and not (person.reach.parts and schools_only):
        raise WrongUsage(SCHOOLS_ONLY)


def plain_email(connection: Connection, name: str, email: str | None) -> str | None:
    """As it is kept, when nobody else has it."""
    plain = email and email.strip().lower()
    if plain and not re.fullmatch(r"[^@\s]{1,120}@[^@\s]{3,120}", plain):
        raise WrongUsage("El correo se escribe usuario@entidad.")
    others = (accounts.c.email == plain) & (accounts.c.person != name)
    if plain and connection.execute(select(accounts.c.person).where(others)).first():
        raise WrongUsage("Ese correo ya es de otro usuario.")
    return plain or None


def remove_person(database: Database, name: str, by: By) -> None:
    """A person who leaves is closed, not erased: the audit still knows who they were."""
    with database.writing(by, "remove_person", name) as (connection, _):
        must_find(connection, name)
        connection.execute(update(people).where(people.c.name == name).values(active=False))
        for kept in (tokens, sessions):
            connection.execute(delete(kept).where(kept.c.person == name))


def list_people(database: Database) -> list[Person]:
    with database.reading() as connection:
        names = connection.execute(select(people.c.name).order_by(people.c.name)).scalars().all()
        return [found for name in names if (found := find_person(connection, name))]


def described(person: Person) -> dict[str, Any]:
    reach = IN_WORDS if person.reach.institutions is None else str(person.reach)
    return {"name": person.name, "role": person.role.value, "reach": reach, "active": person.active}


def issue_token(database: Database, name: str, by: By, label: str = "", lasts: timedelta | None = None) -> str:
    """The token is shown this once; only its hash is kept. Without `lasts` it holds until it is revoked."""
    token = "pmn_" + secrets.token_urlsafe(TOKEN_BYTES)
    expires = int((by.at + lasts).timestamp()) if lasts else None
    with database.writing(by, "issue_token", name) as (connection, _):
        must_find(connection, name)
        kept = {"digest": digest_of(token), "person": name, "issued_at": by.at, "label": label, "expires_at": expires}
        connection.execute(insert(tokens).values(**kept))
    return token


def revoke_tokens(database: Database, name: str, by: By, code: str | None = None) -> int:
    """The token with this code (the beginning of its digest), or all of a person's and their sessions too; how many."""
    with database.writing(by, "revoke_tokens", name) as (connection, entry):
        if code is None:
            connection.execute(delete(sessions).where(sessions.c.person == name))
        done = withdraw_tokens(connection, name, by.at, code)
        entry.detail = str(done)
        return done


def withdraw_tokens(connection: Connection, name: str, at: datetime, code: str | None = None) -> int:
    still_valid = (tokens.c.person == name) & tokens.c.revoked_at.is_(None)
    if code is not None:
        still_valid &= tokens.c.digest.startswith(code, autoescape=True)
    return connection.execute(update(tokens).where(still_valid).values(revoked_at=at)).rowcount


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def person_with_token(connection: Connection, digest: str, at: datetime) -> Person | None:
    """Whose token this is, while it holds."""
    person = _person(connection, HOLDER, {"digest": digest, "now": int(at.timestamp())})
    return person if person and person.active else None


def must_find(connection: Connection, name: str) -> Person:
    person = find_person(connection, name)
    if person is None:
        raise WrongUsage(NO_SUCH_PERSON)
    return person


def find_person(connection: Connection, name: str) -> Person | None:
    return _person(connection, NAMED, {"name": name})


def _person(connection: Connection, question: Select[Any], told: dict[str, Any]) -> Person | None:
    rows = connection.execute(question, told).all()
    if not rows:
        return None
    parts = (_part(scope, values) for _, _, _, scope, *values in rows if scope is not None)
    name, role, active, *_ = rows[0]
    return Person(name, Role(role), _reach(connection, frozenset(parts)), active)


def _part(scope: str, values: Sequence[str]) -> Part:
    return Part(Scope(scope), **dict(zip(PART_FIELDS, values, strict=True)))


def _reach(connection: Connection, parts: frozenset[Part]) -> Reach:
    reach = Reach(parts)
    if not reach.comunas:
        return reach
    here = select(schools.c.institution_id).where(schools.c.comuna.in_(sorted(reach.comunas)))
    return Reach(parts, frozenset(connection.execute(here).scalars()))
