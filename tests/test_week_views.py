"""The week's list as people narrow it: filters, orders, views they save and share, and what changed."""

import json
import re
from html.parser import HTMLParser

import pytest
from drawn_lists import BY, DIAMANTE, ESPERANZA, FIRST_SUNDAY, MONDAY_MORNING, draw_home
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.testclient import TestClient

from serving.app import create_app
from serving.case_states import ASSIGNED, CONTACTED, CaseState
from serving.faults import WrongUsage
from serving.people import Person, Role, reach_of
from serving.saved_views import MOST, SavedView, plain_query, save, seen_by
from serving.spanish_order import spanish_order
from serving.tables import audit, listed
from serving.week_filters import ORDERS, Chosen, comunas_of, narrowed, offered

SAME_SITE = {"origin": "http://testserver"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    app = create_app(settings, lambda: MONDAY_MORNING)
    app.state.tokens = tokens
    yield app
    app.state.service.database.engine.dispose()


@pytest.fixture
def sign_in(app):
    def sign_in(who="cobertura"):
        client = TestClient(app, follow_redirects=False)
        client.post("/entrar", data={"ficha": app.state.tokens[who]}, headers=SAME_SITE)
        return client

    return sign_in


@pytest.fixture(scope="module")
def published_rows(app):
    with app.state.service.database.reading_as(BY.context) as connection:
        bodies = connection.execute(select(listed.c.body).where(listed.c.on_city_list)).scalars().all()
    latest = [json.loads(body) for body in bodies if json.loads(body)["day"] == "2024-05-12"]
    return sorted(latest, key=lambda row: row["rank"])


class Words(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.words = []
        self.feed(html)

    def handle_data(self, data):
        self.words += data.split()


def read(answer):
    return " ".join(Words(answer.text).words)


def sent(client, path, **fields):
    seal = re.search(r'name="sello" value="([^"]+)"', client.get("/lista").text)[1]
    return client.post(path, data={"sello": seal, **fields}, headers=SAME_SITE)


def students_on(page):
    return re.findall(r'<h2><a href="/estudiantes/([0-9a-f]+)"', page.text)


def test_a_filter_keeps_just_the_rows_that_fit_and_says_how_many(sign_in, published_rows):
    page = sign_in().get("/lista", params={"grado": "7", "comuna": "Comuna 14"})

    wanted = [row["student_id"] for row in published_rows if row["grade"] == 7 and row["comuna"] == "Comuna 14"]
    assert students_on(page) == wanted and wanted
    assert f"{len(wanted)} estudiantes cumplen los filtros" in read(page) or "1 estudiante cumple" in read(page)
    assert "Descargar (con los filtros)" in read(page)


def test_a_filter_that_nobody_fits_says_so_and_leads_back(sign_in):
    page = sign_in().get("/lista", params={"grado": "11"})

    assert "Ningún estudiante de esta lista cumple los filtros." in read(page)
    assert "11 (sin estudiantes)" in read(page)


def test_the_list_says_how_many_it_does_not_show(sign_in):
    assert "78 más no mostrados" in read(sign_in().get("/lista"))


@given(st.sampled_from([*ORDERS, ""]), st.sampled_from(["", "entered", "stayed"]), st.sampled_from(["", "6", "7"]))
def test_narrowing_loses_nobody_who_fits_and_adds_nobody(published_rows, order, change, grade):
    found = narrowed(published_rows, Chosen(orden=order, cambio=change, grado=grade), {})

    fits = [
        row
        for row in published_rows
        if (not change or row["change"]["kind"] == change) and (not grade or str(row["grade"]) == grade)
    ]
    assert sorted(row["rank"] for row in found) == [row["rank"] for row in fits]


def test_every_value_that_is_offered_fits_some_row(published_rows):
    states = {
        published_rows[0]["student_id"]: CaseState(CONTACTED),
        published_rows[1]["student_id"]: CaseState(ASSIGNED),
    }
    for name, values in offered(published_rows, {"attendance": "inasistencia"}, states).items():
        for value, said in values:
            assert narrowed(published_rows, Chosen(**{name: value}), states), (name, said)


def test_a_saved_view_opens_the_same_rows_again(sign_in):
    client = sign_in()
    direct = client.get("/lista", params={"grado": "7", "orden": "institucion"})
    answer = sent(client, "/lista/vistas", nombre="Los de séptimo", consulta="orden=institucion&grado=7&token=x")

    assert answer.headers["location"] == "/lista?grado=7&orden=institucion"
    assert students_on(client.get(answer.headers["location"])) == students_on(direct)
    assert "Los de séptimo" in read(client.get("/lista"))
    assert "Los de séptimo" not in read(sign_in("ciencia").get("/lista"))


def test_a_view_saved_from_the_list_of_one_day_opens_the_newest_list(sign_in, app):
    client = sign_in()
    dated = f"dia={FIRST_SUNDAY}&grado=7"
    page = client.get(f"/lista?{dated}").text
    answer = sent(client, "/lista/vistas", nombre="Séptimo, siempre", consulta=dated)

    assert 'name="consulta" value="grado=7"' in page
    assert answer.headers["location"] == "/lista?grado=7"
    assert SavedView("1", "cobertura", "De antes", dated, False).address == "/lista?grado=7"
    assert "Guardar esta vista" not in client.get(f"/lista?dia={FIRST_SUNDAY}").text, "a day alone is no view"


def test_schools_and_places_stand_as_in_a_spanish_dictionary():
    told = ["Ñuflo", "Tomás", "Nz", "Ángel", "Zoé", "nariño", "Alba", "Ana"]

    assert sorted(told, key=spanish_order) == ["Alba", "Ana", "Ángel", "nariño", "Nz", "Ñuflo", "Tomás", "Zoé"]
    rows = [{"institution_name": name, "institution": "", "rank_in_institution": 1} for name in ("IE T", "IE Á")]
    assert [row["institution_name"] for row in narrowed(rows, Chosen(orden="institucion"), {})] == ["IE Á", "IE T"]
    assert [said for _, said in comunas_of([{"comuna": "Tola"}, {"comuna": "Ábrego"}])] == ["Ábrego", "Tola"]


def test_a_shared_view_is_seen_by_whoever_reaches_its_school_and_by_nobody_else(sign_in):
    sent(sign_in("ciencia"), "/lista/vistas", nombre="De El Diamante", consulta=f"colegio={DIAMANTE}", compartida="si")

    assert "De El Diamante" in read(sign_in().get("/lista"))
    assert "De El Diamante" not in read(sign_in("esperanza").get("/lista"))


def test_what_somebody_who_sees_names_calls_a_view_is_not_told_to_who_sees_none(sign_in, app):
    sent(sign_in(), "/lista/vistas", nombre="Rosa Mina y los de sexto", consulta="grado=6", compartida="si")

    assert "Rosa Mina y los de sexto" in read(sign_in("esperanza").get("/lista"))
    assert "Rosa Mina y los de sexto" not in read(sign_in("ciencia").get("/lista"))


@pytest.mark.parametrize("role, seen", [(Role.SUPERVISOR, True), (Role.SCHOOL, True), (Role.DATA_SCIENTIST, False)])
def test_who_changes_to_a_role_without_names_shares_none_of_the_titles_from_before(database, role, seen):
    from serving.people import add_person
    from serving.people_changed import change_role

    for name in ("luis", "ciencia"):
        add_person(
            database,
            Person(name, Role.DATA_SCIENTIST if name == "ciencia" else Role.COVERAGE, reach_of([ESPERANZA])),
            BY,
        )
    luis = Person("luis", Role.COVERAGE, reach_of([ESPERANZA]))
    save(database, luis, "Rosa Mina", "grado=6", True, BY)
    change_role(database, "luis", role, BY)

    with database.reading() as connection:
        (own,) = seen_by(connection, luis)
        assert own.shared is seen
        assert not seen_by(connection, Person("ciencia", Role.DATA_SCIENTIST, reach_of([ESPERANZA])))


def test_only_its_owner_forgets_a_view_and_each_step_leaves_a_line(sign_in, app):
    sent(sign_in(), "/lista/vistas", nombre="De paso", consulta="grado=6", compartida="si")
    with app.state.service.database.reading() as connection:
        (view,) = [one for one in seen_by(connection, Person("cobertura", Role.COVERAGE)) if one.name == "De paso"]

    assert sent(sign_in("ciencia"), f"/lista/vistas/{view.id}/borrar").status_code == 404
    assert sent(sign_in(), f"/lista/vistas/{view.id}/borrar").status_code == 303
    assert "De paso" not in read(sign_in().get("/lista"))
    with app.state.service.database.reading() as connection:
        lines = connection.execute(select(audit.c.action, audit.c.by).where(audit.c.thing == f"view:{view.id}")).all()
    assert [tuple(line) for line in lines] == [("save_view", "cobertura"), ("forget_view", "cobertura")]


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        ("", "grado=6", "de 1 a 60 letras"),
        ("x" * 61, "grado=6", "de 1 a 60 letras"),
        ("Rosa 1.144.000.123", "grado=6", "no lleva documentos"),
        ("Todo", "desde=50&otra=1", "Elija primero un filtro"),
    ],
)
def test_a_view_without_sense_is_refused_in_a_sentence(sign_in, name, query, told):
    answer = sent(sign_in(), "/lista/vistas", nombre=name, consulta=query)

    assert answer.status_code == 422 and told in read(answer)


