"""Reads the characterisation of a child and its family: what a social worker asked and was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from features.schema import CHARACTERISATION as TABLE
from features.sources import meanings
from features.sources.checks import accepted_values, failures
from features.sources.codes import Codes
from features.sources.columns import CHARACTERISATION
from features.sources.person_key import students
from features.sources.profile import NATIONAL, Profile
from features.sources.sheet import NOTHING, Reading, Sheet, judged
from features.sources.site import site
from features.sources.text_table import ROW, TextTable

_ADVICE = "Corrija la celda de la ficha; la fila se acepta sin ella."

Meaning = Callable[[str, Codes], object]


def _head(text: str, codes: Codes) -> object:
    return codes.meaning("household_head", text)


def _yes(text: str, codes: Codes) -> object:
    return meanings.truth(codes.meaning("yes_no", text))


def _education(text: str, codes: Codes) -> object:
    said = codes.meaning("education", text)
    return int(said) if said is not None else meanings.whole(text)


def _whole(text: str, _: Codes) -> object:
    return meanings.whole(text)


def _sisben(text: str, _: Codes) -> object:
    return meanings.sisben(text) or NOTHING


def _stratum(text: str, _: Codes) -> object:
    said = meanings.stratum(text)
    return NOTHING if said is None else said


_ANSWERS: dict[str, tuple[str, Meaning, str]] = {
    "stratum": ("estrato", _stratum, "0 a 6"),
    "sisben_group": ("sisben", _sisben, "A1 a D21"),
    "household_head": ("jefatura", _head, "AMBOS PADRES, MADRE, PADRE u OTRO"),
    "household_size": ("tamaño", _whole, "de 1 a 30"),
    "guardian_education": ("educación", _education, "NINGUNA, PRIMARIA, SECUNDARIA, MEDIA o SUPERIOR"),
    "child_labour": ("trabaja", _yes, "SI o NO"),
    "commute_minutes": ("minutos", _whole, "de 0 a 600"),
    "displaced": ("desplazado", _yes, "SI o NO"),
    "has_internet": ("internet", _yes, "SI o NO"),
    "moved_home": ("vivienda", _yes, "SI o NO"),
    "is_parent": ("madre_padre", _yes, "SI o NO"),
}


def read_characterisation(table: TextTable, known_on: date, key: bytes, profile: Profile = NATIONAL) -> Reading:
    sheet = Sheet(table, CHARACTERISATION, profile)
    told_on = sheet.read("fecha", meanings.day, pl.Date(), "una fecha dd/mm/aaaa", required=True)
    future = told_on > known_on
    sheet.blame("fecha", "fecha-futura", future, sheet.text("fecha"), "una fecha ya pasada", "Corrija la fecha.")
    typed = pl.DataFrame(
        [
            table.rows[ROW],
            students(sheet, key),
            told_on.alias("happened_on"),
            pl.Series("known_on", [known_on], pl.Date()).new_from_index(0, sheet.height),
            *(_answer(sheet, name) for name in _ANSWERS),
            site(sheet),
        ]
    )
    return judged(sheet, "caracterizacion", _within_bounds(sheet, typed))


def _answer(sheet: Sheet, name: str) -> pl.Series:
    ours, read, accepted = _ANSWERS[name]
    codes = sheet.profile.codes
    return sheet.read(ours, lambda text: read(text, codes), TABLE[name].dtype, accepted, _ADVICE, "warning").alias(name)


def _within_bounds(sheet: Sheet, typed: pl.DataFrame) -> pl.DataFrame:
    """An answer outside what is possible is left out, with a warning; the other answers of the form stay."""
    for column, rows in failures("characterisation", typed.select(list(_ANSWERS))).items():
        name = _ANSWERS[column][0]
        accepted = accepted_values(TABLE[column])
        sheet.blame(name, f"{column}-no-permitido", rows, sheet.text(name), accepted, _ADVICE, "warning")
        typed = typed.with_columns(pl.when(~rows).then(column).alias(column))
    return typed
