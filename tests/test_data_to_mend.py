"""Who registers data finds by name whom nobody can call, who has no grade, and what staff pointed out."""

import json
from contextlib import contextmanager
from dataclasses import replace

import polars as pl
import pytest
from drawn_lists import (
    BY,
    DIAMANTE,
    ESPERANZA,
    LATIR,
    MONDAY_MORNING,
    SECOND_SUNDAY,
    draw_list,
    draw_roster,
    student,
)
from followed_home import caller, followed_app, signed_in
from sqlalchemy import insert, select
from test_copies import csv_rows
from test_pages import read

from features.quality.rules import RULES
from serving import published, roster
from serving.contact_words import WRONG_DATA
from serving.data_to_mend import HEADER
from serving.pages import school_data
from serving.people import Person, Role, add_person, issue_token
from serving.publishing import publish
from serving.reach import read_reach
from serving.tables import audit, scores
from serving.view_tables import school_figures

ROSA, SILENT, GRADELESS, FAR = student(1), student(4), student(7), student(2)
PAGE, FILE = f"/instituciones/{ESPERANZA}/datos", f"/instituciones/{ESPERANZA}/datos/descargar"
SCHOOL = "IE La Esperanza"


@contextmanager
def registered(folder):
    """Two children whose telephone is zeros, one without a grade, and one whose data are said to be wrong."""
    with followed_app(folder) as app:
        database = app.state.service.database
        zeros = pl.col("student_id").is_in([SILENT, FAR])
        roster.upsert(database, draw_roster().filter(zeros).with_columns(phone=pl.lit("0000000")), BY)
        publish(database, replace(drawn := draw_list(SECOND_SUNDAY), scores=without_a_grade(drawn.scores)), BY)
        with database.writing(BY, "school_figures", "prueba") as (connection, _):
            connection.execute(insert(school_figures), [figures(ESPERANZA, "sin-telefono", "sin-grado")])
            connection.execute(insert(school_figures), [figures(DIAMANTE, "edad-imposible")])
        add_person(database, Person("septimo", Role.SCHOOL, read_reach([f"{ESPERANZA}/01/7/602"])), BY)
        app.state.tokens["septimo"] = issue_token(database, "septimo", BY)
        said = {"student_id": ROSA, "verdict": WRONG_DATA}
        assert caller(app, app.state.tokens)("esperanza", "/feedback", said).status_code == 201
        yield app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with registered(tmp_path_factory.mktemp("home") / "h") as app:
        yield app


def without_a_grade(everyone):
    here = pl.col("student_id") == GRADELESS
    return everyone.with_columns(grade=pl.when(~here).then("grade"))


def figures(school, *rules):
    findings = [{"title": RULES[rule].title, "suggestion": RULES[rule].suggestion, "count": 1} for rule in rules]
    body = json.dumps({"rates": [], "findings": findings, "reporting_quality": 0.9})
    return {"institution_id": school, "day": SECOND_SUNDAY, "body": body.encode()}


@pytest.mark.parametrize("who", ["esperanza", "cobertura", "supervisa"])
def test_the_page_and_the_file_name_each_child_and_say_what_to_mend(sign_in, who):
    client = sign_in(who)
    words, rows = read(client.get(PAGE)), csv_rows(client.get(FILE).content)

    told = [(row["Estudiante"], row["Qué corregir"], row["Señalado el"]) for row in rows]
    assert told == [
        (ROSA, "Dato errado", "13/05/2024"),
        (SILENT, "Sin teléfono utilizable", ""),
        (GRADELESS, "Sin grado", ""),
    ]
    assert rows[0]["Nombre"] == "Rosa Mina" and all(row["Nombre"] and row["Institución"] == SCHOOL for row in rows)
    assert list(rows[0]) == list(HEADER) and {row["Descargada por"] for row in rows} == {who}
    assert {row["Aviso"] for row in rows} == {
        "Datos inventados. Esta es una demostración: ninguna persona de esta lista existe."
    }
    for said in ("Rosa Mina", "Dato errado (13/05/2024)", "Sin teléfono utilizable", "Complete el grado en el SIMAT."):
        assert said in words
    assert f'href="{PAGE}"' in client.get(f"/instituciones/{ESPERANZA}").text


