"""A copy taken from a page with filters holds exactly the rows of that page, and says that it is a part."""

import json
import re

import pytest
from drawn_lists import BY, ESPERANZA, LATIR, student
from followed_home import caller, followed_app
from sqlalchemy import select
from test_copies import csv_rows, sheet

from serving import published
from serving.exports import read_export
from serving.list_scope import LONGEST, ListScope
from serving.pack_pdf import pack_html
from serving.people import Person, Role, add_person, issue_token
from serving.published import Wanted
from serving.tables import audit
from serving.week_filters import Chosen

ROSA, GIVEN = student(1), student(73)
WHOLE = Wanted()
FREE = '=1+1 Juana "x"\r\n;<b>11000'
FILTERS = [
    {"grado": "7"},
    {"razon": "attendance"},
    {"jornada": "MORNING", "sede": "01"},
    {"cambio": "entered"},
    {"cambio": "stayed", "orden": "cambio"},
    {"contacto": "CONTACTED"},
    {"contacto": "ASSIGNED"},
    {"contacto": "NO_CONTACT", "orden": "institucion"},
    {"comuna": "Comuna 14", "grado": "8", "orden": "grado"},
    {"colegio": ESPERANZA, "grado": "6"},
    {"grado": "11"},
    {"grado": FREE},
]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Rosa was called, and another child was given to somebody."""
    called = {"student_id": ROSA, "kind": "CALL", "outcome": "NO_ANSWER"}
    with followed_app(tmp_path_factory.mktemp("home") / "h") as app:
        database, call = app.state.service.database, caller(app, app.state.tokens)
        add_person(database, Person("audita", Role.AUDITOR), BY)
        app.state.tokens["audita"] = issue_token(database, "audita", BY)
        assert call("supervisa", "/contacts", called).status_code == 201
        assert call("supervisa", "/assignments", {"student_id": GIVEN, "worker": "trabaja"}).status_code == 201
        yield app


def links_of(page):
    found = re.findall(r'href="(/lista/descargar\?[^"]*formato=(\w+))"', page.text)
    return {kind: link.replace("&amp;", "&") for link, kind in found}


def shown(page):
    return re.findall(r'<h2><a href="/estudiantes/([0-9a-f]+)"', page.text)


def export_of(app, chosen):
    with app.state.service.database.reading_as(BY.context) as connection:
        publication = published.publication_for(connection, None)
        return read_export(connection, publication, WHOLE, BY, chosen=chosen)


@pytest.mark.parametrize("who", ["cobertura", "esperanza", "ciencia"])
@pytest.mark.parametrize("asked", FILTERS, ids=str)
def test_every_copy_has_the_rows_of_its_page_in_the_same_order(sign_in, who, asked):
    client = sign_in(who)
    page = client.get("/lista", params=asked)
    files = {kind: client.get(links_of(page)[kind]) for kind in ("csv", "xlsx", "json")}

    assert [row["Estudiante"] for row in csv_rows(files["csv"].content)] == shown(page)
    assert [row[2] for row in sheet(files["xlsx"].content)[1:]] == shown(page)
    told = files["json"].json()
    assert [row["student_id"] for row in told["rows"]] == shown(page) and told["left"] == []
    assert set(told.get("names", {})) == (set() if who == "ciencia" else set(shown(page)))


def test_the_filters_of_the_test_keep_some_rows_and_take_others_away(sign_in):
    client = sign_in()
    kept = [len(shown(client.get("/lista", params=asked))) for asked in FILTERS]

    assert kept[-2:] == [0, 0] and {0, 12} < set(kept)
    assert kept[5:7] == [1, 1]


def test_a_copy_with_filters_tells_them_in_its_heading_its_name_and_its_notes(app, sign_in):
    asked = {"grado": "7", "razon": "attendance", "contacto": "NO_CONTACT"}
    client, heading = sign_in(), "Grado 7 · Razón principal: Asistencia · Contacto: Sin contacto ni asignación"
    page = client.get("/lista", params=asked)
    files = {kind: client.get(link) for kind, link in links_of(page).items() if kind != "pdf"}
    html = pack_html(export_of(app, Chosen(**asked)))

    note = f"Esta copia lleva filtros ({heading}). Los cumplen {len(shown(page))} de 12."
    assert f"<h1>Lista de la ciudad · {heading}</h1>" in html and note in html
    assert ["De", f"Lista de la ciudad · {heading}"] in sheet(files["xlsx"].content, "Acerca de esta lista")
    assert all(note in row["Aviso sobre la lista"] for row in csv_rows(files["csv"].content))
    assert files["json"].json()["scope"] == f"Lista de la ciudad · {heading}" and note in files["json"].json()["notes"]
    assert 'filename="lista-de-la-ciudad-con-filtros-2024-05-13.csv"' in files["csv"].headers["content-disposition"]
    assert "Descargar (con los filtros)" in " ".join(page.text.split())


def test_what_was_typed_into_an_address_is_told_back_nowhere(app, sign_in):
    client = sign_in()
    for name in ("sede", "grado", "jornada", "razon", "cambio", "contacto"):
        answers = [client.get("/lista/descargar", params={name: FREE, "formato": kind}) for kind in ("csv", "json")]
        export = export_of(app, Chosen(**{name: FREE}))

        for answer in answers:
            file = answer.headers["content-disposition"]
            assert "lista-de-la-ciudad-un-filtro-que-nadie-cumple-2024-05-13" in file
            assert not [text for text in (answer.text, file) if "Juana" in text or "juana" in text or "11000" in text]
        assert "Ningún estudiante de esta lista cumple los filtros." in (html := pack_html(export))
        assert "Juana" not in html + str(sheet(export.as_xlsx(), "Acerca de esta lista"))


@pytest.mark.parametrize("who", ["audita", "administra"])
def test_who_may_take_no_list_takes_no_part_of_it_either(sign_in, who):
    assert sign_in(who).get("/lista/descargar", params={"formato": "json", "grado": "7"}).status_code == 403


def test_a_filter_opens_no_school_that_is_out_of_reach(sign_in):
    client = sign_in("esperanza")
    own = client.get("/lista/descargar", params={"formato": "json", "contacto": "NO_CONTACT"}).json()
    other = client.get("/lista/descargar", params={"formato": "json", "colegio": LATIR, "grado": "7"})

    assert {row["institution"] for row in own["rows"]} == {ESPERANZA} and other.status_code == 404


def test_the_audit_tells_how_many_rows_were_taken_and_by_which_filters_but_not_what_was_asked_of_them(app, sign_in):
    client = sign_in()
    many = len(shown(client.get("/lista", params={"grado": "7"})))
    client.get("/lista/descargar", params={"formato": "csv", "grado": "7", "orden": "cambio"})
    with app.state.service.database.reading() as connection:
        lines = connection.execute(select(audit.c.detail).where(audit.c.action == "export").order_by(audit.c.id))
        told = lines.scalars().all()[-1]

    assert told == f"{many} estudiantes y 0 que salieron, {many} con nombre; con filtros: grado"


def test_a_long_name_leaves_room_for_the_filters():
    scope = ListScope("176001000011", "IE " + "San José " * 40, filters=("Grado 7",))

    assert len(scope.stem) <= LONGEST and scope.stem.endswith("-grado-7")
    assert ListScope(filters=("学校",)).stem == "lista-de-la-ciudad-con-filtros"
    assert ListScope(filters=("Razón principal: Asistencia", "Jornada: Mañana")).stem.endswith("-con-filtros")


def test_a_copy_without_filters_says_nothing_of_them_and_keeps_who_left(sign_in):
    told = json.loads(sign_in().get("/lista/descargar", params={"formato": "json", "orden": "grado"}).content)

    assert len(told["rows"]) == 12 and told["left"] and "filtros" not in str(told["notes"])
