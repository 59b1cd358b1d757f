"""The list on paper: letter size, tagged for screen readers, each page with its week and that it is confidential."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from serving import sentences
from serving.faults import Missing

if TYPE_CHECKING:
    from serving.exports import Export

HERE = Path(__file__).parent
VARIANT = "pdf/ua-1"
NOT_HERE = (
    "Falta Pango, con el que se hacen los PDF. Instálelo con: "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
)


def pdf_of(export: Export) -> bytes:
    """What is in the rows is only text: nothing is fetched, from here or from elsewhere."""
    weasyprint = _weasyprint()
    document = weasyprint.HTML(string=pack_html(export), url_fetcher=_closed())
    content: bytes = document.write_pdf(stylesheets=[_style()], pdf_variant=VARIANT)
    return content


def pack_html(export: Export) -> str:
    return _environment().get_template("pack.html").render(export=export)


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError:  # the library is in place, and what it stands on is not
        raise Missing(NOT_HERE) from None
    return weasyprint


@cache
def _closed() -> Any:
    fetcher = _weasyprint().URLFetcher
    return fetcher(allowed_protocols=())


@cache
def _style() -> Any:
    return _weasyprint().CSS(filename=str(HERE / "static" / "pack.css"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "curso": sentences.group_name,
        "fecha": sentences.said_date,
        "institucion": sentences.school_name,
        "llame_antes": sentences.call_first,
        "mayuscula": lambda text: text[:1].upper() + text[1:],
        "miles": lambda number: f"{number:,}".replace(",", "."),
    }
    environment.globals |= {"changes": sentences.CHANGES, "no_reason": sentences.NO_REASON}
    return environment
