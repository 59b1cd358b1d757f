"""What an administrator sees of the staff and of the settings: never a password, a key or a token."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from serving.account_sessions import IDLE, Stage
from serving.account_tables import accounts, sessions
from serving.people import Person, find_person
from serving.reach import IN_WORDS
from serving.settings import Settings
from serving.tables import people

CODE = 12  # letters that stand for a person in an address: who works here is nobody's concern


@dataclass(frozen=True)
class Member:
    person: Person
    code: str
    has_password: bool
    has_factor: bool
    open_sessions: int

    @property
    def reach(self) -> str:
        return IN_WORDS if self.person.reach.institutions is None else str(self.person.reach)


def code_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:CODE]


def staff(connection: Connection, at: datetime) -> list[Member]:
    """Everybody, those closed last."""
    names = connection.execute(select(people.c.name).order_by(people.c.active.desc(), people.c.name)).scalars().all()
    known = {row.person: row for row in connection.execute(select(accounts))}
    alive = (sessions.c.stage == Stage.COMPLETE.value) & (sessions.c.seen_at >= int(at.timestamp()) - IDLE)
    open_sessions = Counter(connection.execute(select(sessions.c.person).where(alive)).scalars())
    return [
        Member(
            person,
            code_of(name),
            bool(name in known and known[name].password),
            bool(name in known and known[name].factor),
            open_sessions[name],
        )
        for name in names
        if (person := find_person(connection, name))
    ]


def person_with(connection: Connection, code: str) -> Person | None:
    names = connection.execute(select(people.c.name)).scalars()
    name = next((name for name in names if code_of(name) == code), None)
    return find_person(connection, name) if name else None


def email_of(connection: Connection, name: str) -> str:
    return connection.execute(select(accounts.c.email).where(accounts.c.person == name)).scalar() or ""


def settings_shown(settings: Settings) -> list[tuple[str, str]]:
    """How the service is set, to read and not to change: that is done where it runs."""
    database = settings.database_url.split(":", 1)[0].split("+", 1)[0]
    return [
        ("Entorno", "demostración, con datos inventados" if settings.made_up else "producción"),
        ("Base de datos", {"sqlite": "SQLite, en este equipo", "postgresql": "PostgreSQL"}.get(database, database)),
        ("Cupo de contactos por semana", str(settings.capacity)),
        ("Semanas de seguimiento después de un contacto", str(settings.follow_weeks)),
        ("Ventaja que necesita un nombre nuevo", f"{settings.margin:g}".replace(".", ",")),
        ("Puestos que se sortean cerca del corte", f"{settings.band}. {settings.band_decision}".rstrip(". ") or "0"),
        ("Entrada con proveedor de identidad", settings.oidc_name if settings.has_provider else "no"),
        ("Tamaño máximo de un archivo", f"{settings.upload_limit // 1_000_000} MB"),
    ]
