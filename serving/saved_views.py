"""The views of the list that people save, to come back to them or to share them with the others."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection, delete, func, insert, select

from serving.database import By, Database
from serving.faults import WrongUsage
from serving.people import Person, find_person
from serving.permission_table import RULES, Action
from serving.spanish_order import spanish_order
from serving.view_tables import saved_views

KEPT = ("colegio", "comuna", "sede", "grado", "jornada", "razon", "cambio", "contacto", "orden")
MOST = 30
LONGEST = 60
NAMED = RULES[Action.SEE_NAMES].roles
NO_NAME = f"Escriba un nombre de 1 a {LONGEST} letras para la vista."
NO_PERSON = "El nombre de una vista no lleva documentos ni teléfonos: otras personas pueden leerlo."
TOO_MANY = f"Ya tiene {MOST} vistas guardadas. Borre una antes de guardar otra."
TAKEN = "Ya tiene una vista con ese nombre. Elija otro, o borre la anterior."
NOTHING_CHOSEN = "Elija primero un filtro o un orden: la lista completa no necesita una vista."


@dataclass(frozen=True)
class SavedView:
    id: str
    person: str
    name: str
    query: str
    shared: bool

    @property
    def school(self) -> str:
        return dict(parse_qsl(self.query)).get("colegio", "")

    @property
    def address(self) -> str:
        """Of the newest list, also where a day was kept with the filters once."""
        return f"/lista?{plain_query(self.query)}"


def plain_query(text: str) -> str:
    """Only the filters of the page, in their own order; anything else that was sent is dropped."""
    told = dict(parse_qsl(text, max_num_fields=40))
    return urlencode({name: told[name][:80] for name in KEPT if told.get(name)})


def save(database: Database, person: Person, name: str, query: str, shared: bool, by: By) -> SavedView:
    name = " ".join(name.split())
    view = SavedView(secrets.token_hex(8), person.name, name, plain_query(query), shared)
    _must_make_sense(view)
    with database.writing(by, "save_view", f"view:{view.id}") as (connection, entry):
        own = select(saved_views.c.name).where(saved_views.c.person == person.name)
        names = set(connection.execute(own).scalars())
        if refused := TAKEN if name in names else TOO_MANY if len(names) >= MOST else None:
            raise WrongUsage(refused)
        connection.execute(insert(saved_views).values(**vars(view)))
        entry.detail = "compartida" if shared else "propia"
    return view


def _must_make_sense(view: SavedView) -> None:
    if not 1 <= len(view.name) <= LONGEST:
        raise WrongUsage(NO_NAME)
    if re.search(r"\d{6,}", re.sub(r"[ .\-]", "", view.name)):
        raise WrongUsage(NO_PERSON)
    if not view.query:
        raise WrongUsage(NOTHING_CHOSEN)


def forget(database: Database, person: Person, id: str, by: By) -> bool:
    """Only one's own; whether there was such a view."""
    with database.writing(by, "forget_view", f"view:{id}") as (connection, entry):
        own = (saved_views.c.id == id) & (saved_views.c.person == person.name)
        found = connection.execute(select(func.count()).select_from(saved_views).where(own)).scalar_one()
        connection.execute(delete(saved_views).where(own))
        entry.skip = not found
    return bool(found)


def seen_by(connection: Connection, person: Person) -> list[SavedView]:
    """One's own, then those that colleagues share, as far as one reaches the school they are about."""
    mine, theirs = saved_views.c.person == person.name, saved_views.c.shared.is_(True)
    chosen = select(saved_views).where(mine | theirs).order_by(saved_views.c.name, saved_views.c.id)
    found = [SavedView(**row) for row in connection.execute(chosen).mappings()]
    seen = [view for view in found if _is_for(connection, person, view)]
    return sorted(seen, key=lambda view: (view.person != person.name, spanish_order(view.name)))


def _is_for(connection: Connection, person: Person, view: SavedView) -> bool:
    """What a school calls its views is not told to another; nor what who sees names calls them, to who sees none."""
    if view.school and not person.reach.touches(view.school):
        return False
    colleague = person if view.person == person.name else find_person(connection, view.person)
    if colleague is None or (colleague.role in NAMED and person.role not in NAMED):
        return False
    return colleague.reach.meets(person.reach)
