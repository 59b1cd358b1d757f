"""A city where one school is watched: each name, number and word of it is a canary, and its people left traces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
from canaries import FIRST, LAST
from drawn_lists import (
    BY,
    DIAMANTE,
    ESPERANZA,
    FIRST_SUNDAY,
    MONDAY_MORNING,
    SCHOOLS,
    SECOND_SUNDAY,
    bearer,
    draw_list,
    draw_roster,
    student,
)
from fastapi import FastAPI
from starlette.testclient import TestClient

from serving import roster
from serving.app import create_app
from serving.database import Database
from serving.people import Person, Role, add_person, issue_token, reach_of
from serving.publishing import last_list_before, publish
from serving.reach import read_reach
from serving.risk_lists import RiskList
from serving.settings import Settings

STUDENTS = 90
HERE = {"origin": "http://testserver"}
NOTE = f"Vive con {FIRST.lower()} en otra casa"
VIEW = "Casos del Quimbayal"  # a word of the staff, not of a child: the program alone keeps it from other schools
PLANTED = f"{FIRST}|{LAST}|3199999999|99887766"
KEY = "llamada-del-diamante-1"
WATCHED = (
    Person("qrector", Role.SCHOOL, reach_of([DIAMANTE])),
    Person("qsupervisora", Role.SUPERVISOR, reach_of([DIAMANTE])),
)
OTHERS = (
    Person("esperanza", Role.SCHOOL, reach_of([ESPERANZA])),
    Person("sede", Role.SCHOOL, read_reach([f"{ESPERANZA}/01"])),
    Person("grupo", Role.SCHOOL, read_reach([f"{ESPERANZA}/01/6/601"])),
    Person("trabaja", Role.COVERAGE, reach_of([ESPERANZA])),
    Person("comuna", Role.SUPERVISOR, read_reach(["comuna:Comuna 14"])),
    Person("datos", Role.DATA_SCIENTIST, reach_of([ESPERANZA])),
    Person("vacia", Role.COVERAGE, read_reach([f"{ESPERANZA}/99"])),
)
"""Everybody who must learn nothing of the watched school."""


@dataclass(frozen=True)
class Things:
    """One of each kind that an address, a field or a header can name."""

    student: str
    school: str
    comuna: str
    contact: str
    view: str
    export: str
    cursor: str
    etag: str
    key: str
    person: str
    seal: str


NOWHERE = Things(
    student="00000000000fffff",
    school="176001000099",
    comuna="Comuna 99",
    contact="c0" * 16,
    view="a1" * 8,
    export="e0" * 16,
    cursor="bm8.bm8",
    etag='"0000000000000000-000000000000000000000000-0-50-0-0-2024-04-16"',
    key="llamada-de-nadie-1",
    person="qotramas",
    seal="bm8.bm8",
)
"""Of the same shape, and of nobody."""


@dataclass
class City:
    app: FastAPI
    tokens: Mapping[str, str]
    watched: list[Things] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    seals: dict[str, str] = field(default_factory=dict)
    of_children: re.Pattern[str] = re.compile(PLANTED)  # what no row of the watched school may tell
    of_all: re.Pattern[str] = re.compile(PLANTED)  # and what its people called things


def number_of(child: str) -> int:
    return int(child, 16)


def group_of(number: int) -> dict[str, object]:
    """Two campuses, two grades, two groups in each."""
    grade = 6 + number // 6 % 2
    return {
        "campus_id": f"0{1 + number // 3 % 2}",
        "grade": grade,
        "class_group": f"{grade}0{1 + number // 12 % 2}",
    }


def grouped(told: RiskList) -> RiskList:
    """The same list with every child in a group of their own school, and a warning about the watched one."""
    lines = (replace(line, placement={**line.placement, **group_of(number_of(line.student_id))}) for line in told.lines)
    groups = pl.DataFrame([group_of(number_of(child)) for child in told.scores["student_id"]])
    warned = replace(SCHOOLS[DIAMANTE], reporting_quality=0.2, notice=f"Reporta poco: avisa {FIRST}.")
    scores = told.scores.drop(groups.columns).hstack(groups)
    return replace(told, lines=tuple(lines), scores=scores, schools={**SCHOOLS, DIAMANTE: warned})


def planted_roster() -> pl.DataFrame:
    told = draw_roster(STUDENTS)
    here, number = pl.col("institution_id") == DIAMANTE, pl.int_range(pl.len()).cast(pl.String)
    words = {
        "first_name": pl.lit(FIRST.upper()),
        "first_surname": pl.lit(LAST.upper()),
        "phone": pl.lit("3199999999"),
        "document_number": pl.lit("99887766") + number,
    }
    return told.with_columns(
        pl.when(here).then(word).otherwise(pl.col(name)).alias(name) for name, word in words.items()
    )


def crossed_city(folder: Path, database_url: str = "") -> City:
    """Two published weeks, everyone's name, people of every reach; nobody is slowed down."""
    settings = Settings(
        home=folder, environment="demo", database_url=database_url, requests_per_person=0, downloads_per_hour=0
    )
    database = Database.open(settings.database_url, settings.keys())
    publish(database, grouped(draw_list(FIRST_SUNDAY, STUDENTS)), BY)
    last = last_list_before(database, SECOND_SUNDAY)
    publish(database, grouped(draw_list(SECOND_SUNDAY, STUDENTS, last=last)), BY, last)
    roster.upsert(database, planted_roster(), BY)
    tokens = {}
    for person in (*WATCHED, *OTHERS):
        add_person(database, person, BY)
        tokens[person.name] = issue_token(database, person.name, BY)
    database.engine.dispose()
    city = City(create_app(settings, lambda: MONDAY_MORNING), tokens)
    for name in tokens:
        _sign_in(city, name)
    _leave_traces(city)
    return city


