"""Looks whether the children of a file are those of the register, and reads their documents anew where they are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from features.quality import Problem
from features.sources.content import Content
from features.sources.profile import Dialect, Profile
from features.sources.reader import read_content
from features.sources.sheet import Reading

OTHERS: tuple[Dialect, ...] = ("rc-ti-cc", "cc-rc-ti")
FEWEST = 20
"""Rows that must tell before anything is made of it."""
MOSTLY, HARDLY = 0.5, 0.1

_ADVICE = "Revise PER_ID y los documentos del archivo, y [documentos] en perfil.toml."


def recognised(
    content: Content, reading: Reading, known_on: date, key: bytes, profile: Profile, known: pl.Series
) -> Reading:
    """The reading, in the dialect of documents under which the register knows its children.

    NOTE: a file of events has no ages by which to tell the dialect; read in the wrong one, children without PER_ID get
    the pseudonym of nobody, and no other file would ever join them.
    """
    if known.is_empty() or reading.rows.height < FEWEST or _strange(reading, known) <= HARDLY:
        return reading
    if profile.documents == "auto":
        others = [read_content(content, known_on, key, replace(profile, documents=name)) for name in OTHERS]
        best = min(others, key=lambda other: _strange(other, known))
        if _strange(best, known) <= HARDLY:
            return best
    return _told(reading, known) if _strange(reading, known) > MOSTLY else reading


def _strange(reading: Reading, known: pl.Series) -> float:
    """The share of rows about children who were never on any list."""
    if reading.rows.is_empty():
        return 1.0
    return 1 - float(reading.rows["student_id"].is_in(known.implode()).sum()) / reading.rows.height


def _told(reading: Reading, known: pl.Series) -> Reading:
    rows = round(_strange(reading, known) * reading.rows.height)
    found = f"{rows} de {reading.rows.height} filas son de estudiantes que no están en la matrícula"
    problem = Problem(
        reading.file, None, None, "estudiantes-desconocidos", found, "los de la matrícula", _ADVICE, "warning"
    )
    return replace(reading, problems=(*reading.problems, problem))
