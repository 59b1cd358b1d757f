"""Small exports as a secretariat drops them, and one call that reads them into an archive of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from features.archive import Archive
from features.records import Records
from features.sources import IngestReport, ingest

TODAY = date(2024, 12, 1)
KEY = b"a key for tests only"

DETALLADO_43_TITLES = (
    "ANO;ETC;ESTADO;JERARQUIA;INSTITUCION;DANE;CALENDARIO;SECTOR;SEDE;CODIGO_DANE_SEDE;CONSECUTIVO;ZONA_SEDE;"
    "JORNADA;GRADO_COD;GRUPO;MODELO;MOTIVO;FECHAINI;FECHAFIN;NUI;ESTRATO;SISBEN IV;PER_ID;DOC;TIPODOC;"
    "APELLIDO1;APELLIDO2;NOMBRE1;NOMBRE2;GENERO;FECHA_NACIMIENTO;BARRIO;EPS;TIPO DE SANGRE;"
    "MATRICULACONTRATADA;FUENTE_RECURSOS;INTERNADO;NUM_CONTRATO;APOYO_ACADEMICO_ESPECIAL;SRPA;DISCAPACIDAD;"
    "PAIS_ORIGEN;CORREO"
)
DETALLADO_43 = DETALLADO_43_TITLES.split(";")
DETALLADO_54 = [
    *DETALLADO_43[:15],
    "RENOMBRE",
    *DETALLADO_43[15:39],
    "HA_ESTADO_VINCULADO_SRPA",
    "ESTA_ACTIVO_SRPA",
    *DETALLADO_43[40:],
    *["TELEFONO", "ETNIA", "TRA_ESP_APR_ESCOLAR", "APOYO_ACADEMICO_ESPECIAL", "LIST_CAP_EXCEPCIONALES", "CAMPESINO"],
    *["PAIS_NACIMIENTO", "PAIS_NACIONALIDAD2", "CATEGORIA_AULA", "CONTADOR"],
]
ANNEX_6A_TITLES = (
    "ANO_INF;MUN_CODIGO;CODIGO_DANE;DANE_ANTERIOR;CONS_SEDE;TIPO_DOCUMENTO;NRO_DOCUMENTO;EXP_DEPTO;EXP_MUN;"
    "APELLIDO1;APELLIDO2; NOMBRE1;NOMBRE2;DIRECCION_RESIDENCIA;TEL;RES_DEPTO;RES_MUN;ESTRATO;SISBEN IV;"
    "FECHA_NACIMIENTO;NAC_DEPTO;NAC_MUN;GENERO;POB_VICT_CONF_RUV; PROVIENE_SECTOR_PRIV;PROVIENE_OTR_MUN;"
    "TIPO_DISCAPACIDAD;CAP_EXC;ETNIA;RES;TIPO_JORNADA;CARACTER;ESPECIALIDAD;GRADO;GRUPO;METODOLOGIA;"
    "MATRICULA_CONTRATADA;REPITENTE;NUEVO;FUE_RECU;ZON_ALU;CAB_FAMILIA;BEN_MAD_FLIA;BEN_VET_FP;BEN_HER_NAC;"
    "CODIGO_INTERNADO;CODIGO_VALORACION_1;CODIGO_VALORACION_2;NUM_CONVENIO;PER_ID;APOYO_ACADEMICO_ESPECIAL;"
    "SRPA;PAIS_ORIGEN;TRASTORNOS_ESPECIFICOS"
)
ANNEX_6A = ANNEX_6A_TITLES.split(";")
ANNEX_6A_2017 = [name for name in ANNEX_6A if name not in ("APOYO_ACADEMICO_ESPECIAL", "SRPA", "PAIS_ORIGEN")]

ROSA = {
    "ANO": "2024",
    "ESTADO": "MATRICULADO",
    "INSTITUCION": "IE LA ESPERANZA",
    "DANE": "176001000018",
    "CALENDARIO": "A",
    "SECTOR": "OFICIAL",
    "CODIGO_DANE_SEDE": "176001000018",
    "CONSECUTIVO": "17600100001801",
    "ZONA_SEDE": "URBANA",
    "JORNADA": "MAÑANA",
    "GRADO_COD": "7",
    "GRUPO": "0702",
    "MODELO": "EDUCACIÓN TRADICIONAL",
    "MOTIVO": "NO APLICA",
    "FECHAINI": "20/01/2024",
    "ESTRATO": "ESTRATO 2",
    "SISBEN IV": "B3",
    "PER_ID": "1000001",
    "DOC": "1107000001",
    "TIPODOC": "2:TARJETA DE IDENTIDAD",
    "APELLIDO1": "QUINTERO",
    "NOMBRE1": "ROSALBINA",
    "GENERO": "FEMENINO",
    "FECHA_NACIMIENTO": "02/05/2011",
    "BARRIO": "TERRON COLORADO",
    "DISCAPACIDAD": "NO APLICA",
    "PAIS_ORIGEN": "COLOMBIA",
    "CORREO": "rosalbina@correo.co",
}
ROSA_6A = {
    "ANO_INF": "2024",
    "CODIGO_DANE": "176001000018",
    "DANE_ANTERIOR": "176001000018",
    "CONS_SEDE": "17600100001801",
    "TIPO_DOCUMENTO": "2",
    "NRO_DOCUMENTO": "1107000001",
    "APELLIDO1": "QUINTERO",
    " NOMBRE1": "ROSALBINA",
    "DIRECCION_RESIDENCIA": "CALLE 5 # 14-32",
    "TEL": "6025551234",
    "ESTRATO": "2",
    "SISBEN IV": "B3",
    "FECHA_NACIMIENTO": "02/05/2011",
    "GENERO": "F",
    "POB_VICT_CONF_RUV": "NO",
    "TIPO_DISCAPACIDAD": "99",
    "ETNIA": "0",
    "TIPO_JORNADA": "2",
    "GRADO": "7",
    "GRUPO": "0702",
    "METODOLOGIA": "1",
    "REPITENTE": "N",
    "NUEVO": "S",
    "PER_ID": "1000001",
    "PAIS_ORIGEN": "170",
}


def rows_of(students: Iterable[int], **same: str) -> list[dict[str, str]]:
    """Rosa's row for each of several children."""
    return [{"PER_ID": str(1000000 + n), "DOC": str(1107000000 + n), **same} for n in students]


