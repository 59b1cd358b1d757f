"""Each role from signing in to its task, in a real browser without scripts, on a telephone, a tablet and a desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from drawn_lists import ESPERANZA, student
from furnished_office import Site, furnished
from real_browser import chromium, in_a_browser, quietly

WIDTHS = (360, 768, 1280)
TURN = {width: turn for turn, width in enumerate(WIDTHS)}  # each width acts on a child of its own
NAMES = re.compile(r"Rosa Mina|Apellido\d|31200\d{5}")

pytestmark = [in_a_browser, *quietly]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with furnished(tmp_path_factory.mktemp("home") / "h") as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


Enter = Callable[[str, int], Any]


@pytest.fixture
def enter(site: Site, browser: Any) -> Iterator[Enter]:
    """Signs somebody in without scripts; in the end no other site was asked, and no page ran off its screen."""
    opened: list[Any] = []

    def enter(who: str, width: int) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 740}, java_script_enabled=False)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        site.sign_in(page, who)
        opened.append(page)
        return page

    yield enter
    for page in opened:
        assert [url for url in page.asked if not url.startswith(site.base)] == []
        fits(page)
        page.context.close()


def fits(page: Any) -> None:
    boxes = [box for element in page.locator("main > *").all() if (box := element.bounding_box())]
    assert max(box["x"] + box["width"] for box in boxes) <= page.viewport_size["width"], page.url


def go(page: Any, place: str) -> None:
    """Through the places of the head, as a person does."""
    page.locator("nav.places").get_by_role("link", name=place, exact=True).click()
    fits(page)


def said(page: Any) -> str:
    return str(page.locator("main").inner_text())


def fetched(page: Any, link: str) -> Path:
    with page.expect_download() as coming:
        page.locator("main").get_by_role("link", name=link, exact=True).click()
    return Path(coming.value.path())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_coordinator_reads_the_list_takes_it_along_stops_the_next_one_and_lets_it_go_on(
    enter: Enter, site: Site, width: int
) -> None:
    page = enter("coordina", width)
    assert page.url == f"{site.base}/lista" and page.locator(".row").count() == 12
    rows = fetched(page, "CSV").read_text("utf-8-sig").splitlines()
    assert len([row for row in rows if re.search(r"\b[0-9a-f]{16}\b", row)]) >= 12

    go(page, "Corridas")
    page.select_option("#razon-detener", index=1)
    page.click("button:text-is('Detener')")
    assert "La publicación está detenida" in said(page)
    page.click("button:text-is('Reanudar')")
    assert "La publicación está detenida" not in said(page)

    go(page, "Por asignar")
    child = page.locator(".cases label").first.inner_text()
    page.locator(".cases input[type=checkbox]").first.check()
    page.select_option("#trabajador", "trabajo.social")
    page.click("button:text-is('Asignar')")
    assert child not in page.locator("form .cases").inner_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_social_worker_opens_a_child_reads_why_and_logs_that_nobody_answers_in_three_taps(
    enter: Enter, site: Site, width: int
) -> None:
    page = enter("trabajo.social", width)
    page.goto(f"{site.base}/lista?contacto=NO_CONTACT")
    first = page.locator(".row h2 a").first
    name, waiting = first.inner_text(), to_do(page)

    first.click()
    assert page.locator("h1").inner_text() == name and page.locator(".reasons li").count() >= 2
    assert page.locator("text=Antes de actuar, confirme que es la misma persona").is_visible()
    log = page.get_by_role("link", name="Registrar contacto")
    box = log.bounding_box()
    assert box["height"] >= 44 and box["y"] + box["height"] <= 740, "within the first screen"
    log.click()
    page.click("button:text-is('No contesta')")
    assert "No contesta." in page.locator("#contactos").inner_text()

    page.goto(f"{site.base}/lista?contacto=NO_CONTACT")
    assert name not in page.locator(".rows").inner_text() and to_do(page) == waiting - 1


def to_do(page: Any) -> int:
    return int(page.locator(".numbers div", has_text="sin contacto").locator("dd").inner_text())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_headteacher_sees_only_the_own_school_what_to_mend_in_its_data_and_fetches_its_list(
    enter: Enter, site: Site, width: int
) -> None:
    page = enter("rectoria", width)
    assert page.locator(".row").count() == 10
    assert {text.split(" · ")[0] for text in page.locator(".row .place").all_inner_texts()} == {"IE La Esperanza"}
    assert fetched(page, "Excel").read_bytes().startswith(b"PK")

    page.goto(f"{site.base}/instituciones/{ESPERANZA}")
    told = said(page)
    assert "Lista de seguimiento" in told and "Rosa Mina" in told
    assert "Sin grado" in told and "Complete el grado en el SIMAT." in told and "Repitencia" in told
    assert page.locator("nav.places", has_text="Paquetes").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_counsellor_says_whether_the_prediction_was_of_use(enter: Enter, width: int) -> None:
    page = enter("orientacion", width)
    page.locator(".row h2 a").nth(TURN[width]).click()
    page.fill("#nota-opinion", "Ya la acompaña orientación.")
    page.click("button:text-is('Útil')")

    assert "Usted respondió: Útil" in page.locator("#opinion").inner_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_teacher_of_one_group_sees_that_group_and_no_other_child_of_the_school(
    enter: Enter, site: Site, width: int
) -> None:
    page = enter("direccion.de.grupo", width)
    places = page.locator(".row .place").all_inner_texts()
    assert places and set(places) == {"IE La Esperanza · grado 6, grupo 602"}

    page.locator(".row h2 a").first.click()
    assert page.locator(".reasons li").count() >= 2
    page.goto(f"{site.base}/estudiantes/{student(1)}")  # same school, grade 7
    assert "No se encontró" in said(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_data_scientist_works_with_pseudonyms_and_reads_how_good_the_model_is(
    enter: Enter, site: Site, width: int
) -> None:
    page = enter("datos", width)
    seen = [said(page)]
    assert re.match(r"Estudiante [0-9a-f]{8}$", page.locator(".row h2").first.inner_text())
    page.locator(".row h2 a").first.click()
    seen.append(page.content())
    assert "no puede registrar contactos" in said(page) and page.locator("text=Teléfono").count() == 0

    go(page, "El modelo")
    assert "3 de cada 10" in said(page) and "mirar solo la institución" in said(page)
    go(page, "Corridas")
    assert page.locator("button:text-is('Publicar')").is_disabled()
    assert not NAMES.search(" ".join(seen))


@pytest.mark.parametrize("width", WIDTHS)
def test_an_auditor_lands_on_the_record_of_who_did_what_and_meets_no_name_of_a_child(
    enter: Enter, site: Site, width: int
) -> None:
    page = enter("audita", width)
    assert page.url == f"{site.base}/auditoria"
    page.fill("#quien", "prueba")
    page.click("button:text-is('Buscar')")
    assert page.locator("tbody tr").count() > 3 and not NAMES.search(page.content())

    page.goto(f"{site.base}/lista")
    assert "no puede consultar la lista" in said(page) and page.locator(".row").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_an_administrator_invites_somebody_who_then_comes_in(enter: Enter, site: Site, width: int) -> None:
    page = enter("gestiona", width)
    assert page.url == f"{site.base}/administracion"
    page.fill("#usuario", f"nueva.{width}")
    page.select_option("#rol", "school")
    page.fill("#alcance", ESPERANZA)
    page.click("button:text-is('Invitar')")
    code = page.locator(".done code").inner_text()
    assert "Entregue esta invitación" in said(page) and not NAMES.search(page.content())

    page.click("text=Salir")
    page.goto(f"{site.base}/invitacion")
    page.fill("#invitacion", code)
    page.fill("#contrasena", "otra frase bien larga")
    page.fill("#otra_vez", "otra frase bien larga")
    page.click("main button")
    assert page.url == f"{site.base}/segundo-paso"
