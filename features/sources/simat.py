"""Reads what SIMAT says of every student: the Detallado in both layouts and the annexes 6A and 5A."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.schema import CHARACTERISATION, ENROLMENT
from features.sources import meanings
from features.sources.checks import accepted_values, failures
from features.sources.codes import plain
from features.sources.columns import SNAPSHOT
from features.sources.document_dialects import document_kinds
from features.sources.household import households
from features.sources.person_key import glimpsed, students
from features.sources.profile import NATIONAL, Profile
from features.sources.sheet import Reading, Sheet, judged, understood
from features.sources.simat_person import birth_dates, for_the_roster, household_means, not_the_childs, person
from features.sources.text_table import ROW, TextTable

_DATE = "dd/mm/aaaa"
_GROUP = "el código del grupo, como 0702 o 6A"
_WITHOUT_IT = "Corrija la celda; la fila se acepta sin ella."


def read_snapshot(table: TextTable, layout: str, known_on: date, key: bytes, profile: Profile = NATIONAL) -> Reading:
    """Every row of an export as one typed row: enrolment, person, household and what the roster keeps."""
    sheet = Sheet(table, SNAPSHOT, profile)
    birth = birth_dates(sheet, known_on)
    kinds = document_kinds(sheet, (known_on - birth).dt.total_days() // 365.25)
    student = students(sheet, key, kinds)
    typed = pl.DataFrame(
        [
            table.rows[ROW],
            student,
            households(sheet, student, key),
            *_school(sheet),
            *_enrolment(sheet, layout),
            *_dates(sheet, known_on),
            birth,
            *person(sheet),
            *household_means(sheet),
            *for_the_roster(sheet, kinds),
        ]
    )
    _check(sheet, typed)
    _look_at_place(sheet, typed["institution_id"])
    reading = judged(sheet, layout, typed)
    seen = glimpsed([table.line(row) for row in table.misfits[ROW].to_list()], key)
    return _named(reading, layout, pl.concat([reading.glimpsed, seen]))


def _look_at_place(sheet: Sheet, institution: pl.Series) -> None:
    """Schools of other municipalities than the secretariat's: perhaps another secretariat's file."""
    own = sheet.profile.municipalities
    elsewhere = institution.filter(~institution.str.slice(1, 5).is_in(own)).len() if own else 0
    if elsewhere:
        found = f"{elsewhere} de {sheet.height} filas son de otros municipios"
        advice = "Revise si el archivo es de su secretaría, o [secretaria] en perfil.toml."
        sheet.note("municipio-ajeno", sheet.title("institución"), found, ", ".join(own[:10]), advice, elsewhere)
    office = plain(sheet.profile.code)
    others = sheet.text("etc").drop_nulls().unique() if office else pl.Series([], dtype=pl.String)
    if any(plain(other) != office for other in others):
        found, accepted = "hay filas de otra entidad territorial", "las de su secretaría"
        sheet.note("entidad-ajena", sheet.title("etc"), found, accepted, "Revise [secretaria] en perfil.toml.")


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
    sector = _label(sheet, "sector", "sector")
    zone = _label(sheet, "zona", "zone")
    by_code, _ = understood(institution, meanings.sector_of_dane, pl.String())
    zone_by_code, _ = understood(campus.fill_null(institution), meanings.zone_of_dane, pl.String())
    return [
        institution,
        campus.alias("campus_id"),
        sector.fill_null(by_code).alias("sector"),
        zone.fill_null(zone_by_code).alias("zone"),
        not_the_childs(sheet, "nombre_institución").alias("name"),
        not_the_childs(sheet, "comuna").alias("comuna"),
        sheet.text("calendario").str.to_uppercase().str.extract(r"\b([AB])$").alias("calendar"),
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
    shift = _label(sheet, "jornada", "shift")
    group = sheet.read("grupo", meanings.group, pl.String(), _GROUP, _WITHOUT_IT, "warning", True)
    codes = sheet.profile.codes
    model, _ = understood(sheet.text("modelo"), lambda text: meanings.teaching_model(text, codes), pl.String())
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


def _status(sheet: Sheet, layout: str) -> tuple[pl.Series, pl.Series]:
    """What became of the enrolment and why; the annexes only list who is enrolled."""
    if layout != "detallado":
        enrolled = pl.Series("status", ["ENROLLED"], pl.String).new_from_index(0, sheet.height)
        return enrolled, pl.Series("reason", [None], pl.String).new_from_index(0, sheet.height)
    status = sheet.read("estado", sheet.says("status"), pl.String(), _labels(sheet, "status"), required=True)
    of_reasons = sheet.says("reason")
    reason, _ = understood(sheet.text("motivo"), lambda text: of_reasons(text) or "UNSTATED", pl.String())
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
    table = sheet.profile.codes.table("yes_no_legacy" if "2" in said and "0" not in said else "yes_no")
    values, _ = understood(sheet.text(name), lambda text: meanings.truth(table.get(plain(text))), pl.Boolean())
    return values


def _dates(sheet: Sheet, known_on: date) -> list[pl.Series]:
    started = sheet.read("fecha_inicio", meanings.day, pl.Date(), f"una fecha {_DATE}")
    left = sheet.read("fecha_fin", meanings.day, pl.Date(), f"una fecha {_DATE}")
    possible = (left <= known_on) & (started.is_null() | (left >= started))
    kept = pl.select(pl.when(possible).then(left).alias("left_on")).to_series()
    return [started.alias("started_on"), kept]


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


def _label(sheet: Sheet, name: str, table: str) -> pl.Series:
    return sheet.read(name, sheet.says(table), pl.String(), _labels(sheet, table), level="warning")


def _labels(sheet: Sheet, table: str) -> str:
    """The labels of a code table, for a sentence."""
    return ", ".join(sorted(label for label in sheet.profile.codes.table(table) if not label.isdigit()))[:160]