def text(
    rows: Iterable[Mapping[str, str]],
    columns: list[str] = DETALLADO_43,
    like: Mapping[str, str] = ROSA,
    separator: str = ";",
) -> str:
    """An export of rows that are like Rosa's but for what each says."""
    filled = [{**like, **row} for row in rows]
    lines = [separator.join(columns), *(separator.join(row.get(name, "") for name in columns) for row in filled)]
    return "\n".join(lines) + "\n"


def annex(rows: Iterable[Mapping[str, str]], columns: list[str] = ANNEX_6A) -> str:
    return text(rows, columns, ROSA_6A)


@dataclass
class Secretariat:
    """A folder of exports, the archive they were read into, and the roster that got the names."""

    home: Path
    roster: list[pl.DataFrame] = field(default_factory=list)

    @property
    def exports(self) -> Path:
        return self.home / "exports"

    def drop(self, day: str, **files: str | bytes) -> Path:
        folder = self.exports / day
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = folder / name.replace("__", ".")
            path.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
        return folder

    def ingest(self, path: Path | None = None, today: date = TODAY) -> IngestReport:
        report = ingest(
            path or self.home, Archive(self.home / "archive"), self.home / "quarantine", KEY, self.roster.append, today
        )
        assert report.rows_in == report.accepted + report.quarantined
        return report

    def table(self, name: str) -> pl.DataFrame:
        rows = Records.open(self.home / "archive").table(name).collect()
        return rows.sort([column for column in ("student_id", "known_on", "happened_on") if column in rows.columns])

    def statuses(self) -> list[tuple[str, str]]:
        """(day, status) of every enrolment row, in order."""
        rows = self.table("enrolment").sort("known_on", "status").select("known_on", "status").rows()
        return [(known_on.isoformat(), status) for known_on, status in rows]

    def bytes_of_archive(self) -> dict[str, bytes]:
        files = (path for path in (self.home / "archive").rglob("*") if path.is_file())
        return {str(path.relative_to(self.home)): path.read_bytes() for path in files}
