"""Reads what SIMAT says of every student: the Detallado in both layouts and the annexes 6A and 5A."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.schema import CHARACTERISATION, ENROLMENT
from features.sources import meanings
from features.sources.checks import accepted_values, failures
from features.sources.codes import code_table, meaning, plain
from features.sources.columns import SNAPSHOT
from features.sources.person_key import glimpsed, students
from features.sources.sheet import NOTHING, Reading, Sheet, judged, understood
from features.sources.text_table import ROW, TextTable

PERSONAL = {
    "document_type": "tipo_documento",
    "document_number": "documento",
    "first_name": "nombre1",
    "second_name": "nombre2",
    "first_surname": "apellido1",
    "second_surname": "apellido2",
    "address": "dirección",
    "neighbourhood": "barrio",
    "phone": "teléfono",
    "email": "correo",
}
OLDEST, YOUNGEST = 40, 3
_DATE = "dd/mm/aaaa"
_GROUP = "el código del grupo, como 0702 o 6A"
_WITHOUT_IT = "Corrija la celda; la fila se acepta sin ella."


def read_snapshot(table: TextTable, layout: str, known_on: date, key: bytes) -> Reading:
    """Every row of an export as one typed row: enrolment, person, household and what the roster keeps."""
    sheet = Sheet(table, SNAPSHOT)
    typed = pl.DataFrame(
        [
            table.rows[ROW],
            students(sheet, key),
            *_school(sheet),
            *_enrolment(sheet, layout),
            *_dates(sheet, known_on),
            *_person(sheet, known_on),
            *_household(sheet),
            *_names(sheet),
        ]
    )
    _check(sheet, typed)
    reading = judged(sheet, layout, typed)
    seen = glimpsed([table.line(row) for row in table.misfits[ROW].to_list()], key)
    return _named(reading, layout, pl.concat([reading.glimpsed, seen]))


def _named(reading: Reading, layout: str, seen: pl.Series) -> Reading:
    """A 6A in which every school is private is a 5A: the two have the same columns."""
    private = reading.rows.height > 0 and (reading.rows["sector"] == "PRIVATE").all()
    source = "anexo_5a" if layout == "anexo_6a" and private else layout
    return Reading(
        reading.file, source, reading.rows_in, reading.rows, reading.refusals, reading.problems, seen, reading.lines
    )


def _school(sheet: Sheet) -> list[pl.Series]:
    institution = _institution(sheet)
    campus, _ = understood(sheet.text("sede"), meanings.dane, pl.String())
    sector = sheet.read("sector", lambda text: meaning("sector", text), pl.String(), _labels("sector"), level="warning")
    zone = sheet.read("zona", lambda text: meaning("zone", text), pl.String(), _labels("zone"), level="warning")
    by_code, _ = understood(institution, meanings.sector_of_dane, pl.String())
    zone_by_code, _ = understood(campus.fill_null(institution), meanings.zone_of_dane, pl.String())
    return [
        institution,
        campus.alias("campus_id"),
        sector.fill_null(by_code).alias("sector"),
        zone.fill_null(zone_by_code).alias("zone"),
        sheet.text("nombre_institución").alias("name"),
        sheet.text("comuna").alias("comuna"),
        (sheet.text("calendario").str.to_uppercase() == "B").fill_null(False).alias("calendar_b"),
    ]


def _institution(sheet: Sheet) -> pl.Series:
    """The DANE code; one that a spreadsheet rounded is taken from the site's code or from the site's other rows."""
    said = sheet.text("institución")
    read, _ = understood(said, meanings.dane, pl.String())
    from_site, _ = understood(sheet.text("consecutivo"), meanings.dane_of_campus_code, pl.String())
    campus, _ = understood(sheet.text("sede"), meanings.dane, pl.String())
    found = read.fill_null(from_site).fill_null(_institution_of_campus(campus, read))
    advice = "Descargue de nuevo el archivo sin abrirlo en Excel."
    sheet.blame("institución", "dane-ilegible", found.is_null(), said, "el código DANE de 12 dígitos", advice)
    return found.alias("institution_id")


def _institution_of_campus(campus: pl.Series, institution: pl.Series) -> pl.Series:
    known = pl.DataFrame({"campus": campus, "institution": institution}).drop_nulls().unique("campus", keep="first")
    if known.is_empty():
        return pl.Series([None] * len(campus), dtype=pl.String)
    return campus.replace_strict(known["campus"], known["institution"], default=None)


def _enrolment(sheet: Sheet, layout: str) -> list[pl.Series]:
    grade = sheet.read("grado", meanings.grade, pl.Int16(), "un grado de −3 a 13, 20 a 26, 41 a 45 o 99", required=True)
    year = sheet.read("año", meanings.year, pl.String(), "un año de cuatro cifras", required=True)
    shift = sheet.read("jornada", lambda text: meaning("shift", text), pl.String(), _labels("shift"), level="warning")
    group = sheet.read("grupo", meanings.group, pl.String(), _GROUP, _WITHOUT_IT, "warning", True)
    model, _ = understood(sheet.text("modelo"), _teaching_model, pl.String())
    status, reason = _status(sheet, layout)
    return [
        year.alias("school_year"),
        grade.alias("grade"),
        shift.alias("shift"),
        group.alias("class_group"),
        model.alias("teaching_model"),
        status,
        reason,
        _yes_no(sheet, "repitente").alias("repeating"),
        _yes_no(sheet, "nuevo").alias("is_new"),
    ]


def _teaching_model(text: str) -> str:
    """A model the table does not hold is kept under its own name: secretariats bring their own."""
    return meaning("teaching_model", text) or plain(text).replace(" ", "_")[:40]


def _status(sheet: Sheet, layout: str) -> tuple[pl.Series, pl.Series]:
    """What became of the enrolment and why; the annexes only list who is enrolled."""
    if layout != "detallado":
        enrolled = pl.Series("status", ["ENROLLED"], pl.String).new_from_index(0, sheet.height)
        return enrolled, pl.Series("reason", [None], pl.String).new_from_index(0, sheet.height)
    accepted = _labels("status")
    status = sheet.read("estado", lambda text: meaning("status", text), pl.String(), accepted, required=True)
    reason, _ = understood(sheet.text("motivo"), lambda text: meaning("reason", text) or "UNSTATED", pl.String())
    not_continued = sheet.text("estado").str.to_uppercase().str.starts_with("SIN CONT").fill_null(False)
    told = pl.select(
        pl.when(status == "WITHDRAWN")
        .then(
            pl.when(reason.is_null() | (reason == "NONE"))
            .then(pl.when(not_continued).then(pl.lit("NOT_CONTINUED")).otherwise(pl.lit("UNSTATED")))
            .otherwise(reason)
        )
        .when(status.is_in(["TRANSFERRED", "CANCELLED"]) & (reason != "NONE"))
        .then(reason)
        .alias("reason")
    ).to_series()
    return status.alias("status"), told


def _yes_no(sheet: Sheet, name: str) -> pl.Series:
    """S/N in the dialect of the file: where 2 occurs and 0 does not, 2 is yes and 1 is no."""
    said = set(sheet.text(name).drop_nulls().unique().to_list())
    table = code_table("yes_no_legacy" if "2" in said and "0" not in said else "yes_no")
    values, _ = understood(sheet.text(name), lambda text: _flag(table.get(plain(text))), pl.Boolean())
    return values


def _flag(text: str | None) -> bool | None:
    return None if text is None else text == "true"


def _dates(sheet: Sheet, known_on: date) -> list[pl.Series]:
    started = sheet.read("fecha_inicio", meanings.day, pl.Date(), f"una fecha {_DATE}")
    left = sheet.read("fecha_fin", meanings.day, pl.Date(), f"una fecha {_DATE}")
    possible = (left <= known_on) & (started.is_null() | (left >= started))
    kept = pl.select(pl.when(possible).then(left).alias("left_on")).to_series()
    return [started.alias("started_on"), kept]


def _person(sheet: Sheet, known_on: date) -> list[pl.Series]:
    sex, _ = understood(sheet.text("género"), lambda text: meaning("sex", text), pl.String())
    country = sheet.read("país", meanings.country, pl.String(), "un país o su código ISO", level="warning")
    disability, _ = understood(sheet.text("discapacidad"), meanings.disability, pl.String())
    ethnic_group, _ = understood(sheet.text("etnia"), meanings.ethnic_group, pl.String())
    victim, _ = understood(sheet.text("víctima"), lambda text: _flag(meaning("conflict_victim", text)), pl.Boolean())
    return [
        _birth(sheet, known_on),
        sex.alias("sex"),
        country.alias("country_of_origin"),
        disability.alias("disability"),
        ethnic_group.alias("ethnic_group"),
        victim.alias("conflict_victim"),
    ]


def _birth(sheet: Sheet, known_on: date) -> pl.Series:
    """The birth date; an age that no student has is kept out, the row stays."""
    accepted = f"una fecha {_DATE}"
    birth = sheet.read("nacimiento", meanings.day, pl.Date(), accepted, personal=True)
    age = known_on.year - birth.dt.year()
    odd = ~age.is_between(YOUNGEST, OLDEST).fill_null(True)
    accepted = f"una edad de {YOUNGEST} a {OLDEST} años"
    advice = "Corrija la fecha de nacimiento; la fila se acepta sin ella."
    sheet.blame("nacimiento", "edad-imposible", odd, sheet.text("nacimiento"), accepted, advice, "warning", True)
    return pl.select(pl.when(~odd).then(birth).alias("birth_date")).to_series()


def _household(sheet: Sheet) -> list[pl.Series]:
    stratum = sheet.read("estrato", _stratum, pl.Int16(), "estrato 0 a 6, 9 o NO APLICA", _WITHOUT_IT, "warning")
    sisben = sheet.read("sisben", _sisben, pl.String(), "A1 a D21 o NO APLICA", _WITHOUT_IT, "warning")
    return [stratum.alias("stratum"), sisben.alias("sisben_group")]


def _stratum(text: str) -> object:
    said = plain(text)
    return NOTHING if said in ("9", "99", "NO APLICA", "ESTRATO 9") else meanings.stratum(text)


def _sisben(text: str) -> object:
    return meanings.sisben(text) or (NOTHING if meanings.is_old_sisben(text) else None)


def _names(sheet: Sheet) -> list[pl.Series]:
    per_id = sheet.text("persona").alias("per_id")
    return [per_id, *(sheet.text(name).alias(ours) for ours, name in PERSONAL.items())]


_TITLES = {"grade": "grado", "stratum": "estrato", "sex": "género", "school_year": "año", "status": "estado"}


def _check(sheet: Sheet, typed: pl.DataFrame) -> None:
    """The bounds and allowed values of the tables themselves."""
    placed = typed.with_columns(status=pl.col("status").replace("RESERVED", "ENROLLED")).drop("student_id")
    for schema in (ENROLMENT, CHARACTERISATION):
        for column, rows in failures(schema.name, placed).items():
            name = _TITLES.get(column, column)
            rows = rows & ~sheet.refused()
            sheet.blame(
                name, f"{column}-no-permitido", rows, None, accepted_values(schema[column]), "Corrija la celda."
            )


def _labels(table: str) -> str:
    """The labels of a code table, for a sentence."""
    return ", ".join(sorted(label for label in code_table(table) if not label.isdigit()))[:160]
