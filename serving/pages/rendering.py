"""Fills the templates; every page knows whether the data are made up, who is reading, and when to look again."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from serving.pages import sessions
from serving.pages.places import places_for
from serving.people import Person
from serving.service import service_of
from serving.templating import template


def render(request: Request, page: str, person: Person | None = None, status: int = 200, **values: Any) -> HTMLResponse:
    """`again`: the seconds until a page that waits for a job asks again, and where it asks."""
    made_up = service_of(request).settings.made_up
    told: dict[str, Any] = {"person": person, "made_up": made_up, "seal": sessions.seal_of(request)}
    told |= {"places": places_for(person), "here": request.url.path, "again": None}
    html = template(page).render(**told | values)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})
