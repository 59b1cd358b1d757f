"""The words and codes with which SIMAT writes what the simulation knows as numbers."""

from typing import Final

import numpy as np
import polars as pl

from features.simulation.arrays import Array
from features.simulation.names import BLOOD, HEALTH_INSURERS, NEIGHBOURHOODS
from features.simulation.people import People

DOCUMENT_LABELS: Final = {1: "CC", 2: "TI", 3: "CE", 5: "RC", 8: "NES", 10: "PEP", 13: "PPT"}
_DOCUMENT_TEXT: Final = {
    1: "CC:CÉDULA DE CIUDADANÍA",
    2: "TI:TARJETA DE IDENTIDAD",
    3: "CE:CÉDULA DE EXTRANJERÍA",
    5: "RC:REGISTRO CIVIL DE NACIMIENTO",
    8: "NES:NÚMERO ESTABLECIDO POR LA SECRETARÍA",
    10: "PEP:PERMISO ESPECIAL DE PERMANENCIA",
    13: "PPT:PERMISO POR PROTECCIÓN TEMPORAL",
}
_DISABILITIES: Final = {
    99: "NO APLICA",
    2: "HIPOACUSIA O BAJA AUDICIÓN",
    3: "BAJA VISIÓN",
    7: "TRASTORNO DEL ESPECTRO AUTISTA",
    8: "INTELECTUAL",
    10: "MÚLTIPLE",
    15: "FÍSICA",
    18: "PSICOSOCIAL",
    19: "VOZ Y HABLA",
}
_ETHNIC: Final = {0: "NO APLICA", 200: "NEGRITUDES", 11: "INDÍGENA", 43: "INDÍGENA", 400: "AFRODESCENDIENTE"}
COUNTRY_CODES: Final = ("170", "862")
COUNTRIES: Final = ("COLOMBIA", "VENEZUELA")
SHIFT_CODES: Final = ("2", "3", "6", "4", "5")
TRADITIONAL, OVER_AGE_MODEL, RURAL_MODEL = 0, 1, 2
MODELS: Final = ("EDUCACIÓN TRADICIONAL", "PROGRAMA PARA JÓVENES EN EXTRAEDAD Y ADULTOS", "ESCUELA NUEVA")
MODEL_CODES: Final = ("1", "10", "2")
_SISBEN: Final = tuple(
    ["", "NO APLICA"]
    + [f"{group}{n}" for group, last in (("A", 5), ("B", 7), ("C", 18), ("D", 21)) for n in range(1, last + 1)]
)


def words(choices: tuple[str, ...] | list[str], position: Array) -> pl.Series:
    return pl.Series(choices, dtype=pl.String).gather(position.astype(np.int64))


def coded(table: dict[int, str], code: Array) -> pl.Series:
    keys = sorted(table)
    return words([table[key] for key in keys], np.searchsorted(keys, code))


def yes_no(flags: Array, yes: str = "SI", no: str = "NO") -> pl.Series:
    return words((no, yes), np.asarray(flags).astype(int))


def sisben(people: People) -> pl.Series:
    return words(list(_SISBEN), people.sisben + 1)


def stratum_labels(people: People) -> pl.Series:
    return coded({9: "NO APLICA", **{n: f"ESTRATO {n}" for n in range(7)}}, people.stratum)


def document_texts(people: People) -> pl.Series:
    return coded(_DOCUMENT_TEXT, people.document_type)


def disability_labels(people: People) -> pl.Series:
    return coded(_DISABILITIES, people.disability)


def ethnic_labels(people: People) -> pl.Series:
    return coded(_ETHNIC, people.ethnic)


def neighbourhoods(people: People) -> pl.Series:
    return words(NEIGHBOURHOODS, people.neighbourhood)


def insurers(people: People) -> pl.Series:
    return words(HEALTH_INSURERS, people.per_id % len(HEALTH_INSURERS))


def blood_types(people: People) -> pl.Series:
    return words(BLOOD, people.per_id // 7 % len(BLOOD))


def phones(people: People) -> pl.Series:
    """One number to a home, in a range that no operator has."""
    return pl.Series(3_900_000_000 + people.family % 10_000_000).cast(pl.String)


def addresses(people: People) -> pl.Series:
    n = people.family + np.maximum(people.moved, 0) * 13
    return pl.select(
        pl.format(
            "CALLE {} # {} - {}", pl.Series(n % 120 + 1), pl.Series(n // 120 % 90 + 1), pl.Series(n // 7 % 99 + 1)
        )
    ).to_series()


def emails(people: People) -> pl.Series:
    made = pl.Series(people.per_id).cast(pl.String)
    return pl.select(
        pl.when(pl.lit(people.per_id % 5 == 0)).then(pl.format("alumno{}@ejemplo.invalid", made)).otherwise(pl.lit(""))
    ).to_series()
