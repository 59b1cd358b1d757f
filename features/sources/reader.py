"""Reads one file, whichever it is: opens it, tells its kind by its titles and hands it to who knows that kind."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date

import polars as pl

from features.quality import Level, Problem
from features.sources.attendance import read_attendance
from features.sources.characterisation import read_characterisation
from features.sources.columns import officially_titled
from features.sources.compression import Content
from features.sources.detection import LAYOUTS, are_titles, detect
from features.sources.marks import read_marks
from features.sources.profile import NATIONAL, Profile
from features.sources.report import UNKNOWN
from features.sources.sheet import REFUSAL, Reading
from features.sources.simat import read_snapshot
from features.sources.simpade import read_registered_dropouts
from features.sources.strategies import read_strategies
from features.sources.text_table import ROW, TextTable, read_text
from features.sources.visits import read_visits

Reader = Callable[[TextTable, date, bytes, Profile], Reading]

EVENT_READERS: dict[str, Reader] = {
    "inasistencia": read_attendance,
    "valoracion": read_marks,
    "caracterizacion": read_characterisation,
    "anexo_13a": read_strategies,
    "simpade": read_registered_dropouts,
    "visitas": read_visits,
}
TABLE_OF = {
    "inasistencia": "attendance",
    "valoracion": "progress",
    "caracterizacion": "characterisation",
    "anexo_13a": "support",
    "simpade": "registered_dropout",
    "visitas": "visit",
}


def read_content(content: Content, known_on: date, key: bytes, profile: Profile = NATIONAL) -> Reading:
    """The rows of a file, good and bad; a file that is not understood gives all its rows as bad."""
    table = officially_titled(read_text(content, _titles_in(profile)), profile)
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
    if reader is None:
        return _noted(read_snapshot(table, layout.name, known_on, key, profile), "error")
    return _noted(reader(table, known_on, key, profile), "warning")


def _titles_in(profile: Profile) -> Callable[[Collection[str]], bool]:
    return lambda words: are_titles([profile.titles.get(word, word) for word in words])


def _noted(reading: Reading, level: Level) -> Reading:
    """A file with titles and no row says so: whoever sent it believes that it has some."""
    if reading.rows_in:
        return reading
    found, advice = "el archivo trae el encabezado y ninguna fila", "Revise el filtro con que se descargó."
    problem = Problem(reading.file, None, None, "sin-filas", found, "un archivo con filas", advice, level)
    return replace(reading, problems=(*reading.problems, problem))


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
