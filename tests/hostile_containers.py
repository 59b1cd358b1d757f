"""Archives and workbooks that are damaged, closed, or made to hurt whoever opens them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from random import Random

import xlsxwriter
from hostile_corpus import CANARIES, GOOD, Damage, damage, noise
from made_up_exports import DETALLADO_43, ROSA, rows_of, text

MEGABYTE = 2**20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CELLS = [line.split(";") for line in GOOD.splitlines()]


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def patched(data: bytes, signature: bytes, place: int, put: bytes) -> bytes:
    """The archive with some bytes of each of its records of a kind changed: a header that lies."""
    changed, at = bytearray(data), data.find(signature)
    while at >= 0:
        changed[at + place : at + place + len(put)] = put
        at = data.find(signature, at + 4)
    return bytes(changed)


LOCAL, ENTRY = b"PK\x03\x04", b"PK\x01\x02"


def declaring(size: int, data: bytes) -> bytes:
    told = size.to_bytes(4, "little")
    return patched(patched(data, ENTRY, 24, told), LOCAL, 22, told)


def with_password(data: bytes) -> bytes:
    return patched(patched(data, ENTRY, 8, b"\x01\x00"), LOCAL, 6, b"\x01\x00")


def twice(name: str) -> bytes:
    """Two members of one name."""
    return zipped({name: b"a;b", "z" * len(name): b"c;d"}).replace(b"z" * len(name), name.encode())


Fill = Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None]


def workbook(
    rows: Iterable[Iterable[object]] = CELLS, more: Fill | None = None, name: str = "Hoja1", top: int = 0
) -> bytes:
    """A workbook as Excel would save it."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows, top):
            for place, cell in enumerate(row):
                sheet.write(number, place, cell) if cell != "" else None
        if more is not None:
            more(book, sheet)
    return buffer.getvalue()


