"""What is wrong about one student on roll: an age, a missing phone, a child whom no class has ever seen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from features.quality.roll import weeks_before
from features.quality.rules import found, said_day

SURELY_BEGUN = 6
"""Weeks on roll after which a child with not one day of class may not exist."""
DAYS_OWED = 20
REPORTS = pl.col("coverage") >= 0.5
"""The school tells attendance of most of its students, so that silence about one of them means something."""


def wrong_ages(roll: pl.DataFrame) -> pl.DataFrame:
    impossible = found(roll.filter("age_impossible"), "edad-imposible", pl.format("figura con {} años", pl.col("age")))
    unlikely = pl.format(
        "grado {} con {} años; se esperan de {} a {}", "grade", "age", pl.col("grade") + 3, pl.col("grade") + 8
    )
    return pl.concat(
        [impossible, found(roll.filter("age_unlikely", ~pl.col("age_impossible")), "edad-atipica", unlikely)]
    )


def missing_data(roll: pl.DataFrame, with_phone: Collection[str] | None) -> pl.DataFrame:
    """What is empty. What nobody has the register does not keep, and without a roster nothing is known of phones."""
    blank = pl.lit("está vacío en el registro")
    # The reader leaves out a date that no student can have been born on: to us both are the same.
    no_birth = pl.lit("está vacía en el registro, o es imposible")
    told = [
        found(_some(roll, pl.col("age_unknown")), "sin-nacimiento", no_birth),
        found(_some(roll, pl.col("grade").is_null()), "sin-grado", blank),
    ]
    if with_phone is not None:
        reachable = pl.DataFrame({"student_id": list(with_phone)}, schema={"student_id": pl.String})
        unreachable = roll.join(reachable, on="student_id", how="anti")
        told.append(found(unreachable, "sin-telefono", pl.lit("no hay un teléfono al que se pueda llamar")))
    return pl.concat(told)


def _some(roll: pl.DataFrame, holds: pl.Expr) -> pl.DataFrame:
    """The rows of which it holds, unless it holds of all of them."""
    rows = roll.filter(holds)
    return rows if rows.height < roll.height else rows.clear()


def never_seen(roll: pl.DataFrame, day: date) -> pl.DataFrame:
    """Children whom no class has seen this year, at schools that do report."""
    begun = pl.max_horizontal("enrolled_on", "starts_on") <= weeks_before(day, SURELY_BEGUN)
    unseen = roll.filter(REPORTS, begun, pl.col("attendance__present_on").is_null())
    unreported = pl.col("attendance__expected_year").fill_null(0) == 0
    evidence = (
        pl.when(unreported)
        .then(pl.lit("no figura en la asistencia de este año, y su institución sí la reporta"))
        .otherwise(pl.format("faltó a los {} días de clase reportados", pl.col("attendance__expected_year")))
    )
    owed = unreported | (pl.col("attendance__expected_year") >= DAYS_OWED)
    return found(unseen.filter(owed), "posible-inexistente", evidence)


def stale(roll: pl.DataFrame, day: date) -> pl.DataFrame:
    """Children who were seen this year and of whom nothing came lately, at schools that do report."""
    lately = pl.col("reported_on") > weeks_before(day)
    late = roll.filter(REPORTS, pl.col("attendance__present_on").is_not_null(), ~lately.fill_null(False))
    arrived = pl.col("enrolled_on") > weeks_before(day)
    evidence = pl.coalesce(
        pl.format("su última asistencia reportada es del {}", said_day("reported_on")),
        pl.lit("esta institución no ha reportado su asistencia"),
    )
    return found(late.filter(~arrived.fill_null(False)), "asistencia-atrasada", evidence)
