"""Reads the register of children reported as having left school (SIMPADE), one row per child and year."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.sources import meanings
from features.sources.columns import REGISTERED_DROPOUTS
from features.sources.person_key import students
from features.sources.profile import NATIONAL, Profile
from features.sources.sheet import Reading, Sheet, judged, understood
from features.sources.site import site
from features.sources.text_table import ROW, TextTable


def read_registered_dropouts(table: TextTable, known_on: date, key: bytes, profile: Profile = NATIONAL) -> Reading:
    """Kept in the archive; no label or feature uses it yet."""
    sheet = Sheet(table, REGISTERED_DROPOUTS, profile)
    year = sheet.read("año", meanings.year, pl.String(), "un año de cuatro cifras", required=True)
    told_on = sheet.read("fecha", meanings.day, pl.Date(), "una fecha dd/mm/aaaa")
    institution, _ = understood(sheet.text("institución"), meanings.dane_as_built, pl.String())
    past = pl.select(pl.when(told_on <= known_on).then(told_on)).to_series()
    typed = pl.DataFrame(
        [
            table.rows[ROW],
            students(sheet, key),
            past.fill_null(known_on).alias("happened_on"),
            pl.Series("known_on", [known_on], pl.Date()).new_from_index(0, sheet.height),
            year.alias("school_year"),
            institution.alias("institution_id"),
            site(sheet),
        ]
    )
    return judged(sheet, "simpade", typed)
