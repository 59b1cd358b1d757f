"""Knows a picture, a PDF or a web page by its first bytes, so that the message can say what was sent instead."""

from __future__ import annotations

import re

_BEGINNINGS = {
    b"%PDF": "un PDF",
    b"\x89PNG": "una imagen",
    b"\xff\xd8\xff": "una imagen",
    b"GIF8": "una imagen",
    b"Rar!": "un archivo comprimido .rar",
    b"7z\xbc\xaf\x27\x1c": "un archivo comprimido .7z",
    b"BZh": "un archivo comprimido .bz2",
    b"\xfd7zXZ": "un archivo comprimido .xz",
    b"\x28\xb5\x2f\xfd": "un archivo comprimido .zst",
    b"PAR1": "una tabla Parquet, que solo se lee en el formato abierto",
    b"SQLite format 3": "una base de datos",
    b"{\\rtf": "un documento de texto con formato",
    b"\x7fELF": "un programa",
    b"MZ\x90": "un programa",
}
_TAR, _TAR_PLACE = b"ustar", 257
_WEB_PAGE = re.compile(rb"\s*<(!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)
_XML_WORKBOOK = b"urn:schemas-microsoft-com:office:spreadsheet"
_XML = re.compile(rb"\s*<\?xml\b")
_JSON = re.compile(rb'\s*(\{\s*"|\[\s*[\[{])')


def what_else(data: bytes) -> str | None:
    """What the file is, if it is plainly no table of text."""
    for beginning, name in _BEGINNINGS.items():
        if data.startswith(beginning):
            return name
    head = data[: 1 << 12].removeprefix(b"\xef\xbb\xbf")
    if _WEB_PAGE.match(head):
        return "una página web, aunque se llame .xls o .csv; ábrala en Excel y guárdela como .xlsx o CSV"
    if _XML.match(head):
        return "un libro de Excel en XML; guárdelo como .xlsx o CSV" if _XML_WORKBOOK in head else "un archivo XML"
    if _JSON.match(head):
        return "un archivo JSON"
    return "un archivo comprimido .tar" if data[_TAR_PLACE : _TAR_PLACE + 5] == _TAR else None
