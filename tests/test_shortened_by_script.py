"""One pinned script shortens what also works without it: filters, opinions and waiting; it keeps no child's page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from careful_eyes import under_way
from furnished_office import Site, furnished
from real_browser import chromium, in_a_browser, quietly

from serving import background
from serving.app import STATIC
from serving.guards import CONTENT_SECURITY_POLICY

PINNED = {"htmx-2.0.8.min.js": "22283ef68cb7545914f0a88a1bdedc7256a703d1d580c1d255217d0a50d31313"}
JOB = "3" * 12

pytestmark = quietly


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with furnished(tmp_path_factory.mktemp("home") / "h") as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(site: Site, browser: Any) -> Iterator[Any]:
    """A telephone with scripts on; a mark on its window is gone once the page was loaded anew."""
    page = site.person(browser, "trabajo.social", 360)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.evaluate("window.mark = 'here'")
    yield page
    page.context.close()
    assert complaints == []


def was_loaded_anew(page: Any) -> bool:
    return page.evaluate("window.mark") != "here"


def test_the_script_is_the_one_that_was_looked_at_and_no_other_may_run() -> None:
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in STATIC.glob("*.js")}

    assert there == PINNED
    assert "script-src 'self';" in CONTENT_SECURITY_POLICY and "unsafe" not in CONTENT_SECURITY_POLICY


@in_a_browser
def test_filters_change_the_list_in_place_and_the_browser_keeps_no_copy(page: Any, site: Site) -> None:
    page.locator("summary", has_text="Filtrar y ordenar").click()
    page.select_option("#grado", "7")
    page.click("button:text-is('Aplicar')")
    page.wait_for_url("**grado=7**")

    assert page.locator(".row").count() == page.locator(".row .place", has_text="grado 7").count() > 0
    assert not was_loaded_anew(page)
    assert page.evaluate("Object.keys(localStorage)") == []
    assert page.evaluate("Object.keys(sessionStorage)") == ["htmx-current-path-for-history"]  # the address, no page

    page.go_back()
    page.wait_for_function("document.querySelectorAll('.row').length === 12")
    assert page.url == f"{site.base}/lista"


@in_a_browser
def test_an_opinion_is_kept_without_losing_the_place_on_the_page(page: Any) -> None:
    page.locator(".row h2 a").first.click()
    page.evaluate("window.mark = 'here'")
    page.click("button:text-is('No útil')")
    page.locator("#opinion [role=status]").wait_for()

    assert "Usted respondió: No útil" in page.locator("#opinion").inner_text()
    assert not was_loaded_anew(page)


@in_a_browser
def test_a_page_that_waits_finds_out_by_itself_that_its_job_is_done(page: Any, site: Site) -> None:
    settings = site.app.state.service.settings
    with ExitStack() as job:
        job.enter_context(under_way(settings, JOB, "trial", file="detallado.csv", known_on="2024-05-10"))
        page.goto(f"{site.base}/cargas/{JOB}")
        page.evaluate("window.mark = 'here'")
        answer = background.answer_in(background.jobs_folder(settings) / JOB, "trial")
        background.write(answer, {"fault": "El archivo no tiene filas."})

    page.locator("#estado [role=alert]").wait_for(timeout=15_000)
    assert "El archivo no tiene filas." in page.locator("#estado").inner_text()
    assert not was_loaded_anew(page)


@in_a_browser
def test_whoever_was_signed_out_meanwhile_is_led_to_the_door(page: Any, site: Site) -> None:
    page.context.clear_cookies()
    page.click("button:text-is('Ver')")
    page.wait_for_url("**/entrar")

    assert page.url.endswith("/entrar")


@in_a_browser
def test_an_error_is_shown_in_place_of_the_list(site: Site, browser: Any) -> None:
    page = site.person(browser, "trabajo.social", 360)
    page.eval_on_selector("#colegio", "select => select.options[1].value = 'no-existe'")
    page.select_option("#colegio", "no-existe")
    page.click("button:text-is('Ver')")

    page.locator("h1", has_text="No se encontró").wait_for()
    assert page.locator(".row").count() == 0
    page.context.close()
