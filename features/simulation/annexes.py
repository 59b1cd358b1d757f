"""The annexes of SIMAT: 6A for official schools, 5A for private ones, 13A for the support that students receive."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from features.simulation import wording
from features.simulation.arrays import Array
from features.simulation.detallado import ENTITIES
from features.simulation.folders import Files, Folder, joined
from features.simulation.register_rows import Places

_PERSON: Final = (
    "ANO_INF;MUN_CODIGO;CODIGO_DANE;DANE_ANTERIOR;CONS_SEDE;TIPO_DOCUMENTO;NRO_DOCUMENTO;EXP_DEPTO;EXP_MUN;APELLIDO1;"
    "APELLIDO2; NOMBRE1;NOMBRE2;DIRECCION_RESIDENCIA;TEL;RES_DEPTO;RES_MUN;ESTRATO;SISBEN IV;"
    "FECHA_NACIMIENTO;NAC_DEPTO;NAC_MUN;GENERO;POB_VICT_CONF_RUV; PROVIENE_SECTOR_PRIV;PROVIENE_OTR_MUN;"
    "TIPO_DISCAPACIDAD;CAP_EXC;ETNIA;RES;"
    "TIPO_JORNADA;CARACTER;ESPECIALIDAD;GRADO;GRUPO;METODOLOGIA;MATRICULA_CONTRATADA;REPITENTE;NUEVO;FUE_RECU;ZON_ALU;"
    "CAB_FAMILIA;BEN_MAD_FLIA;BEN_VET_FP;BEN_HER_NAC;CODIGO_INTERNADO;CODIGO_VALORACION_1;CODIGO_VALORACION_2"
)
HEADER_54: Final = f"{_PERSON};NUM_CONVENIO;PER_ID;APOYO_ACADEMICO_ESPECIAL;SRPA;PAIS_ORIGEN;TRASTORNOS_ESPECIFICOS"
HEADER_6A: Final = f"{HEADER_54};SECTOR;COMUNA SEDE"
HEADER_5A: Final = f"{HEADER_54};COMUNA"
HEADER_13A: Final = (
    f"{_PERSON};NOMBRE_EE;NOMBRE_SEDE;INS_FAMILIAR;ID_ESTRATEGIA;NOMBRE_ESTRATEGIA;TIPO_ESTRATEGIA;ESTRATEGIA_SUBTIPO;"
    "FECHA_INICIO_ESTRATEGIA;FECHA_FIN_ESTRATEGIA;FECHA_INICIO_ESTRATEGIA_ALUMNO;FECHA_FIN_ESTRATEGIA_ALUMNO;"
    "APOYO_ACADEMICO_ESPECIAL;SRPA;PAIS_ORIGEN;PER_ID;FECHA_GENERACION"
)
_STRATEGIES: Final = (
    ("101", "ALIMENTACION ESCOLAR", "ALMUERZO"),
    ("102", "TRANSPORTE ESCOLAR", "RUTA"),
    ("103", "APOYO PSICOSOCIAL", "ORIENTACION ESCOLAR"),
    ("104", "MODELOS FLEXIBLES", "EXTRAEDAD"),
    ("105", "APOYO PEDAGOGICO DISCAPACIDAD", "PIAR"),
)


@dataclass
class Annexes:
    """The annexes of one district and year; each row is put together once and picked on each Friday."""

    rows: Places

    def write_6a(self, files: Files, folder: Folder) -> None:
        lines = self._official.filter(pl.Series(self.rows.enrolled(folder.week)))
        files.add(folder, "anexo_6a.txt", HEADER_6A, lines)

    def write_5a(self, files: Files, folder: Folder) -> None:
        lines = self._private.filter(pl.Series(self.rows.enrolled(folder.week)))
        files.add(folder, "anexo_5a.txt", HEADER_5A, lines)

    def write_13a(self, files: Files, folder: Folder) -> None:
        enrolled = self.rows.enrolled(folder.week)
        for number, has in enumerate(self._received):
            lines = self._supported(number, folder.day).filter(pl.Series(enrolled & has))
            files.add(folder, "anexo_13a.csv", HEADER_13A, lines)

    @cached_property
    def _received(self) -> list[Array]:
        people = self.rows.people
        return [people.feeding, people.transport, people.psychosocial, self.rows.model == 1, people.disability != 99]

    def _supported(self, number: int, today: date) -> pl.Series:
        code, kind, detail = _STRATEGIES[number]
        year, entity = self.rows.year, ENTITIES.get(self.rows.municipality, self.rows.municipality)
        term = f"01/02/{year};30/11/{year}"
        name = f"{entity}-{year}-{kind}-{detail}-A-01-02-{year}"
        return joined(
            self._person, self._site_names, "", f"{code};{name};{kind};{detail};{term}", self.rows.since, "",
            "NO APLICA;NO APLICA", self._country, self.rows.per_id, f"{today:%d/%m/%Y}",
        )  # fmt: skip

    @cached_property
    def _official(self) -> pl.Series:
        comuna = pl.Series(self.rows.schools.comuna[self.rows.spells.school])
        place = pl.select(
            pl.when(pl.lit(comuna == 0)).then(pl.lit("CORREGIMIENTO")).otherwise(pl.lit(comuna.cast(pl.String)))
        ).to_series()
        return joined(self._current, "OFICIAL", place)

    @cached_property
    def _private(self) -> pl.Series:
        return joined(self._current, pl.Series(self.rows.schools.comuna[self.rows.spells.school]).cast(pl.String))

    @cached_property
    def _current(self) -> pl.Series:
        return joined(self._person, "", self.rows.per_id, "NO APLICA", "NO APLICA", self._country, "0")

    @cached_property
    def _country(self) -> pl.Series:
        return wording.words(wording.COUNTRY_CODES, self.rows.people.venezuelan.astype(int))

    @cached_property
    def _site_names(self) -> pl.Series:
        names = pl.Series(list(self.rows.schools.name), dtype=pl.String).gather(self.rows.spells.school)
        site = pl.select(pl.format("SEDE {}", pl.Series(self.rows.spells.campus + 1))).to_series()
        return joined(names, site)

    @cached_property
    def _person(self) -> pl.Series:
        rows, people = self.rows, self.rows.people
        dept, town = rows.municipality[:2], rows.municipality[2:]
        here = f"{dept};{town}"
        media = people.grade >= 10
        return joined(
            f"{rows.year};{rows.municipality}", rows.dane, rows.campus, rows.campus_number,
            _text(people.document_type), rows.document, here, *rows.names, wording.addresses(people),
            wording.phones(people), here, _text(people.stratum), wording.sisben(people), rows.born,
            self._birthplace(here),
            wording.words(("M", "F"), people.girl.astype(int)), wording.yes_no(people.victim),
            wording.yes_no(people.from_private, "S", "N"), wording.yes_no(people.from_elsewhere, "S", "N"),
            _text(people.disability), "9", _text(people.ethnic), "0", wording.words(wording.SHIFT_CODES, people.shift),
            wording.words(("0", "1"), media.astype(int)), wording.words(("00", "05"), media.astype(int)),
            _text(people.grade), rows.group, wording.words(wording.MODEL_CODES, rows.model), "N",
            wording.yes_no(people.repeating, "S", "N"), wording.yes_no(people.is_new, "S", "N"), "1",
            wording.words(("1", "2"), (people.comuna == 0).astype(int)),
            wording.yes_no(people.is_parent & people.girl, "S", "N"),
            wording.yes_no(people.head == 1, "S", "N"), "N;N;3;;",
        )  # fmt: skip

    def _birthplace(self, here: str) -> pl.Series:
        return wording.words((here, ";"), np.asarray(self.rows.people.venezuelan).astype(int))


def _text(numbers: Array) -> pl.Series:
    return pl.Series(numbers).cast(pl.String)
