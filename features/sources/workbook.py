"""Reads an Excel workbook, sheet by sheet, as the text that Excel would have saved."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import Counter
from dataclasses import replace

from features.quality import Problem
from features.sources.content import Content, Opened, RefusedFileError
from features.sources.detection import are_titles
from features.sources.parser_process import PARSER, Page, ParserGaveUpError
from features.sources.text_table import has_titles
from features.sources.zip_members import BROKEN, ZIP, checked_members, inflated_by_steps, opened_zip

BEGINNING = 1 << 16
"""Bytes of a sheet in which its titles are looked for, to tell a register from a summary beside it."""

_OLE = b"\xd0\xcf\x11\xe0"
_CONTENT_TYPES, _WORKBOOK = "[content_types].xml", "xl/workbook.xml"
_OTHERS = {
    "word/document.xml": "es un documento de Word",
    "ppt/presentation.xml": "es una presentación de PowerPoint",
    "xl/workbook.bin": "es un libro binario de Excel (.xlsb); ábralo y guárdelo como .xlsx o CSV",
    "content.xml": "es un documento de LibreOffice (.ods); ábralo y guárdelo como .xlsx o CSV",
}
_DAMAGED = "el libro de Excel está dañado; ábralo y guárdelo como CSV (delimitado por ;)"
_TOO_MUCH = "el libro de Excel no se pudo leer con 512 MB de memoria y 60 segundos; ábralo y guárdelo como CSV"
_TOLD = {
    "celdas-combinadas": (re.compile(rb"<mergeCell "), "celdas combinadas, de las que solo la primera tiene el dato"),
    "celdas-con-error": (re.compile(rb'<c [^>]{0,80}t="e"'), "celdas con un error de fórmula, que quedan vacías"),
}
_DECLARATIONS = tuple(
    text.encode(coding) for text in ("<!DOCTYPE", "<!ENTITY") for coding in ("ascii", "utf-16-le", "utf-16-be")
)


def is_workbook(data: bytes) -> bool:
    return data.startswith(ZIP) and {_CONTENT_TYPES, _WORKBOOK} <= _names(data)


def refuse_other_documents(data: bytes) -> None:
    """What looks like a workbook and is not one that is read.

    NOTE: a workbook with a password is an old-style container, whatever its name; it says so in UTF-16.
    """
    if data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data:
        advice = "Quite la contraseña en Excel (Archivo, Información, Proteger libro) y guárdelo de nuevo."
        raise RefusedFileError("es un libro de Excel con contraseña", advice)
    if data.startswith(_OLE):
        raise RefusedFileError("es un libro de Excel antiguo (.xls); ábralo y guárdelo como .xlsx o CSV")
    names = _names(data) if data.startswith(ZIP) else set()
    for name, found in _OTHERS.items():
        if name in names and _WORKBOOK not in names:
            raise RefusedFileError(found)


def _names(data: bytes) -> set[str]:
    try:
        with opened_zip(data) as archive:
            return {name.lower() for name in archive.namelist()}
    except (*BROKEN, RefusedFileError):
        return set()


def read_workbook(content: Content) -> Opened:
    """One content per visible sheet that says anything; what a sheet cannot carry over into text is told."""
    try:
        told = _inspected(content)
        pages = PARSER.read(content.data)
    except RefusedFileError as refusal:
        return Opened(problems=(refusal.problem(content.name),))
    except ParserGaveUpError:
        return Opened(problems=(RefusedFileError(_TOO_MUCH).problem(content.name),))
    except BROKEN:
        return Opened(problems=(RefusedFileError(_DAMAGED).problem(content.name),))
    return _opened(content, pages, told)


def _inspected(content: Content) -> Counter[str]:
    """How often each awkward thing occurs; raises for a workbook that will not be given to the parser."""
    told: Counter[str] = Counter()
    with opened_zip(content.data) as archive:
        for member in checked_members(archive, len(content.data)):
            is_sheet, is_xml = member.filename.lower().startswith("xl/worksheets/"), _is_xml(member)
            for part, seen in inflated_by_steps(archive, member):
                if is_xml and any(declaration in part for declaration in _DECLARATIONS):
                    raise RefusedFileError("el libro de Excel trae declaraciones que no lleva ninguno")
                if is_sheet:
                    told.update({rule: _new_matches(pattern, part, seen) for rule, (pattern, _) in _TOLD.items()})
    return told


def _new_matches(pattern: re.Pattern[bytes], part: bytes, seen: int) -> int:
    """Occurrences that end after the bytes that were looked at before."""
    return sum(match.end() > seen for match in pattern.finditer(part))


def _is_xml(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith((".xml", ".rels", ".vml"))


def _opened(content: Content, pages: list[Page], told: Counter[str]) -> Opened:
    notes = [
        _notice(content.name, rule, f"trae {what} ({told[rule]})") for rule, (_, what) in _TOLD.items() if told[rule]
    ]
    hidden = sum(bool(page.text) and not page.visible for page in pages)
    if hidden:
        notes.append(_notice(content.name, "hojas-ocultas", f"trae hojas ocultas, que no se leyeron ({hidden})"))
    shown = [(place, page) for place, page in enumerate(pages, 1) if page.visible and page.text]
    if not shown:
        problem = RefusedFileError("el libro de Excel no tiene ninguna hoja con datos").problem(content.name)
        return Opened(problems=(replace(problem, rule="vacio"), *notes))
    mark = hashlib.sha256(content.data).digest()
    if len(shown) == 1:
        return Opened((Content(content.name, shown[0][1].text, mark),), tuple(notes))
    known = [(place, page) for place, page in shown if _is_known(page)] or shown
    if len(known) < len(shown):
        found = f"trae hojas con otro contenido, que no se leyeron ({len(shown) - len(known)})"
        notes.append(_notice(content.name, "hojas-de-mas", found))
    named = (Content(f"{content.name}/hoja {place}", page.text, mark + bytes([place % 256])) for place, page in known)
    return Opened(tuple(named), tuple(notes))


def _is_known(page: Page) -> bool:
    return has_titles(page.text[:BEGINNING].decode(errors="replace"), are_titles)


def _notice(name: str, rule: str, found: str) -> Problem:
    return Problem(name, None, None, rule, found, "", "Revise el libro en Excel.", "warning")
