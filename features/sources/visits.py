"""Reads what earlier visits, calls and cross-matches found: who had left, who had moved, and what was a data error."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.sources import meanings
from features.sources.columns import VISITS
from features.sources.person_key import students
from features.sources.profile import NATIONAL, Profile
from features.sources.sheet import Reading, Sheet, judged
from features.sources.site import site
from features.sources.text_table import ROW, TextTable

_ADVICE = "Corrija la celda en el registro de visitas."
_FINDINGS = "ASISTE, NO ASISTE, REGRESO, DESERTO, ESTUDIA EN OTRA INSTITUCION, MIGRO, ERROR DE DATOS, NO SE ENCONTRO"
_CONTACTS = "VISITA, LLAMADA, REPORTE, CRUCE u OTRO"
_DESTINATIONS = "MISMA CIUDAD, OTRA CIUDAD, OTRO PAIS o VENEZUELA"


def read_visits(table: TextTable, known_on: date, key: bytes, profile: Profile = NATIONAL) -> Reading:
    """A finding happened when the child left or moved, if the file says so, else on the day of the contact."""
    sheet = Sheet(table, VISITS, profile)
    visited_on = sheet.read("fecha", meanings.day, pl.Date(), "una fecha dd/mm/aaaa", _ADVICE, required=True)
    future = visited_on > known_on
    sheet.blame("fecha", "fecha-futura", future, sheet.text("fecha"), "una fecha ya pasada", _ADVICE)
    happened_on = sheet.read("desde", meanings.day, pl.Date(), "una fecha dd/mm/aaaa", _ADVICE, "warning")
    later = happened_on > visited_on
    before = "una fecha no posterior a la visita"
    sheet.blame("desde", "hecho-posterior", later, sheet.text("desde"), before, _ADVICE, "warning")
    since = pl.select(pl.when(~later).then(happened_on)).to_series()
    typed = pl.DataFrame(
        [
            table.rows[ROW],
            students(sheet, key),
            since.fill_null(visited_on).alias("happened_on"),
            pl.Series("known_on", [known_on], pl.Date()).new_from_index(0, sheet.height),
            visited_on.alias("visited_on"),
            *_answers(sheet),
            site(sheet),
        ]
    )
    return judged(sheet, "visitas", typed)


def _answers(sheet: Sheet) -> list[pl.Series]:
    """Only coded answers are kept: what a visitor writes in words may name anybody."""
    result = sheet.read(
        "hallazgo", sheet.says("finding"), pl.String(), _FINDINGS, _ADVICE, personal=True, required=True
    )
    kind = sheet.read("contacto", sheet.says("contact"), pl.String(), _CONTACTS, _ADVICE, "warning", True)
    place = sheet.read("destino", sheet.says("destination"), pl.String(), _DESTINATIONS, _ADVICE, "warning", True)
    return [kind.alias("kind"), result.alias("result"), place.alias("destination")]
