"""The Detallado de alumnos: one row per student and institution, with its state, in the old and the new layout."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from features.simulation import wording
from features.simulation.folders import Files, Folder, joined
from features.simulation.people import SHIFTS
from features.simulation.register_rows import Rows

HEADER_43: Final = (
    "ANO;ETC;ESTADO;JERARQUIA;INSTITUCION;DANE;CALENDARIO;SECTOR;SEDE;CODIGO_DANE_SEDE;CONSECUTIVO;ZONA_SEDE;JORNADA;"
    "GRADO_COD;GRUPO;MODELO;MOTIVO;FECHAINI;FECHAFIN;NUI;ESTRATO;SISBEN IV;PER_ID;DOC;TIPODOC;APELLIDO1;APELLIDO2;"
    "NOMBRE1;NOMBRE2;GENERO;FECHA_NACIMIENTO;BARRIO;EPS;TIPO DE SANGRE;MATRICULACONTRATADA;FUENTE_RECURSOS;INTERNADO;"
    "NUM_CONTRATO;APOYO_ACADEMICO_ESPECIAL;SRPA;DISCAPACIDAD;PAIS_ORIGEN;CORREO"
)
HEADER_54: Final = (
    HEADER_43.replace("GRUPO;", "GRUPO;RENOMBRE;").replace(
        "APOYO_ACADEMICO_ESPECIAL;SRPA;", "HA_ESTADO_VINCULADO_SRPA;ESTA_ACTIVO_SRPA;"
    )
    + ";TELEFONO;ETNIA;TRA_ESP_APR_ESCOLAR;APOYO_ACADEMICO_ESPECIAL;LIST_CAP_EXCEPCIONALES;CAMPESINO;PAIS_NACIMIENTO;"
    "PAIS_NACIONALIDAD2;CATEGORIA_AULA;CONTADOR"
)
ENTITIES: Final = {"76001": "CALI", "54001": "CÚCUTA"}
FUNDING: Final = "SGP"


@dataclass
class Detallado:
    """Each row is written once per year in each of its states, and picked again on every Friday."""

    rows: Rows
    new_layout: bool

    @property
    def header(self) -> str:
        return HEADER_54 if self.new_layout else HEADER_43

    def write(self, files: Files, folder: Folder) -> None:
        week = folder.week
        over = self.rows.spells.last_week <= week
        still = self._closing if folder.closing else self._enrolled
        lines = pl.select(pl.when(pl.lit(over)).then(pl.lit(self._ended)).otherwise(pl.lit(still))).to_series()
        shown = lines.filter(pl.Series(self.rows.visible(week)))
        files.add(folder, "detallado_alumnos.csv", self.header, self._damaged(shown, folder))

    def _damaged(self, lines: pl.Series, folder: Folder) -> pl.Series:
        rng = np.random.default_rng([int(self.rows.people.per_id[0]), folder.day.toordinal()])
        hit = np.flatnonzero(rng.random(len(lines)) < self.rows.a.damaged_codes)
        if not len(hit):
            return lines
        return lines.scatter(hit, [_with_damaged_code(line) for line in lines.gather(hit)])

    @cached_property
    def _enrolled(self) -> pl.Series:
        return self._lines("MATRICULADO", "NO APLICA", self.rows.since, "")

    @cached_property
    def _closing(self) -> pl.Series:
        return self._lines(self.rows.closing_state, "NO APLICA", self.rows.since, "")

    @cached_property
    def _ended(self) -> pl.Series:
        until = self.rows.until
        rng = np.random.default_rng([int(self.rows.people.per_id[0]), self.rows.year])
        filled = rng.random(len(until)) < self.rows.a.end_date_filled
        end = pl.select(pl.when(pl.lit(filled)).then(pl.lit(until)).otherwise(pl.lit(""))).to_series()
        return self._lines(self.rows.ended_state, self.rows.motive, until, end)

    def _lines(
        self, state: pl.Series | str, motive: pl.Series | str, start: pl.Series, end: pl.Series | str
    ) -> pl.Series:
        entity = ENTITIES.get(self.rows.municipality, self.rows.municipality)
        return joined(f"{self.rows.year};{entity}", state, self._place, motive, start, end, self._person)

    @cached_property
    def _place(self) -> pl.Series:
        rows, schools = self.rows, self.rows.schools
        school = rows.spells.school
        names = pl.Series(list(schools.name), dtype=pl.String).gather(school)
        site = pl.select(
            pl.concat_str([pl.lit("SEDE "), pl.lit(pl.Series(rows.spells.campus + 1).cast(pl.String))])
        ).to_series()
        group = joined(rows.group, "") if self.new_layout else rows.group
        return joined(
            "SECRETARÍA DE EDUCACIÓN", names, rows.dane, "A", "OFICIAL", site, rows.campus, rows.campus_number,
            wording.words(("URBANA", "RURAL"), schools.rural[school].astype(int)),
            wording.words(SHIFTS, rows.people.shift), pl.Series(rows.people.grade).cast(pl.String), group,
            wording.words(wording.MODELS, rows.model),
        )  # fmt: skip

    @cached_property
    def _person(self) -> pl.Series:
        rows, people = self.rows, self.rows.people
        gender = wording.words(("MASCULINO", "FEMENINO"), people.girl.astype(int))
        country = wording.words(wording.COUNTRIES, people.venezuelan.astype(int))
        support = "NO APLICA"
        penal = "NO;NO" if self.new_layout else f"{support};NO APLICA"
        blocks: list[pl.Series | str] = [
            "", wording.stratum_labels(people), wording.sisben(people), rows.per_id, rows.document,
            wording.document_texts(people), *rows.names, gender, rows.born, wording.neighbourhoods(people),
            wording.insurers(people), wording.blood_types(people), "N", FUNDING, "NINGUNO", "", penal,
            wording.disability_labels(people), country, wording.emails(people),
        ]  # fmt: skip
        if self.new_layout:
            blocks += [
                wording.phones(people),
                wording.ethnic_labels(people),
                "NO APLICA",
                support,
                "NO APLICA",
                "NO",
                country,
                "",
                "",
                "1",
            ]
        return joined(*blocks)


def _with_damaged_code(line: str) -> str:
    """What a spreadsheet makes of the institution's code."""
    cells = line.split(";")
    code = cells[5]
    cells[5] = f"{code[0]}.{code[1:6]}E+11"
    return ";".join(cells)
