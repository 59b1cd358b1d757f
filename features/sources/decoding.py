"""Turns bytes into letters, whichever way they were written down."""

from __future__ import annotations

import re

from features.quality import Problem

SAMPLE = 1 << 18
"""Bytes enough to tell an encoding; replacing letters one by one in a whole export would take seconds."""

_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, file: str) -> tuple[str, list[Problem]]:
    """The text in the encoding it was written in, without null characters."""
    text, problems = _decoded(data, file)
    nulls = text.count("\0")
    if nulls:
        problems.append(_notice(file, "caracteres-nulos", f"{nulls} caracteres nulos, que se quitaron"))
        text = text.replace("\0", "")
    return text, problems


def _decoded(data: bytes, file: str) -> tuple[str, list[Problem]]:
    if data.startswith(_UTF16):
        return data.decode("utf-16", errors="replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        return _not_quite_utf8(data, file, error.start)


def _not_quite_utf8(data: bytes, file: str, start: int) -> tuple[str, list[Problem]]:
    """Windows' western encoding, unless the file is plainly UTF-8 with a few damaged letters."""
    sample = data[start : start + SAMPLE].decode("utf-8", errors="replace")
    damaged = sample.count("\ufffd")
    if damaged * 10 <= sum(not letter.isascii() for letter in sample) - damaged:
        return data.decode("utf-8-sig", errors="replace"), [_notice(file, "letras-dañadas", "letras dañadas")]
    try:
        return data.decode("cp1252"), []
    except UnicodeDecodeError:
        return data.decode("latin-1"), []


def is_binary(data: bytes) -> bool:
    if data.startswith(_UTF16):
        return False
    head = data[: 1 << 16]
    strange = len(_CONTROL.findall(head))
    return data.startswith((b"%PDF", b"PAR1", b"\x89PNG")) or strange > len(head) / 100 or head.count(0) > len(head) / 5


def _notice(file: str, rule: str, found: str) -> Problem:
    return Problem(file, None, None, rule, f"trae {found}", "", "Revise cómo se guardó el archivo.", "warning")
