"""The pages people read: the list, a student, signing in and out, and what each says when something is missing."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from drawn_lists import (
    BY,
    DIAMANTE,
    ESPERANZA,
    FIRST_SUNDAY,
    MONDAY_MORNING,
    NOBODY,
    SECOND_SUNDAY,
    draw_home,
    draw_list,
    student,
)
from sqlalchemy import select
from starlette.testclient import TestClient

from serving import roster
from serving.app import create_app
from serving.publishing import last_list_before, publish
from serving.risk_lists import School
from serving.sentences import ALWAYS, grade_name, more_to_say, not_known, said_date, school_name, week_of
from serving.settings import Settings
from serving.tables import audit

SAME_SITE = {"origin": "http://testserver"}
BANNED = re.compile(r"desert|\bcausa|provoca|culpa|\brojo\b|\bverde\b|amarillo", re.IGNORECASE)


class Clock:
    """A clock that stands where the test puts it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return draw_home(tmp_path_factory.mktemp("home") / "h")


@pytest.fixture
def clock():
    return Clock(MONDAY_MORNING)


@pytest.fixture
def app(home, clock):
    app = create_app(home[0], clock)
    yield app
    app.state.service.database.engine.dispose()


@pytest.fixture
def client(app):
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def sign_in(client, home):
    def sign_in(who="cobertura"):
        answer = client.post("/entrar", data={"ficha": home[1][who]}, headers=SAME_SITE)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/administracion" if who == "administra" else "/lista",
        )
        return client

    return sign_in