def test_a_file_is_named_after_the_school_and_its_day(sign_in):
    told = sign_in("esperanza").get(FILE).headers

    name = f"{ESPERANZA}-la-esperanza-datos-por-corregir-{MONDAY_MORNING:%Y-%m-%d}.csv"
    assert told["content-disposition"] == f'attachment; filename="{name}"' and told["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("who", "school", "status"),
    [
        ("ciencia", ESPERANZA, 403),
        ("administra", ESPERANZA, 403),
        ("esperanza", LATIR, 404),
        ("esperanza", "999", 404),
        ("septimo", LATIR, 404),
        ("cobertura", LATIR, 200),
    ],
)
def test_only_who_sees_the_names_of_a_school_opens_it(sign_in, who, school, status):
    client = sign_in(who)

    for path in (f"/instituciones/{school}/datos", f"/instituciones/{school}/datos/descargar"):
        assert client.get(path).status_code == status
    if who == "ciencia":
        assert "/datos" not in client.get(f"/instituciones/{school}").text


def test_who_attends_one_group_finds_that_group_alone(sign_in, app):
    with app.state.service.database.reading_as(BY.context) as connection:
        newest = published.publication_for(connection, None).id
        here = select(scores.c.student_id).where(scores.c.publication_id == newest, scores.c.grade == 7)
        own = set(connection.execute(here).scalars())
    everyone = {row["Estudiante"] for row in csv_rows(sign_in().get(FILE).content)}

    assert {row["Estudiante"] for row in csv_rows(sign_in("septimo").get(FILE).content)} == everyone & own
    assert ROSA in everyone & own and GRADELESS in everyone - own


@pytest.mark.parametrize(
    ("school", "said"),
    [
        (LATIR, "todavía no se han revisado"),  # a telephone is missing, and nobody knows whether the exports bring any
        (LATIR, "El personal no ha señalado datos."),
        (DIAMANTE, "la revisión del 12 de mayo de 2024 no encontró aquí estudiantes sin teléfono o sin grado."),
    ],
)
def test_a_rule_that_was_not_met_names_nobody(sign_in, school, said):
    words = read(sign_in().get(f"/instituciones/{school}/datos"))

    assert said in words and "Sin teléfono utilizable" not in words


def test_both_looks_leave_their_line_with_how_many_and_no_name(sign_in, app):
    client = sign_in("esperanza")
    client.get(PAGE)
    client.get(FILE)
    with app.state.service.database.reading() as connection:
        told = connection.execute(select(audit.c.action, audit.c.detail).order_by(audit.c.id.desc()).limit(2)).all()

    assert [tuple(line) for line in told] == [
        (action, "datos por corregir: 3 filas, 3 con nombre") for action in ("export", "see_data")
    ]


def test_the_page_reads_only_the_names_that_it_shows_and_its_line_says_so(sign_in, app, monkeypatch):
    monkeypatch.setattr(school_data, "SHOWN", 2)
    words = read(sign_in("esperanza").get(PAGE))
    with app.state.service.database.reading() as connection:
        told = connection.execute(select(audit.c.detail).order_by(audit.c.id.desc()).limit(1)).scalar()

    assert told == "datos por corregir: 3 filas, 2 con nombre" and "1 más van en el archivo." in words


def test_a_wrong_telephone_is_told_once_though_it_cannot_be_called_either(tmp_path):
    with registered(tmp_path / "h") as app:
        wrong = {"kind": "CALL", "outcome": "WRONG_NUMBER", "student_id": SILENT}
        assert caller(app, app.state.tokens)("supervisa", "/contacts", wrong).status_code == 201
        rows = csv_rows(signed_in(app, app.state.tokens, "supervisa").get(FILE).content)

    assert [row["Qué corregir"] for row in rows if row["Estudiante"] == SILENT] == ["Teléfono equivocado"]
