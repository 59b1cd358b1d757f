"""A test that clicks reads the page that it was led to, whole, also where the page comes slowly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, StreamingResponse
from real_browser import chromium, in_a_browser, quietly, served

pytestmark = [in_a_browser, *quietly]
ROWS = 20


async def slowly() -> AsyncIterator[str]:
    for number in range(ROWS):
        yield f"<p class='row'>{number}</p>" + " " * 2000
        await asyncio.sleep(0.02)


def test_after_a_click_the_whole_page_is_there_though_it_comes_row_by_row() -> None:
    app = FastAPI()
    app.get("/")(lambda: HTMLResponse("<a href='/lista'>Lista</a>"))
    app.get("/lista")(lambda: StreamingResponse(slowly(), media_type="text/html"))
    app.state.service = SimpleNamespace(database=SimpleNamespace(engine=SimpleNamespace(dispose=lambda: None)))

    with served(app) as base, chromium() as browser:
        page = browser.new_page()
        page.goto(base)
        page.click("text=Lista")
        assert page.locator(".row").count() == ROWS

        page.goto(base)
        page.get_by_role("link", name="Lista").click()
        assert page.locator(".row").count() == ROWS
