"""The characterisation forms: what the families say about themselves, when they are asked and when it changed."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from features.simulation.arrays import Array, flip
from features.simulation.folders import Files, Folder, joined
from features.simulation.people import REAL
from features.simulation.register_rows import Rows
from features.simulation.wording import words, yes_no

HEADER: Final = (
    "PER_ID;FECHA;JEFATURA_HOGAR;TAMANO_HOGAR;EDUCACION_ACUDIENTE;TRABAJA;MINUTOS_A_LA_SEDE;DESPLAZADO;INTERNET;"
    "CAMBIO_VIVIENDA;ES_MADRE_O_PADRE"
)
HEADS: Final = ("AMBOS PADRES", "MADRE", "PADRE", "OTRO")
EDUCATION: Final = ("NINGUNA", "PRIMARIA", "SECUNDARIA", "MEDIA", "SUPERIOR")
_LEFT_BLANK: Final = 0.04


@dataclass
class HouseholdForms:
    """Forms of one district and year: everybody at the start of the first year, later the new and the changed."""

    rows: Rows
    first_year: bool

    def write(self, files: Files, folder: Folder, since: int) -> None:
        asked = np.flatnonzero(self._asked(folder.week, since))
        if len(asked):
            files.add(folder, "caracterizacion.csv", HEADER, self._lines(asked, folder))

    def _asked(self, week: int, since: int) -> Array:
        lived, people = self.rows.lived, self.rows.lived.people
        on_roll = (lived.start <= week) & (lived.left > week) & (people.kind == REAL) & people.answers
        moved = (people.moved > since) & (people.moved <= week)
        arrived = (lived.start > since) & (lived.start <= week)
        if since >= 0:
            refreshed = flip(self.rows.rng, self.rows.a.form_refreshed, len(people))
            return np.asarray(on_roll & (arrived | moved & refreshed))
        again = flip(self.rows.rng, np.where(people.works | people.is_parent, 0.3, 0.12), len(people))
        return np.asarray(on_roll & (self.first_year | people.is_new | again))

    def _lines(self, asked: Array, folder: Folder) -> pl.Series:
        people = self.rows.lived.people.take(asked)
        rng = self.rows.rng
        moved = (people.moved >= folder.week - 20) & (people.moved <= folder.week)
        answers = [
            words(HEADS, people.head),
            pl.Series(people.household_size).cast(pl.String),
            words(EDUCATION, people.guardian_education),
            yes_no(people.works),
            pl.Series(people.commute).cast(pl.String),
            yes_no(people.displaced),
            yes_no(people.internet),
            yes_no(moved),
            yes_no(people.is_parent),
        ]
        blanks = [np.asarray(flip(rng, _LEFT_BLANK, len(people))) for _ in answers]
        shown = [
            pl.select(pl.when(pl.lit(blank)).then(pl.lit("")).otherwise(pl.lit(answer))).to_series()
            for blank, answer in zip(blanks, answers, strict=True)
        ]
        per_id = self.rows.per_id.gather(self.rows.spell_at(folder.week)[asked])
        return joined(per_id, f"{folder.day:%d/%m/%Y}", *shown)
