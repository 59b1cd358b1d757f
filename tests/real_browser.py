"""A real browser in front of a served home: one Chromium a file, and nothing read from a page still on its way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NO_CHROMIUM = f"no hay Chromium en {CHROMIUM}: instale el paquete chromium"

in_a_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason=NO_CHROMIUM)
quietly = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser of Debian; a click is over when the page that it leads to has arrived whole."""
    from playwright.sync_api import Locator, Page, sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setattr(Page, "click", arriving(Page.click, lambda page: page))
        patch.setattr(Locator, "click", arriving(Locator.click, lambda locator: locator.page))
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


def arriving(click: Callable[..., None], page_of: Callable[[Any], Any]) -> Callable[..., None]:
    """Playwright's click returns with the first bytes of the next page: rows counted then are the rows so far."""

    @wraps(click)
    def clicked(self: Any, *args: Any, **kwargs: Any) -> None:
        click(self, *args, **kwargs)
        page_of(self).wait_for_load_state("load")

    return clicked


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which the app answers, on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
    app.state.service.database.engine.dispose()
