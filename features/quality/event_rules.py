"""What contradicts itself over time: two enrolments at once, moves there and back, children who vanish."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.quality.distance import kilometres
from features.quality.rules import found, said_day
from features.records import Records

THERE_AND_BACK_DAYS = 56
ORDER = ("student_id", "happened_on", "known_on", "institution_id")
GONE = ("LEFT", "ELSEWHERE", "MIGRATED", "DECEASED", "DATA_ERROR")


def enrolments(known: Records, roll: pl.DataFrame) -> pl.DataFrame:
    """The times this year on which whoever is on roll was enrolled."""
    rows = known.table("enrolment").filter(pl.col("status") == "ENROLLED")
    rows = rows.with_columns(pl.col("student_id").cast(pl.String))
    here = roll.lazy().select("student_id", "school_year")
    return rows.join(here, on=["student_id", "school_year"], how="semi").collect().sort(ORDER)


def enrolled_twice(rows: pl.DataFrame, roll: pl.DataFrame) -> pl.DataFrame:
    """One child in two schools on one day, under one pseudonym."""
    twice = rows.group_by("student_id", "school_year", "happened_on").agg(
        pl.col("institution_id").unique().sort().alias("places")
    )
    both = twice.filter(pl.col("places").list.len() > 1).sort("happened_on")
    here = roll.join(both, on=["student_id", "school_year"], how="inner").unique("student_id", keep="last")
    evidence = pl.format("matriculado el {} en {}", said_day("happened_on"), pl.col("places").list.join(" y en "))
    return found(here.sort("student_id"), "matricula-doble", evidence)


def there_and_back(known: Records, rows: pl.DataFrame, roll: pl.DataFrame) -> pl.DataFrame:
    """Moves to another school and back within eight weeks: one of the two seldom happened."""
    rows = rows.filter(pl.col("institution_id") != pl.col("institution_id").shift(1).over("student_id").fill_null(""))
    place, day = pl.col("institution_id"), pl.col("happened_on")
    moves = rows.with_columns(
        through=place.shift(1).over("student_id"),
        origin=place.shift(2).over("student_id"),
        days=(day - day.shift(1).over("student_id")).dt.total_days(),
    )
    back = moves.filter(pl.col("origin") == place, pl.col("days") <= THERE_AND_BACK_DAYS)
    back = back.group_by("student_id").last().select("student_id", "through", "days")
    here = roll.join(back, on="student_id", how="inner")
    here = here.join(kilometres(known), left_on=["institution_id", "through"], right_on=["a", "b"], how="left")
    far = pl.coalesce(pl.format(", a {} km", pl.col("km").round(0).cast(pl.Int64)), pl.lit(""))
    evidence = pl.format("pasó a {}{} y volvió en {} días", "through", far, "days")
    return found(here.sort("student_id"), "ida-y-vuelta", evidence)


def vanished(known: Records, day: date, years: list[str]) -> pl.DataFrame:
    """Children who were taken off the export of this year without a word."""
    rows = known.table("enrolment").filter(pl.col("school_year").is_in(years)).sort(ORDER)
    last = rows.group_by("student_id").last().filter(pl.col("status") == "NOT_SEEN").collect()
    official = last.filter(pl.col("sector").fill_null("") != "PRIVATE").with_columns(day=pl.lit(day))
    return found(
        official.sort("student_id"),
        "desaparece",
        pl.format("no aparece en el reporte desde el {}", said_day("happened_on")),
    )


def contradicted(known: Records, roll: pl.DataFrame) -> pl.DataFrame:
    """Children still on roll of whom a later record says otherwise: the register of dropouts, or a visit."""
    dropouts = known.table("registered_dropout").select("student_id", "school_year", "happened_on").collect()
    gone = roll.join(dropouts, on=["student_id", "school_year"], how="inner")
    gone = gone.filter(pl.col("happened_on") > pl.col("enrolled_on")).unique("student_id", keep="first")
    registered = pl.format("el SIMPADE lo registra como desertor de {}", "school_year")
    visits = known.table("visit").filter(pl.col("result").is_in(GONE)).collect()
    met = roll.join(visits.select("student_id", "visited_on", "happened_on"), on="student_id", how="inner")
    met = met.filter(pl.col("happened_on") > pl.col("enrolled_on")).sort("student_id", "visited_on")
    told = pl.coalesce(
        pl.format("un contacto del {} halló que la matrícula no corresponde", said_day("visited_on")),
        pl.lit("un contacto halló que la matrícula no corresponde"),
    )
    return pl.concat(
        [
            found(gone.sort("student_id"), "desertor-matriculado", registered),
            found(met.unique("student_id", keep="last", maintain_order=True), "hallazgo-sin-registrar", told),
        ]
    )
