"""Signing in with a real browser, without scripts, on a phone, a tablet and a desk: readable, labelled, large."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from drawn_lists import BY, ESPERANZA, MONDAY_MORNING, draw_home
from real_browser import chromium, in_a_browser, quietly, served

from serving.account_invitations import invite
from serving.app import create_app
from serving.database import Database
from serving.people import Person, Role, add_person, reach_of

PHRASE = "lluvia tarde bicicleta"
THUMB = 44

pytestmark = [in_a_browser, *quietly]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Database]]:
    settings, _ = draw_home(tmp_path_factory.mktemp("home") / "h", students=12)
    app = create_app(settings.model_copy(update={"second_factor": True}), lambda: MONDAY_MORNING)
    with served(app) as base:
        yield base, app.state.service.database


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


def look(page: Any) -> None:
    """What has to hold on every one of these pages."""
    boxes = [box for element in page.locator("main *").all() if (box := element.bounding_box())]
    assert max(box["x"] + box["width"] for box in boxes) <= page.viewport_size["width"], page.url
    fields = page.locator("button, input:not([type=hidden], [type=checkbox]), label.tick").all()
    assert all(field.bounding_box()["height"] >= THUMB for field in fields), page.url
    for field in page.locator("input:not([type=hidden])").all():
        assert page.locator(f"label[for='{field.get_attribute('id')}']").count() == 1, page.url
    assert page.locator("h1").count() == 1
    refused = page.locator("[role=alert]")
    if refused.count() and page.locator("input[aria-describedby]").count():
        assert page.locator(f"[aria-describedby~='{refused.get_attribute('id')}']").count() == 1, page.url


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_from_an_invitation_to_the_list_and_back_in_with_the_telephone(
    browser: Any, site: tuple[str, Database], width: int
) -> None:
    base, database = site
    name = f"marta.{width}"
    add_person(database, Person(name, Role.SCHOOL, reach_of([ESPERANZA])), BY)
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def send(**fields: str) -> None:
        look(page)
        for field, value in fields.items():
            page.fill(f"#{field}", value)
        page.click("main button")

    page.goto(f"{base}/entrar")
    send(usuario=name, contrasena="todavía no tengo")
    look(page)
    page.click("text=Tengo una invitación")
    code = invite(database, name, BY)
    send(invitacion=code, contrasena="contraseña2026", otra_vez="contraseña2026")
    send(invitacion=code, contrasena=PHRASE, otra_vez=PHRASE)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.content())
    assert found is not None
    secret = found[1].replace(" ", "")
    if width == 360:  # five wrong tries from one address, and everybody there would have to wait
        send(codigo="000000")
    send(codigo=pyotp.TOTP(secret).at(MONDAY_MORNING))
    look(page)
    paper = page.locator(".codes li").first.inner_text()
    page.click("text=Ya los guardé")
    assert page.url == f"{base}/lista" and page.locator(".row").count() > 0

    page.click(".who a")
    look(page)
    page.click("text=Salir")
    send(usuario=name, contrasena=PHRASE)
    send(codigo=paper)
    assert page.url == f"{base}/lista"
    assert all(address.startswith(base) for address in asked)
    context.close()
