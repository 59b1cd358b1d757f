"""Whose session is over is told what became of their work, and comes back to where they were: never to another site."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from drawn_lists import MONDAY_MORNING, draw_home, student
from starlette.testclient import TestClient

from serving.app import create_app
from serving.pages import way_back

HERE = {"origin": "http://testserver"}
PUPIL = f"/estudiantes/{student(1)}"
FORM = f"{PUPIL}/contactos/nuevo"
LOST = "Lo que estaba escribiendo no se guardó"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return draw_home(tmp_path_factory.mktemp("home") / "h", students=12)


@pytest.fixture
def site(home):
    settings, tokens = home
    clock = SimpleNamespace(now=MONDAY_MORNING)
    app = create_app(settings, lambda: clock.now)
    with TestClient(app, follow_redirects=False) as client:
        yield SimpleNamespace(client=client, clock=clock, token=tokens["cobertura"], service=app.state.service)
    app.state.service.database.engine.dispose()


def enter(site):
    return site.client.post("/entrar", data={"ficha": site.token}, headers=HERE).headers["location"]


def test_a_form_sent_after_the_session_is_over_says_so_and_leads_back_to_its_page(site):
    enter(site)
    form = site.client.get(FORM).text
    seal = re.search(r'name="sello" value="([^"]+)"', form)[1]
    site.clock.now += timedelta(hours=1, minutes=1)
    came = HERE | {"referer": f"http://testserver{FORM}"}
    answer = site.client.post(FORM, data={"sello": seal, "nota": "la mamá"}, headers=came)

    assert (answer.status_code, answer.headers["location"]) == (303, "/entrar")
    page = site.client.get("/entrar").text
    assert LOST in page and 'role="alert"' in page and student(1) not in page
    assert enter(site) == FORM
    assert LOST not in site.client.get("/entrar").text


def test_a_part_of_a_page_leads_the_whole_page_to_the_door_and_back(site):
    came = {"hx-request": "true", "referer": "http://testserver/lista?grado=7"}
    answer = site.client.get("/lista?grado=8", headers=came)

    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/entrar")
    assert enter(site) == "/lista?grado=7"


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/", "/lista"),
        ("/cuenta", "/cuenta"),
        (PUPIL, PUPIL),
        ("/lista?dia=2024-05-05&orden=institucion", "/lista?dia=2024-05-05&orden=institucion"),
        ("/lista/descargar?formato=csv", "/lista"),
        ("/instituciones/176001000011/datos/descargar", "/lista"),
        ("/paquetes/0123456789abcdef", "/lista"),
        ("/segundo-paso", "/lista"),
        ("/entrar/codigo", "/lista"),
        ("/lista?siguiente=https://otro.test/", "/lista?siguiente=https://otro.test/"),
        ("/lista?x=" + "y" * 2000, "/lista"),
    ],
)
def test_one_comes_back_to_pages_and_not_to_files_or_steps_of_signing_in(site, asked, led):
    assert site.client.get(asked).headers["location"] == "/entrar"
    assert enter(site) == led


def test_a_way_back_is_good_for_half_an_hour_and_for_one_sign_in(site):
    site.client.get("/mapa")
    site.clock.now += timedelta(minutes=31)
    assert "Entre para seguir" not in site.client.get("/entrar").text
    assert enter(site) == "/lista"
    site.client.get("/salir")

    site.client.cookies.clear()
    site.client.get("/mapa")
    assert enter(site) == "/mapa"
    assert enter(site) == "/lista"


HOSTILE = [
    "https://otro.test/",
    "//otro.test/",
    "///otro.test",
    "/\\otro.test",
    "\\/otro.test",
    "/\t/otro.test",
    "\t//otro.test",
    "/\n//otro.test",
    "javascript:alert(1)",
    "otro.test",
    " /lista",
    "/lista\r\nSet-Cookie: a=b",
    "/lista\x00",
    "/salir",
    "/entrar",
    "",
    None,
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_even_an_address_with_our_signature_never_leads_out(site, hostile):
    moment = int(site.clock.now.timestamp())
    site.client.cookies.set("permanencia-vuelta", site.service.sign([moment, hostile, False], way_back.USE))

    assert enter(site) == "/lista"


@pytest.mark.parametrize(
    "referer",
    [
        "https://otro.test/lista", "http://testserver@otro.test/lista", "http://testserver.otro.test/lista",
        "http://testserver//otro.test/", "http://testserver/\\otro.test", "http://[", "lista", "",
    ],
)  # fmt: skip
def test_where_a_form_says_it_comes_from_leads_nowhere_unless_it_is_ours(site, referer):
    site.client.post("/por-asignar", data={}, headers=HERE | {"referer": referer})

    assert LOST in site.client.get("/entrar").text
    assert enter(site) == "/lista"


@pytest.mark.parametrize("cookie", ["x", "W10.firma", "eyJhIjoxfQ.AAAA"])
def test_a_cookie_that_was_not_signed_here_is_nothing(site, cookie):
    site.client.cookies.set("permanencia-vuelta", cookie)

    assert site.client.get("/entrar").status_code == 200 and enter(site) == "/lista"
