"""Every page of the list, the schools and the map for who reads with a keyboard, a screen reader or a small phone."""

import threading
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import uvicorn
from drawn_lists import ESPERANZA, MONDAY_MORNING, draw_home, student

from serving.app import create_app
from serving.made_up_map import NAME_FIELD, write_polygons
from serving.territory_file import load

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PAGES = (
    "/lista",
    "/lista?grado=7",
    "/lista?grado=11",
    "/lista?dia=2020-01-05",
    "/lista/cambios",
    "/instituciones",
    f"/instituciones/{ESPERANZA}",
    "/mapa",
    "/mapa?ver=contacto",
    f"/estudiantes/{student(1)}",
    "/nada",
)
FAULTS = "() => axe.run().then(found => found.violations.map(one => one.id + ': ' + one.nodes[0].html))"

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no hay Chromium en {CHROMIUM}: instale el paquete chromium"),
    pytest.mark.skipif(find_spec("axe_core_python") is None, reason="falta axe-core-python"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    load(write_polygons(settings.home / "comunas.geojson", seed=1), NAME_FIELD, settings.home)
    app = create_app(settings, lambda: MONDAY_MORNING)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", tokens
    server.should_exit = True
    thread.join()
    app.state.service.database.engine.dispose()


@pytest.fixture(scope="module")
def open_pages(site):
    """One signed-in phone and one desk; their only script is the checker's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield [signed_in(browser, site, width) for width in (360, 1280)]
        browser.close()


def signed_in(browser, site, width):
    page = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True).new_page()
    page.goto(f"{site[0]}/entrar")
    page.fill("#ficha", site[1]["cobertura"])
    page.click("main button")
    page.wait_for_url("**/lista")
    return page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_accessibility_fault_and_fits_its_screen(open_pages, site, path):
    import axe_core_python

    script = Path(axe_core_python.__file__).with_name("axe.min.js").read_text("utf-8")
    for page in open_pages:
        page.goto(site[0] + path)
        page.evaluate(script)
        assert page.evaluate(FAULTS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_card_on_a_phone_has_four_fields_at_most(open_pages, site):
    phone, _ = open_pages
    phone.goto(f"{site[0]}/lista")
    shown = "row => [...row.querySelectorAll('h2, .place, .reason, .change')].filter(e => e.offsetHeight).length"
    beyond = "row => [...row.querySelectorAll('.also, .why')].some(e => e.offsetHeight)"

    for row in phone.locator(".row").all():
        assert row.evaluate(shown) == 4 and not row.evaluate(beyond)
