"""A school's own page, the map and a child's page: what each shows, to whom, and what it says when data are missing."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from drawn_lists import (
    BY,
    DIAMANTE,
    ESPERANZA,
    LATIR,
    MONDAY_MORNING,
    NOBODY,
    SECOND_SUNDAY,
    draw_home,
    student,
)
from sqlalchemy import delete, insert, select, update
from starlette.testclient import TestClient

from serving.app import create_app
from serving.contacted import Share
from serving.people import Person, Role, add_person, issue_token
from serving.tables import audit, listed, schools
from serving.territory_file import load
from serving.view_tables import school_figures

SAME_SITE = {"origin": "http://testserver"}
RATE = {"said": "Repitencia", "status": "definitiva", "numerator": "25", "denominator": "410", "rate": 6.1}
RATES = [
    {**RATE, "rate_said": "6,10", "year": "2023", "place": "institution"},
    {**RATE, "rate_said": "5,00", "rate": 5.0, "year": "2023", "place": "total"},
    {**RATE, "numerator": "reservado", "rate": None, "rate_said": "reservado", "year": "2024", "place": "institution"},
]
FIGURES = {
    "rates": RATES,
    "findings": [{"title": "Sin grado", "suggestion": "Complete el grado en el SIMAT.", "count": 4}],
    "reporting_quality": 0.85,
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    app = create_app(settings, lambda: MONDAY_MORNING)
    database = app.state.service.database
    add_person(database, Person("supervision", Role.SUPERVISOR), BY)
    app.state.tokens = tokens | {"supervision": issue_token(database, "supervision", BY)}
    yield app
    database.engine.dispose()


@pytest.fixture
def sign_in(app):
    def sign_in(who="cobertura"):
        client = TestClient(app, follow_redirects=False)
        client.post("/entrar", data={"ficha": app.state.tokens[who]}, headers=SAME_SITE)
        return client

    return sign_in


@pytest.fixture
def keep_figures(app):
    database = app.state.service.database

    def keep(day=SECOND_SUNDAY, **changed):
        row = {"institution_id": ESPERANZA, "day": day, "body": json.dumps(FIGURES | changed).encode()}
        with database.writing(BY, "school_figures", "prueba") as (connection, _):
            connection.execute(insert(school_figures), [row])

    yield keep
    with database.writing(BY, "school_figures", "prueba") as (connection, _):
        connection.execute(delete(school_figures))


class Words(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.words = []
        self.feed(html)

    def handle_data(self, data):
        self.words += data.split()


def read(answer):
    return " ".join(Words(answer.text).words)


def is_published(app, child):
    with app.state.service.database.reading_as(BY.context) as connection:
        here = (listed.c.student_id == child, listed.c.publication_id.startswith(str(SECOND_SUNDAY)))
        return connection.execute(select(listed.c.rank).where(*here)).first() is not None


# A school


def test_a_school_reads_whom_it_follows_its_rates_and_what_to_put_right(sign_in, keep_figures):
    keep_figures()
    page = sign_in("esperanza").get(f"/instituciones/{ESPERANZA}")

    words = read(page)
    assert "Rosa Mina" in words and "0 de 10" in words
    assert "2023 Esta institución 25 de 410 6,10 % definitiva" in words
    assert "2024 Esta institución reservado de 410 reservado definitiva" in words
    assert "Sin grado 4 Complete el grado en el SIMAT." in words and "85 de 100" in words
    assert page.text.count("<rect") == 2, "a figure that is withheld has no bar"


def test_without_figures_the_page_says_how_they_come_about(sign_in):
    words = read(sign_in().get(f"/instituciones/{ESPERANZA}"))

    assert "Todavía no se han calculado." in words and "Todavía no se han revisado los datos" in words


def test_old_figures_say_that_they_are_old(sign_in, keep_figures):
    keep_figures(SECOND_SUNDAY.replace(month=2), findings=[])
    words = read(sign_in().get(f"/instituciones/{ESPERANZA}"))

    assert "Estas cifras son antiguas." in words and "Sin hallazgos al 12 de febrero de 2024" in words


def test_a_school_out_of_reach_looks_like_one_that_does_not_exist(sign_in):
    client = sign_in("esperanza")
    theirs, nobodys = (client.get(f"/instituciones/{code}") for code in (DIAMANTE, "999999999999"))

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.text == nobodys.text.replace("999999999999", DIAMANTE)


def test_whoever_has_one_school_is_led_to_it_and_the_others_see_theirs(sign_in):
    assert sign_in("esperanza").get("/instituciones").headers["location"] == f"/instituciones/{ESPERANZA}"
    words = read(sign_in().get("/instituciones"))
    assert "3 instituciones" in words and "IE El Diamante" in words
    assert sign_in("administra").get("/instituciones").status_code == 403


def test_counts_of_few_children_are_kept_from_the_role_that_sees_no_names(sign_in, keep_figures):
    keep_figures()
    scientist, worker = sign_in("ciencia"), sign_in()
    schools, school = read(scientist.get("/instituciones")), read(scientist.get(f"/instituciones/{ESPERANZA}"))

    assert "las cuentas de menos de 10 estudiantes están reservadas" in schools
    assert schools.count("reservado") == 6 and not re.search(r"\d+ de \d+", schools)
    assert "Sin grado reservado Complete" in school
    assert "reservado" not in read(worker.get("/instituciones"))
    assert "Sin grado 4 Complete" in read(worker.get(f"/instituciones/{ESPERANZA}"))


@pytest.mark.parametrize(
    ("on_list", "contacted", "said", "to_who_sees_no_names"),
    [
        (0, 0, "nadie en la lista", "nadie en la lista"),
        (3, 0, "0 de 3", "reservado"),
        (10, 0, "0 de 10", "0 de 10"),
        (10, 1, "1 de 10", "reservado"),
        (30, 12, "12 de 30", "12 de 30"),
        (30, 25, "25 de 30", "reservado"),  # five are left
    ],
)
def test_a_share_that_tells_of_few_children_is_withheld(on_list, contacted, said, to_who_sees_no_names):
    share = Share(on_list, contacted)

    assert (share.said(every=True), share.said(every=False)) == (said, to_who_sees_no_names)


def test_a_child_who_is_on_no_list_has_its_course_on_its_page_as_the_call_has_to_check_it(app, sign_in):
    client = sign_in()
    child = next(student(number) for number in range(1, 90) if not is_published(app, student(number)))
    page, form = (read(client.get(f"/estudiantes/{child}{more}")) for more in ("", "/contactos/nuevo"))

    assert "Esta semana no está en la lista publicada." in page
    assert re.search(r"Curso Grado \d, grupo 602 ", page) and re.search(r"grado \d, grupo 602", form)


def test_what_a_scientist_is_asked_to_check_is_one_sentence(sign_in):
    words = read(sign_in("ciencia").get(f"/estudiantes/{student(1)}"))

    assert "Pregunte por el nombre (su rol no lo muestra), la institución y el curso." in words and ",," not in words


def test_schools_stand_by_name_as_in_a_spanish_dictionary(app, sign_in):
    def call_them(*names):
        with app.state.service.database.writing(BY, "school_figures", "prueba") as (connection, _):
            for code, name in zip((ESPERANZA, LATIR, DIAMANTE), names, strict=True):
                connection.execute(update(schools).where(schools.c.institution_id == code).values(name=name))

    call_them("IE Ñustes", "IE Tolima", "IE Ángel")
    try:
        page = sign_in().get("/instituciones").text
    finally:
        call_them("IE La Esperanza", "IE Nuevo Latir", "IE El Diamante")

    assert re.findall(r"IE (\w+)</a>", page) == ["Ángel", "Ñustes", "Tolima"]


# The map


def test_the_map_tells_the_same_as_its_table_and_nothing_small(sign_in, app, tmp_path):
    square = [[[-76, 3], [-76, 4], [-75, 4], [-75, 3], [-76, 3]]]
    other = [[[-75, 3], [-75, 4], [-74, 4], [-74, 3], [-75, 3]]]
    features = [
        {"type": "Feature", "properties": {"n": name}, "geometry": {"type": "Polygon", "coordinates": rings}}
        for name, rings in (("14", square), ("2", other))
    ]
    (tmp_path / "x.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    client, home = sign_in(), app.state.service.settings.home
    before = read(client.get("/mapa"))
    load(tmp_path / "x.geojson", "n", home)
    page = client.get("/mapa")
    (home / "map.json").write_text("{", "utf-8")
    spoiled = read(client.get("/mapa"))
    (home / "map.json").unlink()

    assert "Todavía no hay polígonos" in before and "El mapa guardado no se puede leer." in spoiled
    assert 'class="withheld"' in page.text and 'class="apart"' in page.text
    for words in (before, read(page), spoiled):
        assert "Comuna 14 reservado reservado" in words and "Total 12 reservado" in words
    assert "En la tabla y no en el mapa: Comuna 13." in read(page)
    assert "<image" not in page.text and "style=" not in page.text
    assert "permanencia" in before


def test_the_map_has_two_views_and_no_third(sign_in):
    client = sign_in()

    assert client.get("/mapa?ver=contacto").status_code == 200
    assert client.get("/mapa?ver=casas").status_code == 422
    assert sign_in("administra").get("/mapa").status_code == 403


# A child


def test_the_supervision_sees_who_has_looked_at_a_record_and_the_others_are_told_who_does(sign_in):
    sign_in().get(f"/estudiantes/{student(1)}")
    sign_in("ciencia").get(f"/estudiantes/{student(1)}")
    words = read(sign_in("supervision").get(f"/estudiantes/{student(1)}"))

    assert "13/05/2024 07:30 ciencia (ciencia de datos) Consultó el registro 13/05/2024 07:30 cobertura" in words
    assert "(equipo de cobertura) Consultó el registro, con nombre" in words
    refused = read(sign_in().get(f"/estudiantes/{student(1)}"))
    assert "no puede ver quién ha consultado un registro" in refused and "ciencia (ciencia de datos)" not in refused


def test_who_asks_for_a_child_that_is_not_there_sees_no_looks_at_it(sign_in):
    client = sign_in("supervision")

    assert client.get(f"/estudiantes/{NOBODY}").status_code == 404
    assert client.get(f"/estudiantes/{NOBODY}").status_code == 404


def test_identity_is_checked_before_anything_and_each_reason_leads_to_its_guide(sign_in):
    client = sign_in()
    page = client.get(f"/estudiantes/{student(1)}")

    assert page.text.index("confirme que es la misma persona") < page.text.index("Por qué está en la lista")
    guides = re.findall(r'href="(/guias/[a-z_]+)"', page.text.split("Factores protectores")[0])
    assert guides and {client.get(address).status_code for address in guides} == {200}
    assert "Asistencia 03/05/2024 Valoraciones (notas) Sin dato" in read(page)


# All of them


@pytest.mark.parametrize("path", ["/lista/cambios", "/instituciones", f"/instituciones/{ESPERANZA}", "/mapa"])
def test_an_old_list_says_so_on_every_page_and_each_look_leaves_a_line(app, sign_in, path):
    client, service = sign_in(), app.state.service
    app.state.service = replace(
        service, clock=lambda: MONDAY_MORNING + timedelta(days=21), true_clock=lambda: MONDAY_MORNING
    )
    try:
        words = read(client.get(path))
    finally:
        app.state.service = service
    with app.state.service.database.reading() as connection:
        last = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(1)).one()

    assert "Esta lista es antigua." in words
    assert last.by == "cobertura" and last.thing.startswith("list:2024-05-12")


@pytest.mark.parametrize("path", ["/lista/cambios", "/instituciones", "/mapa"])
def test_without_any_list_each_page_says_when_there_will_be_one(tmp_path, path):
    from serving.settings import Settings

    app = create_app(Settings(home=tmp_path / "h"), lambda: MONDAY_MORNING)
    database = app.state.service.database
    add_person(database, Person("cobertura", Role.COVERAGE), BY)
    with TestClient(app) as client:
        client.post("/entrar", data={"ficha": issue_token(database, "cobertura", BY)}, headers=SAME_SITE)
        words = read(client.get(path))
    database.engine.dispose()

    assert "Todavía no hay una lista publicada" in words
