"""Reads the strategies of permanence that each child receives (Anexo 13A)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from features.sources import meanings
from features.sources.columns import STRATEGIES
from features.sources.person_key import students
from features.sources.profile import NATIONAL, Profile
from features.sources.sheet import Reading, Sheet, judged, understood
from features.sources.site import site
from features.sources.text_table import ROW, TextTable


def read_strategies(table: TextTable, known_on: date, key: bytes, profile: Profile = NATIONAL) -> Reading:
    """A strategy without an end is still received, as long as the strategy itself goes on."""
    sheet = Sheet(table, STRATEGIES, profile)
    starts_on = sheet.read("desde", meanings.day, pl.Date(), "una fecha dd/mm/aaaa")
    ends_on = sheet.read("hasta", meanings.day, pl.Date(), "una fecha dd/mm/aaaa")
    advice = "Corrija las fechas de la estrategia."
    sheet.blame("hasta", "fin-antes-del-inicio", ends_on < starts_on, sheet.text("hasta"), "un fin posterior", advice)
    over, _ = understood(sheet.text("hasta_todos"), meanings.day, pl.Date())
    ends_on = pl.select(pl.coalesce(ends_on, pl.when(starts_on.is_null() | (over >= starts_on)).then(over))).to_series()
    strategy = sheet.read("estrategia", _strategy(profile), pl.String(), "el nombre de la estrategia", required=True)
    by_type, _ = understood(sheet.text("tipo"), _strategy(profile), pl.String())
    unnamed = strategy == "OTHER"
    strategy = pl.select(pl.when(unnamed).then(by_type.fill_null("OTHER")).otherwise(strategy)).to_series()
    started = pl.select(pl.when(starts_on <= known_on).then(starts_on)).to_series()
    typed = pl.DataFrame(
        [
            table.rows[ROW],
            students(sheet, key),
            started.fill_null(known_on).alias("happened_on"),
            pl.Series("known_on", [known_on], pl.Date()).new_from_index(0, sheet.height),
            strategy.alias("strategy"),
            starts_on.alias("starts_on"),
            ends_on.alias("ends_on"),
            site(sheet),
        ]
    )
    return judged(sheet, "anexo_13a", typed)


def _strategy(profile: Profile) -> Callable[[str], str]:
    return lambda text: meanings.strategy(text, profile.codes)
