"""The list on paper: letter size, tagged for screen readers, each page with its week and that it is confidential."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serving.faults import Missing
from serving.templating import template

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
    return template("pack.html").render(export=export)


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
