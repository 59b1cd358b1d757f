"""A copy says of which school it is, of what part, in what order, whom somebody called, and whether it is invented."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from drawn_lists import BY, DIAMANTE, ESPERANZA, LATIR, MONDAY_MORNING, student
from followed_home import SAME_SITE, caller, followed_app
from test_pages import read

from serving import pack_files, published
from serving.bulk_export import work
from serving.case_states import CONTACTED, CaseState
from serving.exports import read_export
from serving.last_contact import last_contact
from serving.list_scope import NO_COMUNA, ListScope, plain
from serving.pack_pdf import pack_html
from serving.people import WHOLE_SECRETARIAT, Person, Role, add_person, issue_token, reach_of
from serving.published import Wanted
from serving.reach import read_reach
from serving.sentences import CALL_FIRST
from serving.week_filters import ORDERS

ROSA = student(1)
NOTE = "la abuela pide discreción"
GROUP = read_reach([f"{ESPERANZA}/01/6/602"])
TWO_SCHOOLS = reach_of([ESPERANZA, LATIR])


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with followed_app(tmp_path_factory.mktemp("home") / "h") as app:
        database = app.state.service.database
        for person in (Person("dos", Role.SCHOOL, TWO_SCHOOLS), Person("grupo", Role.SCHOOL, GROUP)):
            add_person(database, person, BY)
            app.state.tokens[person.name] = issue_token(database, person.name, BY)
        yield app


@pytest.fixture(scope="module")
def called(app):
    """Somebody called Rosa's home, nobody answered, and a note was left."""
    call = caller(app, app.state.tokens)
    told = {"student_id": ROSA, "kind": "CALL", "outcome": "NO_ANSWER", "note": NOTE}
    assert call("cobertura", "/contacts", told).status_code == 201


def export_of(app, reach=WHOLE_SECRETARIAT, institution=None, comuna=None, made_up=False):
    whole = reach.institutions is None and institution is None
    with app.state.service.database.reading_as(BY.context) as connection:
        publication = published.publication_for(connection, None)
        return read_export(connection, publication, Wanted(reach, institution, comuna, whole), BY, made_up=made_up)


def file_of(client, kind="csv", **asked):
    answer = client.get("/lista/descargar", params={"formato": kind, **asked})
    assert answer.status_code == 200
    return answer


def csv_rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet(content, name="Lista"):
    return [[cell or "" for cell in row] for row in openpyxl.load_workbook(io.BytesIO(content))[name].values]


def on_paper(export):
    return re.findall(r'<td class="place">(\d+)</td>', pack_html(export))


# Of which school, and of what part

SCOPES = [
    (WHOLE_SECRETARIAT, None, None, "Lista de la ciudad", "lista-de-la-ciudad"),
    (WHOLE_SECRETARIAT, None, "Comuna 14", "Comuna 14", "comuna-14"),
    (WHOLE_SECRETARIAT, DIAMANTE, None, "IE El Diamante", "176001000033-el-diamante"),
    (reach_of([ESPERANZA]), None, None, "IE La Esperanza", "176001000011-la-esperanza"),
    (TWO_SCHOOLS, None, None, "Lo que usted atiende", "lo-que-usted-atiende"),
    (TWO_SCHOOLS, None, "Comuna 14", "Comuna 14 · Lo que usted atiende", "comuna-14-lo-que-usted-atiende"),
    (TWO_SCHOOLS, LATIR, None, "IE Nuevo Latir", "176001000022-nuevo-latir"),
    (TWO_SCHOOLS, None, "Comuna 13", NO_COMUNA, "comuna-sin-instituciones-que-usted-atienda"),
    (WHOLE_SECRETARIAT, None, "Comuna 99", NO_COMUNA, "comuna-sin-instituciones-que-usted-atienda"),
    (GROUP, None, None, "IE La Esperanza · Lo que usted atiende", "176001000011-la-esperanza-lo-que-usted-atiende"),
]  # fmt: skip


@pytest.mark.parametrize(("reach", "institution", "comuna", "heading", "name"), SCOPES)
def test_a_copy_is_headed_and_named_after_what_it_is_of(app, reach, institution, comuna, heading, name):
    export = export_of(app, reach, institution, comuna)

    assert f"<h1>{heading}</h1>" in pack_html(export)
    assert ["De", heading] in sheet(export.as_xlsx(), "Acerca de esta lista")
    assert json.loads(export.as_json())["scope"] == heading
    assert export.file_name == f"{name}-2024-05-13"


