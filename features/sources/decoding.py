"""Turns bytes into letters, whichever way they were written down."""

from __future__ import annotations

import re
from contextlib import suppress

from features.quality import Problem

SAMPLE = 1 << 18
"""Bytes enough to tell an encoding; replacing letters one by one in a whole export would take seconds."""

_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MARKS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_TWICE = re.compile("[ÃÂ][\x80-\xbf]")


def decode(data: bytes, file: str) -> tuple[str, list[Problem]]:
    """The text in the encoding it was written in, without null characters."""
    text, problems = _decoded(data, file)
    nulls = text.count("\0")
    if nulls:
        problems.append(_notice(file, "caracteres-nulos", f"caracteres nulos, que se quitaron ({nulls})"))
        text = text.replace("\0", "")
    return text, problems


def _decoded(data: bytes, file: str) -> tuple[str, list[Problem]]:
    wide = _wide(data)
    if wide is not None:
        return data.decode(wide, errors="replace"), []
    try:
        return _encoded_once(data.decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        return _not_quite_utf8(data, file, error.start)


def _wide(data: bytes) -> str | None:
    """The encoding of two or four bytes a letter, told by its mark, or by every second byte being zero."""
    for mark, coding in _MARKS.items():
        if data.startswith(mark):
            return coding
    head = data[:4096]
    every_second = not any(head[0:64:2]) or not any(head[1:64:2])
    if len(head) < 16 or head.count(0) * 5 <= len(head) * 2 or not every_second:
        return None
    return "utf-16-be" if head[0] == 0 else "utf-16-le"


def _encoded_once(text: str, file: str) -> tuple[str, list[Problem]]:
    """UTF-8 that was taken for another encoding and written as UTF-8 again («MAÃ‘ANA») is put right where it can be."""
    if not _TWICE.search(text[:SAMPLE]):
        return text, []
    told = [_notice(file, "letras-dañadas", "letras codificadas dos veces")]
    for coding in ("latin-1", "cp1252"):
        with suppress(UnicodeError):
            return text.encode(coding).decode("utf-8"), told
    return text, told


def _not_quite_utf8(data: bytes, file: str, start: int) -> tuple[str, list[Problem]]:
    """Windows' western encoding, unless the file is plainly UTF-8 with a few damaged letters."""
    sample = data[start : start + SAMPLE].decode("utf-8", errors="replace")
    damaged = sample.count("\ufffd")
    beyond_ascii = len(sample) - len(sample.encode("ascii", "ignore"))
    if damaged * 10 <= beyond_ascii - damaged:
        return data.decode("utf-8-sig", errors="replace"), [_notice(file, "letras-dañadas", "letras dañadas")]
    try:
        return data.decode("cp1252"), []
    except UnicodeDecodeError:
        return data.decode("latin-1"), []


def is_binary(data: bytes) -> bool:
    if _wide(data) is not None:
        return False
    head = data[: 1 << 16]
    strange = len(_CONTROL.findall(head))
    return strange > len(head) / 100 or head.count(0) > len(head) / 5


def _notice(file: str, rule: str, found: str) -> Problem:
    return Problem(file, None, None, rule, f"trae {found}", "", "Revise cómo se guardó el archivo.", "warning")
