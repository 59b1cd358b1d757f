"""Keeps the rows that could not be used, each with its reason, where only their owner can read them."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from datetime import date
from pathlib import Path

from features.sources.sheet import Reading
from features.sources.text_table import ROW

TITLES = ("fila", "columna", "regla", "mensaje", "huella", "fila_original")
LONGEST = 32_000
"""Letters of a row that are kept: what a cell of a spreadsheet holds."""


def keep(reading: Reading, known_on: date, quarantine: Path) -> None:
    """Writes the refused rows of a file; a file without any leaves nothing, not even what an earlier reading left."""
    path = quarantine / known_on.isoformat() / f"{_safe(reading.file)}.csv"
    if reading.refusals.is_empty():
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    with os.fdopen(_private(draft), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(TITLES)
        writer.writerows(_rows(reading))
    draft.replace(path)


def _private(path: Path) -> int:
    """A file that only its owner can read, from its first byte on."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _rows(reading: Reading) -> list[tuple[object, ...]]:
    told = reading.refusals.select(ROW, "column", "rule", "message").iter_rows()
    return [(*reason, _mark(reading, reason[0]), _original(reading, reason[0])) for reason in told]


def _line(reading: Reading, row: int) -> str:
    return reading.lines[row - 1] if row <= len(reading.lines) else ""


def _mark(reading: Reading, row: int) -> str:
    """The same for the same row, so that next week's can be told from it without reading names."""
    return hashlib.blake2b(_line(reading, row).encode(errors="replace"), digest_size=8).hexdigest()


def _original(reading: Reading, row: int) -> str:
    """The row as it came; a leading sign that a spreadsheet would run as a formula is made harmless."""
    line = _line(reading, row)[:LONGEST]
    return f"'{line}" if line.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) else line


def _safe(name: str) -> str:
    """A file name of ours, whatever the file was called."""
    own = name.split("/", 1)[-1]
    plain = re.sub(r"[^\w.-]", "_", own.replace("/", "__"))[:120].lstrip(".") or "archivo"
    # Two names that become the same must not share a file: the second would wipe out the rows of the first.
    return plain if plain == own else f"{plain}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"