def test_the_part_of_one_comuna_is_all_of_it_for_who_attends_that_comuna(app):
    reach = replace(read_reach(["comuna:Comuna 14"]), schools_of_comunas=frozenset([ESPERANZA, LATIR]))

    assert export_of(app, reach, comuna="Comuna 14").scope.heading == "Comuna 14"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Santa Cecilia", "santa-cecilia"),
        ("NIÑO JESÚS – Sede Nº 2", "nino-jesus-sede-no-2"),
        ('../x"\r\n;=1', "x-1"),
        ("学校", ""),
    ],
)
def test_a_file_is_named_in_letters_that_every_system_keeps(said, kept):
    assert plain(said) == kept


def test_a_long_name_is_cut_and_a_name_that_says_nothing_leaves_the_code():
    assert len(ListScope("176001000011", "IE " + "San José " * 40).stem) <= 80
    assert ListScope("176001000011", "学校").stem == "176001000011"


@pytest.mark.parametrize("who", ["esperanza", "grupo", "dos", "cobertura"])
def test_every_copy_numbers_its_children_as_the_page_does(sign_in, app, who):
    client, reach = sign_in(who), {"esperanza": reach_of([ESPERANZA]), "grupo": GROUP, "dos": TWO_SCHOOLS}
    page = re.findall(r'<span class="rank"><span class="unseen">Puesto </span>(\d+)</span>', client.get("/lista").text)

    assert page and [row["Puesto"] for row in csv_rows(file_of(client).content)] == page
    assert [str(row[0]) for row in sheet(file_of(client, "xlsx").content)[1:]] == page
    assert on_paper(export_of(app, reach.get(who, WHOLE_SECRETARIAT))) == page
    assert who != "esperanza" or page == [str(place) for place in range(1, len(page) + 1)]


# Whom somebody called


@pytest.mark.usefixtures("called")
def test_a_call_that_nobody_answered_is_told_as_that_on_the_page_and_in_every_copy(sign_in, app):
    client = sign_in()
    page, school = read(client.get("/lista")), read(client.get(f"/instituciones/{ESPERANZA}"))
    by_csv = {row["Estudiante"]: row for row in csv_rows(file_of(client).content)}
    titles, *rows = sheet(file_of(client, "xlsx").content)

    assert "Último contacto el 13/05/2024: no contesta." in page and "Contactado" not in page
    assert "13/05/2024: No contesta" in school and "Sin contacto" in school
    assert {row["Último contacto"] for id, row in by_csv.items() if id != ROSA} == {"Sin contacto"}
    assert by_csv[ROSA]["Último contacto"] == "13/05/2024: No contesta"
    assert by_csv[ROSA]["Contactos a la fecha"] == "13/05/2024"
    assert rows[0][titles.index("Último contacto")] == "13/05/2024: No contesta"
    assert "<strong>Último contacto.</strong> 13/05/2024: No contesta." in (paper := pack_html(export_of(app)))
    assert "Contactos de las últimas cuatro semanas, a la fecha: 13/05/2024." in paper
    told = file_of(client, "json").json()
    assert told["last_contacts"] == {ROSA: {"on": "2024-05-13", "said": "No contesta"}}
    assert told["contacts_until"] == "2024-05-13"
    assert NOTE not in paper + str(by_csv) + str(rows) + str(told)


@pytest.mark.usefixtures("called")
def test_a_contact_is_told_only_to_who_reaches_the_child(app):
    assert ROSA in {row.student_id for row in export_of(app, reach_of([ESPERANZA])).rows}
    assert ROSA not in export_of(app, reach_of([LATIR])).states
    assert all(state.outcome is None for state in export_of(app, reach_of([LATIR])).states.values())


CALLED = CaseState(CONTACTED, date(2024, 9, 16), "NO_ANSWER")
VISITED = {"followed": {"on": "2024-09-10", "result": "ATTENDING"}}
LATER = {"followed": {"on": "2024-09-18", "result": "NOT_FOUND"}}


