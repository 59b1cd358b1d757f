"""Reads one file, whichever it is: opens it, tells its kind by its titles and hands it to who knows that kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from features.quality import Problem
from features.sources.attendance import read_attendance
from features.sources.characterisation import read_characterisation
from features.sources.compression import Content
from features.sources.detection import LAYOUTS, detect
from features.sources.marks import read_marks
from features.sources.sheet import REFUSAL, Reading
from features.sources.simat import read_snapshot
from features.sources.simpade import read_registered_dropouts
from features.sources.strategies import read_strategies
from features.sources.text_table import ROW, TextTable, read_text

UNKNOWN = "desconocido"

Reader = Callable[[TextTable, date, bytes], Reading]

EVENT_READERS: dict[str, Reader] = {
    "inasistencia": read_attendance,
    "valoracion": read_marks,
    "caracterizacion": read_characterisation,
    "anexo_13a": read_strategies,
    "simpade": read_registered_dropouts,
}
TABLE_OF = {
    "inasistencia": "attendance",
    "valoracion": "progress",
    "caracterizacion": "characterisation",
    "anexo_13a": "support",
    "simpade": "registered_dropout",
}


def read_content(content: Content, known_on: date, key: bytes) -> Reading:
    """The rows of a file, good and bad; a file that is not understood gives all its rows as bad."""
    table = read_text(content)
    if table.problems and not table.titles:
        return Reading(table.file, UNKNOWN, 0, pl.DataFrame(), problems=table.problems)
    layout = detect(table.keys)
    if layout is None:
        known = ", ".join(layout.name for layout in LAYOUTS)
        return refused_whole(table, UNKNOWN, "encabezado-desconocido", "no se reconoce el encabezado", known)
    missing = layout.missing(table.keys)
    if missing:
        found = f"faltan columnas de {layout.name}: {', '.join(missing)}"
        return refused_whole(table, layout.name, "faltan-columnas", found, "el archivo con todas sus columnas clave")
    reader = EVENT_READERS.get(layout.name)
    return reader(table, known_on, key) if reader else read_snapshot(table, layout.name, known_on, key)


def refused_whole(table: TextTable, source: str, rule: str, found: str, accepted: str) -> Reading:
    """No row of the file can be used: one sentence for all of them."""
    advice = "Descargue de nuevo el archivo con su encabezado."
    problem = Problem(table.file, None, None, rule, found, accepted, advice, times=max(table.rows_in, 1))
    numbers = sorted([*table.rows[ROW].to_list(), *table.misfits[ROW].to_list()])
    refusals = (
        pl.DataFrame({ROW: numbers, "column": None, "rule": rule, "message": problem.sentence()}, schema=REFUSAL)
        if numbers
        else pl.DataFrame(schema=REFUSAL)
    )
    empty = pl.DataFrame()
    return Reading(table.file, source, table.rows_in, empty, refusals, (*table.problems, problem), lines=table.lines)