def test_a_person_has_a_bounded_number_of_views_under_different_names(database):
    from serving.people import add_person

    rosa = Person("rosa", Role.SCHOOL, reach_of([ESPERANZA]))
    add_person(database, rosa, BY)
    for number in range(MOST):
        save(database, rosa, f"vista {number}", "grado=6", False, BY)

    for name in ("una más", "vista 3"):
        with pytest.raises(WrongUsage):
            save(database, rosa, name, "grado=6", False, BY)


@given(st.text(max_size=80))
def test_whatever_is_sent_as_a_view_leads_to_the_list_and_nowhere_else(text):
    kept = plain_query(text)

    assert plain_query(kept) == kept
    assert re.fullmatch(r"[A-Za-z0-9_.~%+=&*-]*", kept)


def test_what_changed_counts_every_change_once_with_its_why(sign_in, published_rows):
    page = read(sign_in().get("/lista/cambios"))

    for kind, said in (("entered", "Entró a la lista"), ("stayed", "Sigue igual")):
        count = sum(row["change"]["kind"] == kind for row in published_rows)
        assert count and f"{said} ({count})" in page
    assert "Salió de la lista (3)" in page and "Quedó por debajo del cupo de esta semana." in page


def test_what_changed_holds_only_what_the_reader_reaches(sign_in):
    page = sign_in("esperanza").get("/lista/cambios")

    assert page.status_code == 200
    assert "IE El Diamante" not in page.text and "IE La Esperanza" in page.text
    assert sign_in("esperanza").get("/lista/cambios", params={"colegio": DIAMANTE}).status_code == 404
    assert sign_in("administra").get("/lista/cambios").status_code == 403