class Text(HTMLParser):
    """The words of a page, as a reader sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    def __str__(self) -> str:
        return " ".join(self.words)


def read(answer):
    return str(Text(answer.text))


@pytest.mark.parametrize("path", ["/lista", f"/estudiantes/{student(1)}", "/lista/descargar?formato=csv"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_page(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/entrar")


def test_a_wrong_token_is_told_in_a_sentence_and_opens_nothing(client):
    answer = client.post("/entrar", data={"ficha": "pmn_falsa"}, headers=SAME_SITE)

    assert answer.status_code == 401
    assert "La ficha no es válida" in read(answer)
    assert "pmn_falsa" not in answer.text
    assert client.get("/lista").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://otro.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
    ],
)
@pytest.mark.parametrize("path", ["/entrar", "/salir"])
def test_a_form_sent_by_another_site_is_refused(client, home, path, headers):
    answer = client.post(path, data={"ficha": home[1]["cobertura"]}, headers=headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_for_this_site_and_out_of_reach_of_scripts(client, home):
    cookie = client.post("/entrar", data={"ficha": home[1]["cobertura"]}, headers=SAME_SITE).headers["set-cookie"]

    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert home[1]["cobertura"] not in cookie


def test_a_cookie_that_was_changed_opens_nothing(sign_in):
    client = sign_in()
    (name,) = client.cookies
    forged = client.cookies[name][:-10] + "x" * 10
    client.cookies.clear()
    client.cookies.set(name, forged)

    assert client.get("/lista").status_code == 303


def test_a_session_ends_after_an_hour_without_reading(sign_in, clock):
    client = sign_in()
    clock.now += timedelta(minutes=59)
    assert client.get("/lista").status_code == 200
    clock.now += timedelta(minutes=59)
    assert client.get("/lista").status_code == 200

    clock.now += timedelta(minutes=61)

    assert client.get("/lista").status_code == 303


def test_a_session_ends_after_half_a_day_even_for_who_goes_on_reading(sign_in, clock):
    client = sign_in()
    for _ in range(15):
        clock.now += timedelta(minutes=50)
        last = client.get("/lista").status_code

    assert last == 303


def test_a_token_that_is_taken_back_ends_the_session(tmp_path, clock):
    from serving.people import revoke_tokens

    settings, tokens = draw_home(tmp_path / "h")
    app = create_app(settings, clock)
    with TestClient(app, follow_redirects=False) as client:
        client.post("/entrar", data={"ficha": tokens["cobertura"]}, headers=SAME_SITE)
        revoke_tokens(app.state.service.database, "cobertura", BY)

        assert client.get("/lista").status_code == 303
    app.state.service.database.engine.dispose()


def test_signing_out_ends_the_session(sign_in):
    client = sign_in()

    seal = re.search(r'name="sello" value="([^"]+)"', client.get("/lista").text)

    assert client.post("/salir", data={"sello": seal[1]}, headers=SAME_SITE).headers["location"] == "/entrar"
    assert client.get("/lista").status_code == 303


def test_the_list_opens_with_its_week_and_three_numbers(sign_in):
    page = read(sign_in().get("/lista"))

    assert "Semana del lunes 13 de mayo de 2024" in page
    assert "en la lista 12" in page
    assert "nuevos esta semana 3" in page
    assert "sin contacto 12" in page
    assert "78 más no mostrados: el cupo de la ciudad es de 12 contactos por semana." in page


def test_a_row_says_who_where_why_and_what_changed(sign_in):
    page = read(sign_in().get("/lista"))

    assert "Rosa Mina IE La Esperanza · grado 7, grupo 602 Faltó 6 días en las últimas 4 semanas. Sigue igual." in page


def test_a_data_scientist_reads_pseudonyms(sign_in):
    client = sign_in("ciencia")

    for path in ("/lista", f"/estudiantes/{student(1)}", "/lista/descargar?formato=json"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Rosa" not in answer.text and "3120000" not in answer.text
    assert f"Estudiante {student(1)[:8]}" in client.get("/lista").text


def test_an_administrator_is_told_why_there_is_no_list_for_them(sign_in):
    answer = sign_in("administra").get("/lista")

    assert answer.status_code == 403
    assert "El rol «administración» no puede consultar la lista de la semana." in read(answer)


def test_one_school_is_shown_all_it_should_follow_and_what_is_beyond_the_city_list_is_said(sign_in):
    page = sign_in().get("/lista", params={"colegio": ESPERANZA})

    assert page.text.count('class="row"') == 10
    assert "fuera del cupo de la ciudad" in page.text
    assert f'value="{ESPERANZA}" selected' in page.text


def test_a_school_sees_only_its_own_and_has_nothing_to_choose(sign_in):
    client = sign_in("esperanza")
    page = client.get("/lista")

    assert page.text.count('class="row"') == 10
    assert 'id="colegio"' not in page.text
    assert "IE El Diamante" not in page.text


@pytest.mark.parametrize(
    ("foreign", "absent"),
    [
        (f"/estudiantes/{student(2)}", f"/estudiantes/{NOBODY}"),
        (f"/lista?colegio={DIAMANTE}", "/lista?colegio=999999999999"),
        (f"/lista/descargar?colegio={DIAMANTE}", "/lista/descargar?colegio=999999999999"),
    ],
)
def test_another_school_looks_exactly_like_one_that_does_not_exist(sign_in, foreign, absent):
    client = sign_in("esperanza")

    others, nobodys = client.get(foreign), client.get(absent)

    assert others.status_code == nobodys.status_code == 404
    assert others.text == nobodys.text


def test_a_student_is_told_with_chance_reasons_strengths_trajectory_and_what_is_not_known(sign_in):
    page = read(sign_in().get(f"/estudiantes/{student(1)}"))

    assert "De cada 100 estudiantes con un perfil parecido, cerca de 97 dejaron de estudiar" in page
    assert "Factores protectores Vive con ambos padres." in page
    assert "Matrícula" in page and "Aprobó el año" in page
    assert "Faltó 4 de 9 días de clase en las 2 semanas reportadas" in page
    assert "2024-1 54 1 de 2: Matemáticas" in page
    assert "Alimentación escolar (PAE), desde el 01/02/2024." in page
    assert "Lo que este sistema no sabe No hay valoraciones (notas) de este estudiante." in page
    assert "Quién puede ver este registro" in page
    assert "3120000001" in page


def test_every_look_at_a_name_leaves_one_line(sign_in, app):
    def looks():
        with app.state.service.database.reading() as connection:
            return connection.execute(select(audit.c.action, audit.c.by).where(audit.c.action != "publish")).all()

    client, before = sign_in("esperanza"), len(looks())

    client.get("/lista")
    client.get(f"/estudiantes/{student(1)}")
    client.get("/lista/descargar?formato=csv")

    assert looks()[before:] == [("see_list", "esperanza"), ("see_student", "esperanza"), ("export", "esperanza")]


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_the_list_can_be_taken_away_in_the_formats_that_are_offered(sign_in, format):
    answer = sign_in().get("/lista/descargar", params={"formato": format})

    assert answer.status_code == 200
    assert f'"lista-de-la-ciudad-2024-05-13.{format}"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_format_that_is_not_offered_is_refused(sign_in):
    assert sign_in().get("/lista/descargar?formato=docx").status_code == 422


@pytest.mark.parametrize(("days", "stale"), [(13, False), (14, True), (400, True)])
def test_a_list_two_weeks_old_says_so_loudly(sign_in, clock, days, stale):
    clock.now = datetime.combine(SECOND_SUNDAY + timedelta(days=days), MONDAY_MORNING.timetz())
    client = sign_in()

    for path in ("/lista", f"/estudiantes/{student(1)}"):
        assert ("Esta lista es antigua." in read(client.get(path))) is stale


def test_made_up_data_are_announced_on_every_page(sign_in, client):
    assert "Datos inventados." in client.get("/entrar").text
    client = sign_in()

    for path in ("/lista", f"/estudiantes/{student(1)}", "/nada", "/api/docs"):
        assert "Datos inventados." in client.get(path).text


def test_before_the_first_list_the_page_says_when_it_comes(tmp_path, clock):
    from serving.people import Person, Role, add_person, issue_token

    app = create_app(Settings(home=tmp_path / "h"), clock)
    database = app.state.service.database
    add_person(database, Person("rosa", Role.COVERAGE), BY)
    with TestClient(app) as client:
        page = client.post("/entrar", data={"ficha": issue_token(database, "rosa", BY)}, headers=SAME_SITE)

    assert page.status_code == 200
    assert "Todavía no hay una lista publicada" in read(page)
    database.engine.dispose()


def test_a_day_without_a_list_says_so_and_an_impossible_day_is_not_found(sign_in):
    client = sign_in()

    assert "Todavía no hay una lista" in read(client.get("/lista?dia=2020-01-05"))
    assert client.get("/lista?dia=ayer").status_code == 404
    assert client.get("/lista?desde=-1").status_code == 422


def test_an_earlier_list_can_still_be_read(sign_in):
    assert "Semana del lunes 6 de mayo de 2024" in read(sign_in().get(f"/lista?dia={FIRST_SUNDAY}"))


def test_a_school_without_listed_students_is_told_that_it_does_not_mean_all_is_well(tmp_path, clock):
    settings, tokens = draw_home(tmp_path / "h")
    app = create_app(settings, clock)
    database = app.state.service.database
    last = last_list_before(database, SECOND_SUNDAY)
    publish(database, replace(draw_list(SECOND_SUNDAY, last=last), lines=()), BY, last)
    with TestClient(app) as client:
        page = client.post("/entrar", data={"ficha": tokens["esperanza"]}, headers=SAME_SITE)

    assert "No hay estudiantes en esta lista" in read(page)
    database.engine.dispose()


def test_a_long_list_is_read_page_by_page(tmp_path, clock):
    settings, tokens = draw_home(tmp_path / "h", students=150, capacity=70)
    app = create_app(settings, clock)
    with TestClient(app) as client:
        first = client.post("/entrar", data={"ficha": tokens["cobertura"]}, headers=SAME_SITE)
        (following,) = re.findall(r'href="(/lista\?desde=\d+)"', first.text)
        second = client.get(following)

    assert first.text.count('class="row"') == 50
    assert second.text.count('class="row"') == 20
    assert "Ver los siguientes" not in second.text
    app.state.service.database.engine.dispose()


NASTY = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "' onmouseover='x", "</title><b>"]


@pytest.mark.parametrize("nasty", NASTY)
def test_a_name_is_shown_as_text_whatever_it_holds(tmp_path, clock, nasty):
    from drawn_lists import draw_roster

    settings, tokens = draw_home(tmp_path / "h", students=9, capacity=3)
    app = create_app(settings, clock)
    database = app.state.service.database
    named = draw_roster(9).with_columns(first_name=nasty_column(nasty))
    roster.upsert(database, named, BY)
    risk_list = draw_list(SECOND_SUNDAY, students=9, capacity=4)
    schools = {code: School(code, nasty, nasty) for code in risk_list.schools}
    publish(database, replace(risk_list, schools=schools), BY)
    with TestClient(app) as client:
        page = client.post("/entrar", data={"ficha": tokens["cobertura"]}, headers=SAME_SITE)
        profile = client.get(f"/estudiantes/{student(1)}")

    for text in (page.text, profile.text):
        assert "<script>" not in text and "<img" not in text and "<b>" not in text
        assert "49" not in re.findall(r"<h[12]>.*?</h[12]>", text)
    database.engine.dispose()


def nasty_column(text):
    import polars as pl

    return pl.lit(text)


def test_no_page_labels_a_child_with_a_colour_or_a_verdict(sign_in, client):
    client = sign_in()

    for path in ("/lista", f"/lista?colegio={ESPERANZA}", f"/estudiantes/{student(1)}", "/nada"):
        assert not BANNED.search(read(client.get(path)))


def test_pages_need_no_script_no_inline_style_and_nothing_from_elsewhere(sign_in):
    client = sign_in()

    for path in ("/lista", f"/estudiantes/{student(1)}", "/entrar", "/api/docs"):
        page = client.get(path).text
        assert re.findall("<script[^>]*>", page) in ([], ['<script src="/static/htmx-2.0.8.min.js" defer>'])
        assert "style=" not in page and "<style" not in page
        assert not re.search(r'(src|href)="(https?:)?//', page)


def test_a_page_that_is_not_there_says_so_in_spanish(sign_in):
    answer = sign_in().get("/nada")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "No se encontró" in read(answer)


def test_a_failure_within_says_so_without_details(sign_in, app):
    client = sign_in()
    database = app.state.service.database
    with database.reading_as(BY.context) as connection:
        body = connection.exec_driver_sql("SELECT body FROM listed LIMIT 1").scalar()
    assert body
    app.state.service.database.engine.dispose()
    broken = replace(app.state.service, database=None)
    app.state.service = broken

    answer = client.get("/lista")
    app.state.service = replace(broken, database=database)

    assert answer.status_code == 500
    assert "Error del servicio" in read(answer)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("grade", "name"),
    [
        (0, "Transición"),
        (6, "grado 6"),
        (11, "grado 11"),
        (99, "Aceleración del aprendizaje"),
        (22, "ciclo 2"),
        (None, "grado sin dato"),
    ],
)
def test_grades_are_named_as_schools_name_them(grade, name):
    assert grade_name(grade) == name


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("INSTITUCIÓN EDUCATIVA TÉCNICA SIMÓN BOLÍVAR 2", "IE Técnica Simón Bolívar 2"),
        ("COLEGIO EL PILAR DE LA SIERRA", "Colegio el Pilar de la Sierra"),
        ("IE Nuevo Latir", "IE Nuevo Latir"),
        ("176001000011", "176001000011"),
    ],
)
def test_a_school_that_is_shouted_in_the_export_is_said_quietly(written, said):
    assert school_name(written) == said


def test_shifts_are_named_in_spanish(sign_in):
    assert "Grado 7, grupo 602, jornada mañana" in read(sign_in().get(f"/estudiantes/{student(1)}"))


def test_dates_and_weeks_are_written_out():
    assert said_date(FIRST_SUNDAY) == "5 de mayo de 2024"
    assert week_of(FIRST_SUNDAY) == "semana del lunes 6 de mayo de 2024"


def test_old_attendance_is_told_with_its_date_and_fresh_attendance_is_not():
    old = not_known({"attendance": FIRST_SUNDAY - timedelta(days=40)}, FIRST_SUNDAY)
    fresh = not_known({"attendance": FIRST_SUNDAY - timedelta(days=2)}, FIRST_SUNDAY)

    assert "La última asistencia registrada es del 26 de marzo de 2024." in old
    assert not any("asistencia" in sentence for sentence in fresh)
    assert len(fresh) == 3 + len(ALWAYS)


def test_an_old_form_about_the_home_is_told_with_its_date():
    old = not_known({"characterisation": FIRST_SUNDAY - timedelta(days=400)}, FIRST_SUNDAY)
    fresh = not_known({"characterisation": FIRST_SUNDAY - timedelta(days=300)}, FIRST_SUNDAY)

    assert any(sentence.startswith("La ficha de caracterización es del 1 de abril de 2023") for sentence in old)
    assert not any("ficha de caracterización" in sentence for sentence in fresh)


@pytest.mark.parametrize(
    ("weights", "also"),
    [([], None), ([0.9, 0.4], None), ([0.1, 0.9, 0.2], "razón 1"), ([0.3, 0.3], None)],
)
def test_a_short_row_also_tells_what_weighs_more_than_its_first_reason(weights, also):
    reasons = [{"sentence": f"razón {place}", "contribution": weight} for place, weight in enumerate(weights)]

    assert more_to_say(reasons) == also


def test_the_wrong_part_of_an_address_is_named_on_the_page(sign_in):
    page = read(sign_in().get("/lista", params={"desde": "-3"}))

    assert "desde: El número es demasiado pequeño." in page