@pytest.mark.parametrize(
    ("row", "state", "told"),
    [
        ({}, None, ""),
        ({"followed": None}, CaseState(), ""),
        ({}, CALLED, "16/09/2024: No contesta"),
        (VISITED, None, "10/09/2024: Asiste"),
        (VISITED, CALLED, "16/09/2024: No contesta"),
        (LATER, CALLED, "18/09/2024: Sin hallazgo"),
    ],
)
def test_the_last_contact_is_the_later_of_the_log_and_of_what_the_list_was_made_with(row, state, told):
    assert last_contact(row, state) == told


def test_every_copy_says_whose_family_to_call_before_a_visit(app):
    export = export_of(app)
    first, *others = export.rows
    moving = replace(first, body=json.dumps(json.loads(first.body) | {"moved": 0.99}).encode())
    changed = replace(export, rows=[moving, *others])

    told = [row["Llame antes de visitar"] for row in csv_rows(changed.as_csv())]
    titles, *rows = sheet(changed.as_xlsx())
    assert told == [CALL_FIRST, *[""] * len(others)]
    assert [row[titles.index("Llame antes de visitar")] for row in rows] == told
    assert pack_html(changed).count(CALL_FIRST) == 1


# In what order


@pytest.mark.parametrize("order", [*ORDERS, "", "otra"])
def test_a_copy_has_the_order_of_the_page_it_is_taken_from(sign_in, order):
    client = sign_in()
    page = client.get("/lista", params={"orden": order} if order else {})
    links = re.findall(r'href="(/lista/descargar\?[^"]*formato=csv[^"]*)"', page.text)
    (link,) = [one.replace("&amp;", "&") for one in links]

    shown = re.findall(r'<h2><a href="/estudiantes/([0-9a-f]+)"', page.text)
    assert [row["Estudiante"] for row in csv_rows(client.get(link).content)] == shown
    assert len(shown) == 12


def test_an_order_that_is_not_the_list_s_own_is_said(sign_in, app):
    by_grade = dict(row[:2] for row in sheet(file_of(sign_in(), "xlsx", orden="grado").content, "Acerca de esta lista"))

    assert by_grade["Orden"] == "En orden de grado, y luego en el orden en que conviene ofrecer apoyo"
    assert "en orden de grado" in pack_html(replace(export_of(app), order="grado"))
    assert "12 estudiantes, en el orden en que conviene ofrecer apoyo." in pack_html(export_of(app))


# Whether it is invented


def test_a_copy_of_invented_children_says_so_at_its_head_and_foot_and_another_never_does(app, sign_in):
    invented, real = export_of(app, made_up=True), export_of(app)
    said = "Datos inventados. Esta es una demostración: ninguna persona de esta lista existe."

    html = pack_html(invented)
    assert html.index(said) < html.index("<h1>") and invented.footer.startswith("Datos inventados. Confidencial")
    assert "inventados" not in pack_html(real) + real.as_csv().decode() + str(sheet(real.as_xlsx())) + real.footer
    client = sign_in()
    assert {row["Aviso sobre la lista"] for row in csv_rows(file_of(client).content)} == {said}
    assert said in caller(app, app.state.tokens)("cobertura", "/risk-lists/latest/file?format=csv").text
    book = openpyxl.load_workbook(io.BytesIO(file_of(client, "xlsx").content))
    assert ("Aviso", said) in list(book["Acerca de esta lista"].values)
    assert "Datos inventados." in book["Lista"].oddFooter.left.text
    assert [json.loads(one.as_json())["notes"] for one in (invented, real)] == [[said], []]
    assert file_of(client, "json").json()["notes"] == [said]


def test_packs_of_invented_children_say_so_too(app, sign_in, monkeypatch):
    monkeypatch.setattr(pack_files, "KINDS", ("csv",))
    client = sign_in()
    seal = re.search(r'name="sello" value="([^"]+)"', client.get("/cuenta").text)[1]
    client.post("/paquetes", data={"sello": seal}, headers=SAME_SITE)
    service = app.state.service
    assert work(service.database, service.moment, "obrero", made_up=True) == (0 if service.database.is_embedded else 1)
    link = re.search(r'href="(/paquetes/[0-9a-f]{32})"', client.get("/paquetes").text)[1]

    archive = zipfile.ZipFile(io.BytesIO(client.get(link).content))
    assert all(b"Datos inventados." in archive.read(name) for name in archive.namelist())
    assert f"{ESPERANZA}-la-esperanza/{ESPERANZA}-la-esperanza-{MONDAY_MORNING:%Y-%m-%d}.csv" in archive.namelist()
