"""A made-up secretariat with something on every page, one member of staff per task, and a server for a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyotp
from drawn_lists import BY, ESPERANZA, MONDAY_MORNING, SECOND_SUNDAY, draw_home, draw_roster, student
from fastapi import FastAPI
from real_browser import served
from small_school import grown_model
from sqlalchemy import insert

from features.archive import Archive, Entry
from models.model_files import write_files
from serving import account_enrolment, account_invitations, account_sessions, roster, runs_shown
from serving.account_door import Door
from serving.account_entry import Entered, Try
from serving.app import create_app
from serving.made_up_map import NAME_FIELD, write_polygons
from serving.people import WHOLE_SECRETARIAT, Person, Role, add_person
from serving.reach import read_reach
from serving.settings import Settings
from serving.territory_file import load
from serving.view_tables import school_figures

PASSWORD = "lluvia tarde bicicleta"
GROUP = f"{ESPERANZA}/01/6/602"
STAFF = (
    Person("coordina", Role.SUPERVISOR),
    Person("trabajo.social", Role.COVERAGE),
    Person("rectoria", Role.SCHOOL, read_reach([ESPERANZA])),
    Person("orientacion", Role.SCHOOL, read_reach([ESPERANZA])),
    Person("direccion.de.grupo", Role.SCHOOL, read_reach([GROUP])),
    Person("datos", Role.DATA_SCIENTIST, WHOLE_SECRETARIAT),
    Person("audita", Role.AUDITOR),
    Person("gestiona", Role.ADMIN),
)
RATE = {"said": "Repitencia", "status": "definitiva", "numerator": "25", "denominator": "410", "rate": 6.1}
FIGURES = {
    "rates": [
        {**RATE, "rate_said": "6,10", "year": "2023", "place": "institution"},
        {**RATE, "rate_said": "5,00", "rate": 5.0, "year": "2023", "place": "total"},
    ],
    "findings": [
        {"title": "Sin grado", "suggestion": "Complete el grado en el SIMAT.", "count": 4},
        {"title": "Sin teléfono utilizable", "suggestion": "Pida un teléfono al acudiente.", "count": 1},
    ],
    "reporting_quality": 0.85,
}
CARD = {
    "what_it_does": "Ordena a quién ofrecer apoyo primero.",
    "what_it_does_not": ["No decide nada sobre nadie."],
    "limits": ["No ve lo que pasa en la casa."],
    "horizon_weeks": 4,
    "judged": [
        {"method": "model", "precision_at_capacity": 0.305, "precision_low": 0.239, "precision_high": 0.354},
        {"method": "over_age", "precision_at_capacity": 0.02, "precision_low": None, "precision_high": None},
        {"method": "school_rate", "precision_at_capacity": 0.01, "precision_low": 0.0, "precision_high": 0.01},
    ],
    "judged_on": {"days": 32.0, "students": 20438.0, "capacity": 37.0},
    "fairness": [{"trait": "sex", "group": "femenino", "enough": True, "recall": 0.154, "verdict": "sin diferencia"}],
    "deciles": [{"decile": 10, "expected": 0.0239, "observed": 0.0252}],
    "promoted_by": "",
    "promoted_on": "",
    "expires_on": "2024-12-31",
}


class Clock:
    """Stands still until it is moved: a code of a telephone is good once, and so each signing in needs a minute."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta = timedelta(minutes=1)) -> datetime:
        self.now += by
        return self.now


@dataclass(frozen=True)
class Site:
    """A served home: where it answers, and what each person needs to come in."""

    base: str
    app: FastAPI
    clock: Clock
    telephones: dict[str, str] = field(default_factory=dict)

    def sign_in(self, page: Any, who: str) -> None:
        """Password, then the code of the telephone where the role sees names."""
        self.clock.move()
        page.goto(f"{self.base}/entrar")
        page.fill("#usuario", who)
        page.fill("#contrasena", PASSWORD)
        page.click("main form:has(#usuario) button")
        if secret := self.telephones.get(who):
            page.fill("#codigo", pyotp.TOTP(secret).at(self.clock.now))
            page.click("main button")

    def person(self, browser: Any, who: str, width: int, **context: Any) -> Any:
        """A signed-in page of its own, as wide as a telephone, a tablet or a desk."""
        page = browser.new_context(viewport={"width": width, "height": 740}, **context).new_page()
        self.sign_in(page, who)
        return page


@contextmanager
def furnished(folder: Path, now: datetime = MONDAY_MORNING, **changed: Any) -> Iterator[Site]:
    settings, _ = draw_home(folder)
    with _staffed(settings.model_copy(update=changed), now) as site:
        furnish(settings, site.app)
        yield site


@contextmanager
def bare(folder: Path) -> Iterator[Site]:
    """The same people before the first list."""
    with _staffed(Settings(home=folder, environment="demo"), MONDAY_MORNING) as site:
        yield site


@contextmanager
def _staffed(settings: Settings, now: datetime) -> Iterator[Site]:
    app = create_app(settings.model_copy(update={"second_factor": True}), clock := Clock(now))
    telephones = {person.name: secret for person in STAFF if (secret := enrol(app, person, clock))}
    with served(app) as base:
        yield Site(base, app, clock, telephones)


def furnish(settings: Settings, app: FastAPI) -> None:
    """A map, figures of one school, a child whom nobody can call, what came in, a model, and what the watch found."""
    load(write_polygons(settings.home / "comunas.geojson", seed=1), NAME_FIELD, settings.home)
    write_files(settings.champion, grown_model().texts() | {"card.json": json.dumps(CARD)})
    came = Entry("2024-05-10-1003".ljust(20, "0"), "detallado", date(2024, 5, 10), "2024-05-10/d.csv", 1003, 999, 4)
    Archive(settings.archive).add(came, {})
    found = {"day": "2024-05-12", "alarms": [{"sentence": "La inasistencia no llega hace 5 semanas."}]}
    runs_shown.keep_watched(found | {"not_judged": ["Puntajes: aún no."], "drift": {"variables": []}}, settings)
    row = {"institution_id": ESPERANZA, "day": SECOND_SUNDAY, "body": json.dumps(FIGURES).encode()}
    silent = draw_roster().filter(student_id=student(85)).with_columns(phone=pl.lit("0000000"))
    roster.upsert(app.state.service.database, silent, BY)
    with app.state.service.database.writing(BY, "school_figures", "prueba") as (connection, _):
        connection.execute(insert(school_figures), [row])


def enrol(app: FastAPI, person: Person, clock: Clock) -> str | None:
    """An account with its password; gives the secret of the telephone, where the role needs one."""
    door: Door = app.state.service.door
    add_person(door.database, person, BY)
    code = account_invitations.invite(door.database, person.name, replace(BY, at=clock()))
    begun = account_invitations.accept(door, code, PASSWORD, clock())
    assert isinstance(begun, Entered), begun
    session = account_sessions.find(door.database, begun.key, clock())
    setup = session and account_enrolment.shown(door, session)
    if session is None or setup is None:
        return None
    secret = setup.letters.replace(" ", "")
    assert account_enrolment.confirm(door, session, pyotp.TOTP(secret).at(clock()), Try("prueba", clock()))
    return secret
