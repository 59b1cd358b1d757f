"""The templates of pages and paper: strict, escaped, and with the words for days, schools and numbers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined, Template, select_autoescape

from serving import last_contact, sentences
from serving.people import ROLE_NAMES
from serving.small_counts import said_count

FOLDER = Path(__file__).parent / "templates"
FILTERS = {
    "fecha": sentences.said_date,
    "fecha_corta": sentences.short_date,
    "otra_razon": sentences.more_to_say,
    "semana": sentences.week_of,
    "lunes": sentences.monday_after,
    "seguimiento": sentences.followed_since,
    "llame_antes": sentences.call_first,
    "grado": sentences.grade_name,
    "jornada": sentences.shift_name,
    "institucion": sentences.school_name,
    "curso": sentences.group_name,
    "contacto": last_contact.last_contact,
    "ultimo_contacto": last_contact.said,
    "mayuscula": lambda text: text[:1].upper() + text[1:],
    "cuenta": said_count,
    "miles": lambda number: f"{number:,}".replace(",", "."),
}
WORDS = {
    "changes": sentences.CHANGES,
    "statuses": sentences.STATUSES,
    "roles": ROLE_NAMES,
    "no_reason": sentences.NO_REASON,
    "invented": sentences.MADE_UP,
}


def template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    """All templates are read once: a new version on disk waits for the restart, as its code does."""
    found = {path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in FOLDER.rglob("*.html")}
    environment = Environment(
        loader=DictLoader(found),
        auto_reload=False,
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals |= WORDS
    return environment
