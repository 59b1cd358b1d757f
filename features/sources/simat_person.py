"""Reads what SIMAT says of the child itself: birth, origin, household and, for the roster alone, its names."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.sources import meanings
from features.sources.codes import plain
from features.sources.sheet import NOTHING, Sheet, understood

PERSONAL = {
    "document_number": "documento",
    "first_name": "nombre1",
    "second_name": "nombre2",
    "first_surname": "apellido1",
    "second_surname": "apellido2",
    "address": "dirección",
    "neighbourhood": "barrio",
    "phone": "teléfono",
    "email": "correo",
}
OLDEST, YOUNGEST = 40, 3
_DATE = "dd/mm/aaaa"
_WITHOUT_IT = "Corrija la celda; la fila se acepta sin ella."


def person(sheet: Sheet) -> list[pl.Series]:
    codes, of_victims = sheet.profile.codes, sheet.says("conflict_victim")
    sex, _ = understood(sheet.text("género"), sheet.says("sex"), pl.String())
    country = sheet.read("país", sheet.says("country"), pl.String(), "un país o su código ISO", level="warning")
    disability, _ = understood(sheet.text("discapacidad"), lambda text: meanings.disability(text, codes), pl.String())
    ethnic_group, _ = understood(sheet.text("etnia"), lambda text: meanings.ethnic_group(text, codes), pl.String())
    victim, _ = understood(sheet.text("víctima"), lambda text: meanings.truth(of_victims(text)), pl.Boolean())
    return [
        sex.alias("sex"),
        country.alias("country_of_origin"),
        disability.alias("disability"),
        ethnic_group.alias("ethnic_group"),
        victim.alias("conflict_victim"),
    ]


def birth_dates(sheet: Sheet, known_on: date) -> pl.Series:
    """The birth date; an age that no student has is kept out, the row stays."""
    accepted = f"una fecha {_DATE}"
    birth = sheet.read("nacimiento", meanings.day, pl.Date(), accepted, personal=True)
    age = known_on.year - birth.dt.year()
    odd = ~age.is_between(YOUNGEST, OLDEST).fill_null(True)
    accepted = f"una edad de {YOUNGEST} a {OLDEST} años"
    advice = "Corrija la fecha de nacimiento; la fila se acepta sin ella."
    sheet.blame("nacimiento", "edad-imposible", odd, sheet.text("nacimiento"), accepted, advice, "warning", True)
    return pl.select(pl.when(~odd).then(birth).alias("birth_date")).to_series()


def household_means(sheet: Sheet) -> list[pl.Series]:
    stratum = sheet.read("estrato", _stratum, pl.Int16(), "estrato 0 a 6, 9 o NO APLICA", _WITHOUT_IT, "warning")
    sisben = sheet.read("sisben", _sisben, pl.String(), "A1 a D21 o NO APLICA", _WITHOUT_IT, "warning")
    return [stratum.alias("stratum"), sisben.alias("sisben_group")]


def _stratum(text: str) -> object:
    said = plain(text)
    return NOTHING if said in ("9", "99", "NO APLICA", "ESTRATO 9") else meanings.stratum(text)


def _sisben(text: str) -> object:
    return meanings.sisben(text) or (NOTHING if meanings.is_old_sisben(text) else None)


def for_the_roster(sheet: Sheet, kinds: pl.Series) -> list[pl.Series]:
    """What only the roster keeps, the kind of document in the same letters whatever the file's dialect."""
    per_id = sheet.text("persona").alias("per_id")
    kind = kinds.fill_null(sheet.text("tipo_documento")).alias("document_type")
    return [per_id, kind, *(sheet.text(name).alias(ours) for ours, name in PERSONAL.items())]
