"""Every page and every state of it, for who reads with a keyboard, a screen reader or a small telephone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from careful_eyes import THUMB, Eyes, pages_of, under_way
from drawn_lists import BY, ESPERANZA, MONDAY_MORNING, student
from furnished_office import Site, bare, furnished
from real_browser import chromium, in_a_browser, quietly
from starlette.routing import compile_path

from serving import published
from serving.app import create_app
from serving.bulk_export import ask
from serving.people import Person, Role
from serving.settings import Settings

WORKER, COORDINATOR, AUDITOR, ADMIN, HEAD = "trabajo.social", "coordina", "audita", "gestiona", "rectoria"
ROSA = f"/estudiantes/{student(1)}"
JOB, PERSON = "0" * 12, "{person}"

SCREENS: tuple[tuple[str, str], ...] = (
    (WORKER, "/lista"),
    (WORKER, "/lista?grado=7&orden=colegio"),
    (WORKER, "/lista?grado=11"),  # nobody fits
    (WORKER, "/lista?dia=2020-01-05"),  # no list of that day
    (WORKER, "/lista?dia=2024-05-05"),  # not the newest
    (WORKER, "/lista/cambios"),
    (WORKER, "/instituciones"),
    (WORKER, f"/instituciones/{ESPERANZA}"),
    (WORKER, f"/instituciones/{ESPERANZA}/datos"),
    (WORKER, "/mapa"),
    (WORKER, "/mapa?ver=contacto"),
    (WORKER, ROSA),
    (WORKER, f"/estudiantes/{student(90)}"),  # scored, and on no list
    (WORKER, f"{ROSA}/contactos/nuevo"),
    (WORKER, f"{ROSA}/contactos/{{contact}}/corregir"),
    (WORKER, "/mis-casos"),
    (WORKER, "/guias"),
    (WORKER, "/guias/attendance"),
    (WORKER, "/paquetes"),
    (WORKER, "/modelo"),
    (WORKER, "/cargas"),
    (WORKER, f"/cargas/{JOB}"),
    (WORKER, "/cuenta"),
    (WORKER, "/api/docs"),
    (WORKER, "/nada"),  # 404
    (WORKER, "/auditoria"),  # 403
    (WORKER, "/mapa?ver=otra"),  # 422
    (WORKER, "/rota"),  # 500
    (HEAD, "/lista"),
    (HEAD, f"/instituciones/{ESPERANZA}"),
    (COORDINATOR, "/por-asignar"),
    (COORDINATOR, f"{ROSA}/asignar"),
    (COORDINATOR, "/corridas"),
    (COORDINATOR, ROSA),  # with who has seen the record
    (AUDITOR, "/auditoria"),
    (AUDITOR, "/auditoria?quien=nadie"),
    (ADMIN, "/administracion"),
    (ADMIN, f"/administracion/usuarios/{PERSON}"),
    ("", "/entrar"),
    ("", "/invitacion"),
)
"""Who looks, and at what. Steps of signing in, refusals of forms and the states of a job follow below."""

NO_PAGES = {
    "/": "leads to one's own task",
    "/lista/descargar": "a file",
    "/instituciones/{dane}/datos/descargar": "a file",
    "/paquetes/{job}": "a file",
    "/cargas/{id}/anotado/{number}": "a file",
    "/entrar/institucional": "leads to the provider",
    "/entrar/institucional/vuelta": "leads back from the provider, or to a refusal looked at below",
    "/entrar/codigo": "looked at below, on the way in",
    "/segundo-paso": "looked at below, on the way in",
}
LISTS = ("/lista", "/instituciones", "/mapa", "/modelo", "/corridas")
EMPTY = (*LISTS, "/mis-casos", "/guias", "/paquetes", "/cargas", "/por-asignar")
STALE = ("/lista", "/lista/cambios", ROSA, f"/instituciones/{ESPERANZA}", "/mapa", "/corridas")
pytestmark = [
    in_a_browser,
    pytest.mark.skipif(find_spec("axe_core_python") is None, reason="falta axe-core-python"),
    *quietly,
]


@pytest.fixture(scope="module")
def eyes() -> Iterator[Eyes]:
    with chromium() as browser:
        yield Eyes(browser)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as held, furnished(tmp_path_factory.mktemp("home") / "h") as site:
        site.app.add_api_route("/rota", _break, include_in_schema=False)
        settings = site.app.state.service.settings
        held.enter_context(under_way(settings, JOB, "trial", file="detallado.csv", known_on="2024-05-10"))
        yield site


def _break() -> None:
    raise RuntimeError("broken on purpose")


def test_every_page_of_the_service_is_looked_at(tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path / "h", environment="demo"), lambda: MONDAY_MORNING)
    app.state.service.database.engine.dispose()
    looked_at = [path.split("?")[0] for _, path in SCREENS]
    forgotten = {path for path in pages_of(app) - set(NO_PAGES) if not any(map(compile_path(path)[0].match, looked_at))}

    assert len(pages_of(app)) > 25 and set(NO_PAGES) <= pages_of(app)
    assert forgotten == set(), "add them to SCREENS"


@pytest.mark.parametrize(("who", "path"), SCREENS)
def test_a_screen_has_no_accessibility_fault_and_fits(eyes: Eyes, site: Site, who: str, path: str) -> None:
    page = eyes.of(site, who)
    if "{contact}" in path:
        path = a_contact(page, site)
    if PERSON in path:
        page.goto(f"{site.base}/administracion")
        path = page.locator("tbody a").first.get_attribute("href")
    answer = page.goto(site.base + path)

    assert "text/html" in answer.headers["content-type"] and "Datos inventados" in page.locator("aside").inner_text()
    eyes.look(page)


def a_contact(page: Any, site: Site) -> str:
    """Logs one, and gives the address where it is corrected."""
    page.goto(f"{site.base}{ROSA}/contactos/nuevo")
    page.click("button:text-is('No contesta')")
    return str(page.get_by_role("link", name="Corregir").first.get_attribute("href"))


def test_each_step_of_signing_in_and_its_refusals(eyes: Eyes, site: Site) -> None:
    page = eyes.browser.new_context(bypass_csp=True).new_page()
    page.goto(f"{site.base}/mapa")
    assert page.url.endswith("/entrar") and page.locator("[role=status]").inner_text() == "Entre para seguir."
    eyes.look(page)
    page.fill("#usuario", WORKER)
    page.fill("#contrasena", "no es esta")
    page.click("main form:has(#usuario) button")
    assert page.locator("[role=alert]").count() == 1
    eyes.look(page)

    eyes.of(site, ADMIN).goto(f"{site.base}/administracion")
    code = invited(eyes.of(site, ADMIN))
    eyes.look(eyes.of(site, ADMIN))
    page.goto(f"{site.base}/invitacion")
    for again in ("otra distinta y larga", "una frase bien larga"):
        page.fill("#invitacion", code)
        page.fill("#contrasena", "una frase bien larga")
        page.fill("#otra_vez", again)
        page.click("main button")
        eyes.look(page)  # refused first, then the square for the telephone
    assert page.url.endswith("/segundo-paso")


def test_who_is_closed_can_be_opened_again_and_a_lost_form_says_so_at_the_door(eyes: Eyes, site: Site) -> None:
    page = eyes.of(site, ADMIN)
    page.goto(f"{site.base}/administracion")
    page.fill("#usuario", "vuelve.otro.dia")
    page.select_option("#rol", "coverage")
    page.check("[name=toda]")
    page.click("button:text-is('Invitar')")
    page.click("text=vuelve.otro.dia >> nth=-1")
    page.click("button:text-is('Cerrar el usuario')")
    eyes.look(page)
    eyes.pages.pop((site.base, ADMIN)).context.clear_cookies()
    page.click("button:text-is('Abrir de nuevo')")

    assert "no se guardó" in page.locator("[role=alert]").inner_text()
    eyes.look(page)


def invited(page: Any) -> str:
    page.fill("#usuario", "alguien.mas")
    page.select_option("#rol", "school")
    page.fill("#alcance", ESPERANZA)
    page.click("button:text-is('Invitar')")
    return str(page.locator(".done code").inner_text())


def test_a_form_that_was_refused_says_what_to_mend_above_and_beside_the_field(eyes: Eyes, site: Site) -> None:
    page = eyes.of(site, WORKER)
    page.goto(f"{site.base}{ROSA}/contactos/nuevo")
    page.eval_on_selector("form.contact", "form => form.noValidate = true")
    page.fill("#contacted_on", "")
    page.click("button:text-is('Guardar')")

    assert page.locator("[role=alert] a[href='#outcome']").count() == 1
    assert page.locator("#outcome[aria-invalid][aria-describedby='error-outcome']").count() == 1
    eyes.look(page)


def test_what_is_said_of_a_childs_data_stands_on_its_page_and_on_that_of_its_school(eyes: Eyes, site: Site) -> None:
    head, worker = eyes.of(site, HEAD), eyes.of(site, WORKER)
    head.goto(site.base + ROSA)
    head.fill("#nota-opinion", "Hospitalizada")
    head.click("button:text-is('Dato errado')")
    head.get_by_text("Lo dijo rectoria").wait_for()
    eyes.look(head)
    worker.goto(f"{site.base}{ROSA}/contactos/nuevo")
    worker.select_option("#outcome", "WRONG_NUMBER")
    worker.fill("#note", "Contesta otra familia")
    worker.click("button:text-is('Guardar')")
    assert "Hospitalizada" in worker.locator("#opinion").inner_text()
    worker.get_by_role("link", name="Corregir").first.click()
    assert worker.get_by_label("Quitar la nota anterior").count() == 1
    eyes.look(worker)

    head.goto(f"{site.base}/instituciones/{ESPERANZA}")
    assert "Teléfono equivocado (13/05/2024). Dato errado (13/05/2024)." in head.locator("main").inner_text()
    eyes.look(head)


def test_while_a_job_goes_on_its_page_says_so_and_can_be_left(eyes: Eyes, site: Site) -> None:
    settings = site.app.state.service.settings
    with ExitStack() as held:
        held.enter_context(under_way(settings, "1" * 12, "run", day="2024-05-12"))
        held.enter_context(under_way(settings, "2" * 12, "verify"))
        order_packs(site)
        for who, path, said in (
            (COORDINATOR, "/corridas", "Hacer la lista: en curso"),
            (WORKER, f"/cargas/{JOB}", "Puede dejar esta página y volver después"),
            (AUDITOR, "/auditoria", "Se está recorriendo línea por línea"),
            (WORKER, "/paquetes", "En espera"),
        ):
            page = eyes.of(site, who)
            page.goto(site.base + path)
            assert said in page.locator("main").inner_text()
            eyes.look(page)


def order_packs(site: Site) -> None:
    """Asked for, and nobody has begun."""
    database = site.app.state.service.database
    with database.reading() as connection:
        publication = published.publication_for(connection, None)
    assert publication
    ask(database, Person(WORKER, Role.COVERAGE), publication.id, BY, site.clock())


def test_a_list_with_saved_views_and_a_view_to_save(eyes: Eyes, site: Site) -> None:
    page = eyes.of(site, WORKER)
    page.goto(f"{site.base}/lista?grado=7")
    page.locator("summary", has_text="Guardar esta vista").click()
    page.fill("#nombre", "Los de séptimo")
    eyes.look(page)
    page.click("button:text-is('Guardar')")
    page.goto(f"{site.base}/lista?grado=7")

    assert page.locator(".views li").count() == 1
    eyes.look(page)


def test_before_the_first_list_every_page_says_what_comes_next(
    eyes: Eyes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with bare(tmp_path_factory.mktemp("bare") / "h") as site:
        page = eyes.of(site, COORDINATOR)
        for path in EMPTY:
            page.goto(site.base + path)
            assert page.locator(".empty, .packs, .guides").count(), path
            eyes.look(page)


def test_an_old_list_says_so_on_every_page_that_shows_it(eyes: Eyes, tmp_path_factory: pytest.TempPathFactory) -> None:
    with furnished(tmp_path_factory.mktemp("old") / "h", now=MONDAY_MORNING + timedelta(days=21)) as site:
        page = eyes.of(site, COORDINATOR)
        for path in STALE:
            page.goto(site.base + path)
            assert "Esta lista es antigua" in page.locator("[role=alert]").first.inner_text(), path
            eyes.look(page)


def test_a_card_on_a_telephone_has_four_fields_at_most(eyes: Eyes, site: Site) -> None:
    page = eyes.of(site, WORKER)
    page.goto(f"{site.base}/lista")
    page.set_viewport_size({"width": 360, "height": 740})
    shown = "row => [...row.querySelectorAll('h2, .place, .reason, .change')].filter(e => e.offsetHeight).length"
    beyond = "row => [...row.querySelectorAll('.also, .why')].some(e => e.offsetHeight)"

    assert page.locator(".row").count() == 12
    for row in page.locator(".row").all():
        assert row.evaluate(shown) == 4 and not row.evaluate(beyond)


def test_on_a_telephone_the_places_take_one_line_and_each_can_be_reached(eyes: Eyes, site: Site) -> None:
    page = eyes.of(site, COORDINATOR)
    page.goto(f"{site.base}/lista")
    page.set_viewport_size({"width": 360, "height": 740})

    assert page.locator("nav.places").bounding_box()["height"] < 2 * THUMB
    assert page.locator("header.top").bounding_box()["height"] < 2 * THUMB
    last = page.locator("nav.places a").last
    last.focus()
    assert last.bounding_box()["x"] + last.bounding_box()["width"] <= 360