def _sign_in(city: City, name: str) -> None:
    with TestClient(city.app, follow_redirects=False) as client:
        client.post("/entrar", data={"ficha": city.tokens[name]}, headers=HERE)
        city.cookies[name] = client.cookies["permanencia"]
        found = re.search(r'name="sello" value="([^"]+)"', client.get("/cuenta").text)
        assert found is not None
        city.seals[name] = found[1]


def _leave_traces(city: City) -> None:
    """What the watched school's people do, and what a curious person could get hold of of it."""
    children = [student(number) for number in range(3, STUDENTS + 1, 3)]
    with TestClient(city.app, follow_redirects=False) as client:
        contacts = [_contact(client, city, child, f"{KEY}{child}") for child in children[:6]]
        views = _form(client, city, "/lista/vistas", nombre=VIEW, consulta="cambio=entered", compartida="si")
        assert views.status_code == 303
        _form(client, city, "/paquetes", who="qsupervisora")
        for child in children[:6]:
            _api(client, city, "qsupervisora", "/assignments", {"student_id": child, "worker": "qrector"})
        cursors = _cursors(client, city)
    with city.app.state.service.database.reading() as connection:
        from serving.delivery_tables import export_jobs
        from serving.view_tables import saved_views

        view = connection.execute(saved_views.select()).one().id
        export = connection.execute(export_jobs.select()).one().id
    city.watched += [
        Things(child, DIAMANTE, "Comuna 13", contact, view, export, cursor, etag, f"{KEY}{child}", who.name, seal)
        for child in children
        for contact, (cursor, etag), who in [
            (contacts[number_of(child) % 6], cursors[number_of(child) % len(cursors)], WATCHED[number_of(child) % 2])
        ]
        for seal in [city.seals[who.name]]
    ]
    rows = "|".join([PLANTED, DIAMANTE, "Diamante", "Comuna 13", *children, *contacts])
    city.of_children = re.compile(rows, re.IGNORECASE)
    people = [person.name for person in WATCHED]
    city.of_all = re.compile("|".join([rows, *people, KEY, view, export, VIEW]), re.IGNORECASE)


def _contact(client: TestClient, city: City, child: str, key: str) -> str:
    body = {"student_id": child, "kind": "CALL", "outcome": "LEFT", "note": NOTE}
    return str(_api(client, city, "qrector", "/contacts", body, key)["contact_id"])


def _api(
    client: TestClient, city: City, who: str, path: str, body: object, key: str | None = None
) -> dict[str, object]:
    headers = bearer(city.tokens[who]) | ({"Idempotency-Key": key} if key else {})
    answer = client.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _form(client: TestClient, city: City, path: str, who: str = "qrector", **fields: str):  # type: ignore[no-untyped-def]
    headers = HERE | {"cookie": f"permanencia={city.cookies[who]}"}
    return client.post(path, data={"sello": city.seals[who], **fields}, headers=headers)


def _cursors(client: TestClient, city: City) -> list[tuple[str, str]]:
    paths = ["/api/v1/risk-lists/latest?limit=1", f"/api/v1/institutions/{DIAMANTE}/watchlist?limit=1"]
    answers = [client.get(path, headers=bearer(city.tokens[who.name])) for path in paths for who in WATCHED]
    return [(answer.json()["next_cursor"], answer.headers["etag"]) for answer in answers]
