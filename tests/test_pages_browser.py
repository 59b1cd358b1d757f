"""The pages in a real browser, on a phone and on a desk: readable, without scripts, asking nothing of other sites."""

import pytest
from drawn_lists import ESPERANZA, MONDAY_MORNING, draw_home, student
from real_browser import chromium, in_a_browser, quietly, served

from serving.app import create_app

PHONE, DESK = 360, 1280

pytestmark = [in_a_browser, *quietly]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    app = create_app(settings, lambda: MONDAY_MORNING)
    with served(app) as base:
        yield base, tokens


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser, site, request):
    """A signed-in page without scripts, that remembers what it asked for and what the browser complained of."""
    width = getattr(request, "param", PHONE)
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.asked, page.complaints = [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{site[0]}/entrar")
    page.fill("#ficha", site[1]["cobertura"])
    page.click("main button")
    page.wait_for_url("**/lista")
    yield page
    context.close()


def widths(page, path=None):
    if path:
        page.goto(path)
    boxes = [element.bounding_box() for element in page.locator("main *").all()]
    return max(box["x"] + box["width"] for box in boxes if box)


@pytest.mark.parametrize("page", [PHONE, DESK], indirect=True)
def test_list_school_student_and_back_work_without_scripts_and_nothing_runs_off_the_screen(page, site):
    width = page.viewport_size["width"]
    assert page.locator(".row").count() == 12
    assert widths(page) <= width

    page.select_option("#colegio", ESPERANZA)
    page.click("text=Ver >> nth=0")
    assert page.locator(".row").count() == 10
    assert widths(page) <= width

    page.click("text=Rosa Mina")
    assert page.url.endswith(student(1))
    assert page.locator("h1").inner_text() == "Rosa Mina"
    assert widths(page) <= width

    page.click("text=Salir")
    assert page.url == f"{site[0]}/entrar"
    assert page.complaints == []
    assert all(url.startswith(site[0]) for url in page.asked)


def test_buttons_and_fields_are_large_enough_for_a_thumb(page):
    for element in page.locator("button, select, input:not([type=hidden])").all():
        assert element.bounding_box()["height"] >= 44


def test_the_page_that_describes_the_calls_fits_a_phone(page, site):
    assert widths(page, f"{site[0]}/api/docs") <= PHONE
    told = page.request.get(f"{site[0]}/api/openapi.json").json()["paths"].values()
    assert page.locator(".call").count() == sum(map(len, told)) > 9
