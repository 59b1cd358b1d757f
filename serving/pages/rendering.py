"""Fills the templates; every page knows whether the data are made up, who is reading, and when to look again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from serving import sentences
from serving.pages import sessions
from serving.pages.places import places_for
from serving.people import ROLE_NAMES, Person
from serving.service import service_of

TEMPLATES = Path(__file__).parents[1] / "templates"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "fecha": sentences.said_date,
        "fecha_corta": sentences.short_date,
        "otra_razon": sentences.more_to_say,
        "semana": sentences.week_of,
        "seguimiento": sentences.followed_since,
        "llame_antes": sentences.call_first,
        "grado": sentences.grade_name,
        "jornada": sentences.shift_name,
        "institucion": sentences.school_name,
        "curso": sentences.group_name,
        "mayuscula": lambda text: text[:1].upper() + text[1:],
        "miles": lambda number: f"{number:,}".replace(",", "."),
    }
    environment.globals |= {
        "changes": sentences.CHANGES,
        "statuses": sentences.STATUSES,
        "roles": ROLE_NAMES,
        "no_reason": sentences.NO_REASON,
    }
    return environment


ENVIRONMENT = _environment()


def render(
    request: Request, template: str, person: Person | None = None, status: int = 200, **values: Any
) -> HTMLResponse:
    """`again`: the seconds until a page that waits for a job asks again, and where it asks."""
    made_up = service_of(request).settings.made_up
    told: dict[str, Any] = {"person": person, "made_up": made_up, "seal": sessions.seal_of(request)}
    told |= {"places": places_for(person), "here": request.url.path, "again": None}
    html = ENVIRONMENT.get_template(template).render(**told | values)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})
