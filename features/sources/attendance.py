"""Reads how many days of each week a child was expected and how many it was absent."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from features.schema import ATTENDANCE as TABLE
from features.sources import meanings
from features.sources.checks import accepted_values, failures
from features.sources.columns import ATTENDANCE
from features.sources.person_key import students
from features.sources.profile import NATIONAL, Profile
from features.sources.sheet import Reading, Sheet, judged, understood
from features.sources.site import site
from features.sources.text_table import ROW, TextTable

FRIDAY = timedelta(days=4)
_WHOLE = pl.Int16()


def read_attendance(table: TextTable, known_on: date, key: bytes, profile: Profile = NATIONAL) -> Reading:
    sheet = Sheet(table, ATTENDANCE, profile)
    week = sheet.read("semana", meanings.monday, pl.Date(), "una fecha dd/mm/aaaa", required=True)
    advice = "Corrija los días en el registro de asistencia."
    expected = sheet.read("programados", meanings.whole, pl.Int16(), "de 0 a 7 días", advice, required=True)
    absent = sheet.read("ausente", meanings.whole, pl.Int16(), "de 0 a 7 días", advice, required=True)
    sheet.blame("semana", "semana-futura", week > known_on, sheet.text("semana"), "una semana ya empezada", advice)
    within = "no más días ausente que programados"
    sheet.blame("ausente", "mas-ausencias-que-dias", absent > expected, sheet.text("ausente"), within, advice)
    _holidays(sheet, week, expected)
    typed = pl.DataFrame(
        [
            table.rows[ROW],
            students(sheet, key),
            (week + FRIDAY).alias("happened_on"),
            pl.Series("known_on", [known_on], pl.Date()).new_from_index(0, sheet.height),
            week.alias("week"),
            expected.alias("days_expected"),
            absent.alias("days_absent"),
            site(sheet),
        ]
    )
    names = {"days_expected": "programados", "days_absent": "ausente", "week": "semana"}
    for column, rows in failures("attendance", typed.drop("student_id", "happened_on")).items():
        wrong = rows & ~sheet.refused()
        sheet.blame(names[column], f"{column}-no-permitido", wrong, None, accepted_values(TABLE[column]), advice)
    once = "una fila por estudiante y semana"
    sheet.blame(
        "semana", "semana-repetida", told_otherwise_below(typed, sheet.refused()), sheet.text("semana"), once, advice
    )
    return judged(sheet, "inasistencia", typed)


def told_otherwise_below(typed: pl.DataFrame, refused: pl.Series) -> pl.Series:
    """The good rows whose week another good row tells again further down, and differently: the last one goes in."""
    rows = typed.with_columns(_good=~refused)
    week = ("student_id", "week", "_good")
    differs = pl.struct("days_expected", "days_absent").n_unique().over(week) > 1
    return rows.select(pl.col("_good") & differs & ~pl.struct(week).is_last_distinct()).to_series()


def _holidays(sheet: Sheet, week: pl.Series, expected: pl.Series) -> None:
    """More days of class than the week had without its holidays: told, and kept as the school says it."""
    if not sheet.profile.knows_holidays:
        return
    workdays, _ = understood(
        week.cast(pl.String), lambda text: sheet.profile.workdays(date.fromisoformat(text)), _WHOLE
    )
    advice = "Revise el festivo, o perfil.toml si la institución recuperó la clase."
    within = "no más días que los hábiles de la semana"
    over = expected.is_between(1, 5) & (expected > workdays)
    sheet.blame("programados", "mas-dias-que-habiles", over, sheet.text("programados"), within, advice, "warning")
