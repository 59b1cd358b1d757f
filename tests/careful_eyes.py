"""What looks at a page in a test: the accessibility checker, at three widths, and a job that never ends to look at."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drawn_lists import MONDAY_MORNING
from fastapi import FastAPI
from furnished_office import Site

from serving import background
from serving.settings import Settings

THUMB = 44
FAULTS = "() => axe.run().then(found => found.violations.map(one => one.id + ': ' + one.nodes[0].html))"
PRESSED = "main button, main select, main input:not([type=hidden]):not([type=checkbox]), main .button"
SMALL = f"""least => [...document.querySelectorAll('{PRESSED}')]
    .filter(one => one.offsetHeight && one.getBoundingClientRect().height < least).map(one => one.outerHTML)"""


class Eyes:
    """One browser in which each person stays signed in; looks at each screen on a telephone, a tablet and a desk."""

    def __init__(self, browser: Any) -> None:
        import axe_core_python

        self.script = Path(axe_core_python.__file__).with_name("axe.min.js").read_text("utf-8")
        self.browser = browser
        self.pages: dict[tuple[str, str], Any] = {}

    def of(self, site: Site, who: str) -> Any:
        """Only the checker's script runs: the pages are looked at as they came."""
        if (site.base, who) not in self.pages:
            page = self.browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True).new_page()
            page.route("**/static/*.js", lambda route: route.abort())
            if who:
                site.sign_in(page, who)
            self.pages[site.base, who] = page
        return self.pages[site.base, who]

    def look(self, page: Any) -> None:
        for width in (360, 768, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            page.evaluate(self.script)
            assert page.evaluate(FAULTS) == [], (page.url, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
            assert page.evaluate(SMALL, THUMB) == [], page.url
        assert page.locator("h1").count() == 1, page.url


@contextmanager
def under_way(settings: Settings, id: str, kind: str, **told: str) -> Iterator[None]:
    """A job of the background that never ends, as its page sees it."""
    folder = background.jobs_folder(settings) / id
    folder.mkdir(parents=True)
    asked = {"kind": kind, "who": "coordina", "at": MONDAY_MORNING.isoformat(), **told}
    background.write(folder / background.ASKED, asked)
    with (folder / f"lock.{kind}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pages_of(app: FastAPI) -> set[str]:
    """Every address that answers a reader: not the calls of programs, and not the files of the site."""
    machines = ("/api/v1", "/api/openapi", "/livez", "/readyz", "/version", "/metrics", "/static")
    return {path for path in walked(app.routes) if not path.startswith(machines)}


def walked(routes: Any, before: str = "") -> Iterator[str]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from walked(inner.routes, before + route.include_context.prefix)
        elif "GET" in (getattr(route, "methods", None) or ()):
            yield before + route.path