@cache
def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rebuilt(**changed: bytes | None) -> bytes:
    """The workbook with some of its parts changed or left out."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml", "book": "xl/workbook.xml"}
    names |= {"types": "[Content_Types].xml", "links": "xl/_rels/workbook.xml.rels"}
    whole = {**parts(), **{names.get(key, key): data for key, data in changed.items()}}
    return zipped({name: data for name, data in whole.items() if data is not None})


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def entities(declaration: bytes) -> bytes:
    return (
        b'<?xml version="1.0"?>'
        + declaration
        + SHEET % b'<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>'
    )


LAUGHS = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">]>'
OUTSIDE = b'<!DOCTYPE w [<!ENTITY x SYSTEM "%s">]>'
FAR = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="%d"><c r="%s%d"><v>1</v></c></row>'


def merged(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    sheet.merge_range(9, 0, 11, 0, "2024")


def broken_formulas(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    sheet.write_formula(2, DETALLADO_43.index("BARRIO"), "=VLOOKUP(1,A:A,1)", None, "#N/A")


def hidden_sheet(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    other = book.add_worksheet("CANARINA")
    other.write(0, 0, "CANARIOSKI")
    other.hide()


def summary(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    book.add_worksheet("Resumen").write_row(0, 0, ["TOTAL", "CANARINA", 5])


def cut(data: bytes) -> list[bytes]:
    """The file as it is when the connection breaks off."""
    return [data[: len(data) * share // 20] for share in range(6, 19)]


def bitten(data: bytes, start: int, stop: int) -> list[bytes]:
    """The file with a byte changed, here or there."""
    places = [Random(n).randrange(start, stop) for n in range(13)]
    return [data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :] for at in places]


SMALL = {"detallado.csv": GOOD.encode("latin-1")}
BODY = GOOD.encode("latin-1")

ARCHIVES: dict[str, Damage] = {
    "a gzip cut off": damage("archivo-cerrado", "está dañado", "none", cut(gzip.compress(BODY))),
    "a gzip with a damaged byte": damage(
        "archivo-cerrado", "está dañado", "none", bitten(gzip.compress(BODY), 60, 350)
    ),
    "a gzip that lies about its size": damage(
        "archivo-cerrado",
        "está dañado",
        "none",
        [gzip.compress(BODY)[:-4] + n.to_bytes(4, "little") for n in (0, 1, 2**31, 2**32 - 1)],
    ),
    "a gzip that grows": damage(
        "archivo-cerrado", "crece más de 100 veces", "none", [gzip.compress(bytes(n * MEGABYTE)) for n in (2, 16)]
    ),
    "an archive in an archive": damage(
        "archivo-cerrado",
        "otro archivo comprimido",
        "none",
        [
            wrap(inner)
            for inner in (zipped(SMALL), gzip.compress(BODY))
            for wrap in (gzip.compress, lambda data: zipped({"a": data}))
        ],
    ),
    "a zip cut off": damage("archivo-cerrado", "está dañado", "none", cut(zipped(SMALL))),
    "a zip with a damaged byte": damage("archivo-cerrado", "está dañado", "none", bitten(zipped(SMALL), 60, 350)),
    "a zip that grows": damage(
        "archivo-cerrado", "crece más de 100 veces", "none", [zipped({"a": bytes(n * MEGABYTE)}) for n in (2, 16)]
    ),
    "a zip that declares too much": damage(
        "archivo-cerrado",
        "pasa de 200 MB",
        "none",
        [declaring(size, zipped(SMALL)) for size in (2**28, 2**31, 2**32 - 2)],
    ),
    "a zip that declares too little": damage(
        "archivo-cerrado",
        "está dañado",
        "none",
        [declaring(size, zipped({"a": noise(9) * n})) for size in (1, 100) for n in (1, 9)],
    ),
    "a zip that declares a little more": damage(
        "archivo-cerrado",
        "declara un tamaño",
        "none",
        [declaring(len(BODY) + n, zipped(SMALL)) for n in (1, 100, 10_000)],
    ),
    "a zip of too many": damage(
        "archivo-cerrado",
        "más de 200 archivos",
        "none",
        [zipped({f"{n}.csv": b"" for n in range(many)}) for many in (201, 450)],
    ),
    "a zip with a password": damage(
        "archivo-cerrado",
        "tiene contraseña",
        "none",
        [with_password(zipped({name: BODY})) for name in ("a.csv", "b.txt")],
    ),
    "a zip packed in another way": damage(
        "archivo-cerrado",
        "no se lee",
        "none",
        [zipped(SMALL, method) for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)],
    ),
    "a zip with a name twice": damage(
        "archivo-cerrado", "el mismo nombre", "none", [twice(name) for name in ("a.csv", "CANARINA.csv")]
    ),
    "a zip of nothing": damage(
        "archivo-cerrado", "no trae ningún archivo", "none", [zipped({}), zipped({"carpeta/": b""})]
    ),
    "another kind of archive inside": damage(
        "no-es-texto",
        "un archivo comprimido .",
        "none",
        [zipped({"a": pack(BODY)}) for pack in (bz2.compress, lzma.compress)],
    ),
}

WORKBOOKS: dict[str, Damage] = {
    "a workbook cut off": damage("archivo-cerrado", "está dañado", "none", cut(workbook())),
    "a workbook without its parts": damage(
        "archivo-cerrado",
        "el libro de Excel está dañado",
        "none",
        [rebuilt(sheet=None), rebuilt(links=None), rebuilt(book=b""), rebuilt(book=b"<x/>" * 9)],
    ),
    "a sheet that is no XML": damage(
        "archivo-cerrado",
        "el libro de Excel está dañado",
        "none",
        [
            rebuilt(sheet=sheet)
            for sheet in (b"", b"<x", noise(3), SHEET[:80], parts()["xl/worksheets/sheet1.xml"][:-300])
        ],
    ),
    "a workbook with a password": damage(
        "archivo-cerrado",
        "con contraseña",
        "none",
        [OLE + noise(n) + "EncryptedPackage".encode("utf-16-le") + noise(n) for n in range(5)],
    ),
    "an old workbook": damage("archivo-cerrado", "Excel antiguo (.xls)", "none", [OLE + noise(n) for n in range(5)]),
    "a document of another program": damage(
        "archivo-cerrado",
        "es un",
        "none",
        [
            zipped({"[Content_Types].xml": b"<x/>", name: b"<x/>"})
            for name in ("word/document.xml", "ppt/presentation.xml", "xl/workbook.bin", "content.xml")
        ],
    ),
    "a workbook with declarations": damage(
        "archivo-cerrado",
        "declaraciones que no lleva ninguno",
        "none",
        [
            *(
                rebuilt(sheet=entities(told))
                for told in (LAUGHS, OUTSIDE % b"file:///etc/passwd", OUTSIDE % b"http://127.0.0.1:9/x")
            ),
            rebuilt(strings=entities(LAUGHS)),
            rebuilt(book=entities(OUTSIDE % b"file:///dev/random")),
            rebuilt(sheet=entities(LAUGHS).decode().encode("utf-16")),
        ],
    ),
    "a workbook that grows": damage(
        "archivo-cerrado",
        "crece más de 100 veces",
        "none",
        [rebuilt(sheet=SHEET % (b"<row/>" * n)) for n in (4 * 10**5, 10**6)] + [rebuilt(pad=bytes(4 * MEGABYTE))],
    ),
    "a cell at the end of the world": damage(
        "archivo-cerrado",
        "512 MB de memoria y 60 segundos",
        "none",
        [rebuilt(sheet=SHEET % (FAR % (2**20, b"XFD", 2**20)))],
    ),
    "a workbook with nothing in it": damage(
        "vacio",
        "ninguna hoja con datos",
        "none",
        [workbook([]), workbook([], hidden_sheet), workbook([], name="Matrícula")],
    ),
    "merged cells": damage(
        "celdas-combinadas",
        "solo la primera tiene el dato",
        "some",
        [workbook(CELLS[: 3 + n], merged) for n in range(3)],
    ),
    "cells in which a formula failed": damage(
        "celdas-con-error", "error de fórmula", "none", [workbook(CELLS[: 3 + n], broken_formulas) for n in range(3)]
    ),
    "a hidden sheet": damage(
        "hojas-ocultas", "que no se leyeron", "none", [workbook(CELLS[: 3 + n], hidden_sheet) for n in range(3)]
    ),
    "a summary beside the register": damage(
        "hojas-de-mas", "otro contenido", "none", [workbook(CELLS[: 3 + n], summary) for n in range(3)]
    ),
    "a title over the columns": damage(
        "lineas-antes",
        "líneas antes del encabezado",
        "none",
        [workbook([["MATRÍCULA"], *[[]] * n, *CELLS]) for n in range(6)],
    ),
    "text where a number should be, in a workbook": damage(
        "grado-ilegible",
        "columna GRADO_COD",
        "some",
        [
            workbook([*CELLS, [{**ROSA, "GRADO_COD": odd}.get(name, "") for name in DETALLADO_43]])
            for odd in ("CANARINA", "12A", "7°")
        ],
    ),
}

BIRTH, STARTED = DETALLADO_43.index("FECHA_NACIMIENTO"), DETALLADO_43.index("FECHAINI")


def with_dates(born: object, started: object) -> bytes:
    row = [{**ROSA, **CANARIES}.get(name, "") for name in DETALLADO_43]
    row[BIRTH], row[STARTED] = born, started  # type: ignore[call-overload]
    return workbook([*CELLS[:-1], row])


def with_numbers() -> bytes:
    """Every cell that looks like a number kept as one, as Excel does on opening a CSV."""
    return workbook([CELLS[0], *([int(cell) if cell.isdigit() else cell for cell in row] for row in CELLS[1:])])


HEALED: dict[str, bytes] = {
    "a CSV called .xlsx": BODY,
    "a workbook": workbook(),
    "a workbook of numbers": with_numbers(),
    "dates as dates": with_dates(date(2011, 11, 17), date(2024, 1, 20)),
    "dates as numbers": with_dates(40864, 45311),
    "dates as text": with_dates("17/11/2011", "2024-01-20"),
    "a sheet that starts further down": workbook(CELLS, top=3),
    "a workbook in a gzip": gzip.compress(workbook()),
    "a workbook in a zip": zipped({"detallado.xlsx": workbook()}),
    "an archive in several pieces": gzip.compress(BODY[:300]) + gzip.compress(BODY[300:]),
    "two bytes a letter, with a mark": GOOD.encode("utf-16"),
    "two bytes a letter, the other way round": b"\xfe\xff" + GOOD.encode("utf-16-be"),
    "two bytes a letter, without a mark": GOOD.encode("utf-16-le"),
    "four bytes a letter": GOOD.encode("utf-32"),
    "three kinds of line end": GOOD.replace("\n", "\r\n", 2).replace("\n", "\r", 4).encode("latin-1"),
    "a title over the columns": f"REPORTE DE MATRÍCULA\n\n{GOOD}".encode("latin-1"),
    "letters written twice over": GOOD.replace("ROSALBINA", "PEÑA").encode().decode("latin-1").encode(),
    "null characters": GOOD.replace("ROSALBINA", "ROSAL\0BINA").encode("latin-1"),
    "quotes round everything": "\n".join(";".join(f'"{cell}"' for cell in row) for row in CELLS).encode("latin-1"),
    "every row one cell in quotes": "\n".join(f'"{line}"' for line in GOOD.splitlines()).encode("latin-1"),
    "a spreadsheet's own first line": f"sep=;\n{GOOD}".encode("latin-1"),
    "rows of nothing": text([*rows_of(range(4)), CANARIES]).replace("\n", "\n;;;;\n \n").encode("latin-1"),
}
"""What looks damaged and loses nothing: all five children are read."""
