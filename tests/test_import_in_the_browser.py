"""A spreadsheet brought through the page without scripts: looked at, then accepted; odd files are told in Spanish."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import xlsxwriter
from furnished_office import Site, furnished
from made_up_exports import DETALLADO_43, ROSA
from real_browser import chromium, in_a_browser, quietly

GOOD, BAD = 6, 2
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

pytestmark = [in_a_browser, *quietly]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with furnished(tmp_path_factory.mktemp("home") / "h", upload_limit=3_000_000) as site:
        yield site


@pytest.fixture(scope="module")
def page(site: Site) -> Iterator[Any]:
    with chromium() as browser:
        yield site.person(browser, "trabajo.social", 360, java_script_enabled=False)


def spreadsheet() -> bytes:
    """Six children as the register tells them, and two of a grade that does not exist."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Detallado")
        sheet.write_row(0, 0, DETALLADO_43)
        for number in range(GOOD + BAD):
            row = ROSA | {"PER_ID": str(1000001 + number), "DOC": str(1107000001 + number)}
            row |= {"GRADO_COD": "12A"} if number >= GOOD else {}
            sheet.write_row(number + 1, 0, [row.get(title, "") for title in DETALLADO_43])
    return held.getvalue()


def bring(page: Any, site: Site, name: str, content: bytes, day: str = "2024-05-13") -> str:
    page.goto(f"{site.base}/cargas")
    page.set_input_files("#archivo", {"name": name, "mimeType": SHEET, "buffer": content})
    page.fill("#corte", day)
    page.click("button:text-is('Revisar el archivo')")
    return str(page.locator("main").inner_text())


def wait(page: Any) -> str:
    """The page asks again by itself, also without scripts."""
    page.locator("text=Puede dejar esta página").wait_for(state="detached", timeout=90_000)
    return str(page.locator("main").inner_text())


def test_a_spreadsheet_is_looked_at_first_and_its_good_rows_enter_when_accepted(page: Any, site: Site) -> None:
    bring(page, site, "detallado.xlsx", spreadsheet())
    told = wait(page)
    assert "por decidir" in told and "Detallado de alumnos" in told
    assert "GRADO_COD" in told and "12A" in told and "Descargar las filas por corregir" in told
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.click("button:text-is('Aceptar las filas buenas')")
    assert f"Se guardaron {GOOD} filas" in wait(page)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("detallado.xlsx", b"", "El archivo está vacío o no se eligió ninguno"),
        ("foto.jpg", b"\xff\xd8\xff", "Se aceptan archivos"),
        ("grande.xlsx", b"x" * 3_500_000, "pesa más de lo permitido"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_at_once(
    page: Any, site: Site, name: str, content: bytes, said: str
) -> None:
    assert said in bring(page, site, name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("roto.xlsx", b"PK\x03\x04 not a workbook"),
        ("letras.txt", "ñandú\x00\x01".encode("utf-16")),
    ],
)
def test_a_file_that_nobody_understands_says_so_and_cannot_be_accepted(
    page: Any, site: Site, name: str, content: bytes
) -> None:
    bring(page, site, name, content)
    told = wait(page)

    assert page.locator("button:text-is('Aceptar las filas buenas')").count() == 0
    assert any(word in told for word in ("No se reconoce", "no se pudo leer", "No se puede", "encabezado")), told
    assert not any(word in told for word in ("Traceback", "Error:", "Exception", "utf-8"))
