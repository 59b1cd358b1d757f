"""What comes from the classrooms: days missed each week, and the marks of each period."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from features.simulation.arrays import Array, Random
from features.simulation.assumptions import Assumptions
from features.simulation.folders import Files, Folder, joined
from features.simulation.marks import AREAS, PERIOD_ENDS
from features.simulation.people import REAL
from features.simulation.register_rows import Rows
from features.simulation.year import NO_ROW

ATTENDANCE_HEADER: Final = "PER_ID;CODIGO_DANE_SEDE;SEMANA;DIAS_PROGRAMADOS;DIAS_AUSENTE"
MARKS_HEADER: Final = "ANO;PER_ID;CODIGO_DANE_SEDE;PERIODO;AREA;NOTA;FECHA"
_MARK_TEXTS: Final = tuple(f"{mark // 10},{mark % 10}" for mark in range(51))


def silent_schools(rng: Random, schools: int, weeks: int, a: Assumptions) -> Array:
    """School by week: whether the school sends no attendance."""
    silent = np.zeros((schools, weeks), bool)
    silent[rng.random(schools) < a.attendance_never] = True
    for school in np.flatnonzero(rng.random(schools) < a.attendance_gap):
        first = rng.integers(0, weeks)
        silent[school, first : first + rng.integers(3, 13)] = True
    return silent


@dataclass
class Classroom:
    rows: Rows
    mondays: list[date]
    silent: Array

    def write_absences(self, files: Files, folder: Folder, weeks: range) -> None:
        """The weeks since the previous folder."""
        for week in weeks:
            files.add(folder, "inasistencia.csv", ATTENDANCE_HEADER, self._absences(week))

    def _absences(self, week: int) -> pl.Series:
        lived, rows = self.rows.lived, self.rows
        at = rows.spell_at(week)
        missed = lived.absent[:, week]
        sent = (missed != NO_ROW) & (at >= 0) & (lived.people.kind == REAL)
        sent &= rows.rng.random(len(sent)) >= rows.a.attendance_lost
        sent &= ~self.silent[rows.spells.school[at], week]
        spell, expected = at[sent], int(lived.term.expected[week])
        days = pl.Series(missed[sent]).cast(pl.String)
        return joined(self._prefix(spell), f"{self.mondays[week]:%d/%m/%Y};{expected}", days)

    def _prefix(self, spell: Array) -> pl.Series:
        return joined(self.rows.per_id.gather(spell), self.rows.campus.gather(spell))

    def write_marks(self, files: Files, folder: Folder, period: int) -> None:
        lived, week = self.rows.lived, PERIOD_ENDS[period] - 1
        at = self.rows.spell_at(week)
        marks = lived.marks[:, period]
        given = ~np.isnan(marks[:, 0]) & (at >= 0)
        prefix = joined(f"{self.rows.year}", self._prefix(at[given]), f"{period + 1}")
        handed_in = self.mondays[week] + timedelta(days=4)
        for number, area in enumerate(AREAS):
            tenths = np.round(marks[given, number] * 10).astype(np.int64)
            mark = pl.Series(_MARK_TEXTS, dtype=pl.String).gather(tenths)
            files.add(folder, "valoracion.csv", MARKS_HEADER, joined(prefix, area, mark, f"{handed_in:%d/%m/%Y}"))
