"""Reads the marks of each child by period and area."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from features.sources import meanings
from features.sources.columns import MARKS
from features.sources.person_key import students
from features.sources.profile import NATIONAL, Profile
from features.sources.pseudonym import pseudonym
from features.sources.sheet import Reading, Sheet, judged, understood
from features.sources.site import site
from features.sources.text_table import ROW, TextTable


def read_marks(table: TextTable, known_on: date, key: bytes, profile: Profile = NATIONAL) -> Reading:
    """A row without a mark is work not handed in, due on the row's date."""
    sheet = Sheet(table, MARKS, profile)
    advice = "Corrija la celda en el registro de valoraciones."
    mark = sheet.read("nota", meanings.mark, pl.Float64(), "una nota de 1.0 a 5.0, o vacía si no entregó", advice)
    given_on = sheet.read("fecha", meanings.day, pl.Date(), "una fecha dd/mm/aaaa", advice)
    sheet.blame("fecha", "fecha-futura", given_on > known_on, sheet.text("fecha"), "una fecha ya pasada", advice)
    period, area = sheet.text("periodo"), sheet.text("área")
    sheet.blame("periodo", "sin-periodo", period.is_null(), period, "el periodo", advice)
    sheet.blame("área", "sin-area", area.is_null(), area, "el área", advice)
    happened_on = given_on.fill_null(known_on)
    typed = pl.DataFrame(
        [
            table.rows[ROW],
            students(sheet, key),
            happened_on.alias("happened_on"),
            pl.Series("known_on", [known_on], pl.Date()).new_from_index(0, sheet.height),
            _period_of_year(sheet, _coded(period, lambda text: meanings.period(text, profile.codes), key)),
            _coded(area, sheet.says("area"), key).alias("area"),
            mark.alias("score"),
            pl.select(pl.when(mark.is_null()).then(happened_on).alias("due_on")).to_series(),
            site(sheet),
        ]
    )
    return judged(sheet, "valoracion", typed)


def _coded(text: pl.Series, meaning: Callable[[str], str | None], key: bytes) -> pl.Series:
    """The value of a table; what no table has stays told apart by a code, since a free text may be anybody's name."""
    known, unknown = understood(text, meaning, pl.String())
    if not unknown.any():
        return known
    others = text.filter(unknown).unique()
    codes = "OTRO_" + pseudonym(others.str.to_uppercase(), key).str.slice(0, 6).str.to_uppercase()
    return known.fill_null(text.replace_strict(others, codes, default=None))


def _period_of_year(sheet: Sheet, period: pl.Series) -> pl.Series:
    """«2024-1»: a period is one of its year."""
    year = sheet.read("año", meanings.year, pl.String(), "un año de cuatro cifras")
    return pl.select(pl.concat_str([year, period], separator="-", ignore_nulls=True).alias("period")).to_series()
