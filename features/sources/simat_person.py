"""Reads what SIMAT says of the child itself: birth, origin, household and, for the roster alone, its names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

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
OLDEST_ADULT = 100
"""In the cycles for adults, at night and at weekends, grandparents go to school."""
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
    odd = ~(age.is_between(YOUNGEST, OLDEST) | _adults(sheet) & age.is_between(OLDEST, OLDEST_ADULT)).fill_null(True)
    accepted = f"una edad de {YOUNGEST} a {OLDEST} años, o más en la educación de adultos"
    advice = "Corrija la fecha de nacimiento; la fila se acepta sin ella."
    sheet.blame("nacimiento", "edad-imposible", odd, sheet.text("nacimiento"), accepted, advice, "warning", True)
    return pl.select(pl.when(~odd).then(birth).alias("birth_date")).to_series()


def _adults(sheet: Sheet) -> pl.Series:
    grade, _ = understood(sheet.text("grado"), meanings.grade, pl.Int16())
    shift, _ = understood(sheet.text("jornada"), sheet.says("shift"), pl.String())
    return grade.is_between(20, 26).fill_null(False) | shift.is_in(["NIGHT", "WEEKEND"]).fill_null(False)


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


_NAMES = ("nombre1", "nombre2", "apellido1", "apellido2")
_A_NUMBER = re.compile(r"\d[\d.\s-]{4,}\d")
"""Six figures or more, however they are written: no school is called so, and a document is."""
_WORD = re.compile(r"[A-Z]{3,}")


def not_the_childs(sheet: Sheet, column: str) -> pl.Series:
    """A free cell about the school, empty where it says the child's own name or a number: rows get shifted.

    A school named after somebody is still named by the rows of all who are called otherwise.
    """
    said = sheet.text(column)
    words = {text: _words(text) for text in said.drop_nulls().unique()}
    numbers = [text for text in words if _A_NUMBER.search(text)]
    childs = said.is_in(pl.Series(numbers, dtype=pl.String).implode())
    for name in _NAMES if words else ():
        childs = childs | _says(said, sheet.text(name), words)
    return pl.select(pl.when(~childs).then(said)).to_series()


def _says(said: pl.Series, names: pl.Series, words: Mapping[str, frozenset[str]]) -> pl.Series:
    """The rows in which both have a word in common. Each pair of texts is looked at once: a city has few schools."""
    all_words = frozenset[str]().union(*words.values())
    telling = [name for name in names.drop_nulls().unique() if _words(name) & all_words]
    rows = pl.DataFrame({"said": said, "name": names}).with_row_index("row").drop_nulls()
    rows = rows.filter(pl.col("name").is_in(pl.Series(telling, dtype=pl.String).implode()))
    pairs = rows.select("said", "name").unique()
    shared = [bool(words[text] & _words(name)) for text, name in pairs.iter_rows()]
    found = rows.join(pairs.filter(pl.Series(shared, dtype=pl.Boolean)), on=["said", "name"], how="semi")["row"]
    return pl.int_range(len(said), eager=True).is_in(found.cast(pl.Int64).implode())


@lru_cache(1 << 16)
def _words(text: str) -> frozenset[str]:
    """The words of three letters or more, without accents."""
    return frozenset(_WORD.findall(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()))
