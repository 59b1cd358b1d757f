"""What is wrong about a whole school's reports: no attendance, that of a few, or no enrolment export."""

from __future__ import annotations

import polars as pl

from features.quality.rules import found, said_day

PARTLY = 0.5
LATE_EXPORT_WEEKS = 3


def schools(roll: pl.DataFrame) -> pl.DataFrame:
    """One row per school; what the school reports is the same on the row of each of its students."""
    told = ("coverage", "weeks_silent", "weeks_since_export", "reporting__last_on", "reporting__export_on")
    rows = roll.group_by("institution_id", "day").agg(pl.len().alias("students"), *(pl.col(c).max() for c in told))
    return rows.sort("institution_id")


def silent(places: pl.DataFrame) -> pl.DataFrame:
    evidence = pl.coalesce(
        pl.format(
            "la última asistencia reportada es del {}: {} semanas sin reporte para {} estudiantes",
            said_day("reporting__last_on"), pl.col("weeks_silent").floor().cast(pl.Int64), "students",
        ),
        pl.format("no ha reportado asistencia este año de ninguno de sus {} estudiantes", "students"),
    )  # fmt: skip
    return found(places.filter(pl.col("coverage") == 0), "institucion-sin-asistencia", evidence)


def partial(places: pl.DataFrame) -> pl.DataFrame:
    some = places.filter(pl.col("coverage") > 0, pl.col("coverage") < PARTLY)
    share = (100 * pl.col("coverage")).round(0).cast(pl.Int64)
    evidence = pl.format("hay asistencia reciente del {} % de sus {} estudiantes", share, "students")
    return found(some, "asistencia-parcial", evidence)


def unlisted(places: pl.DataFrame) -> pl.DataFrame:
    """Schools that the last exports did not list, while others were listed."""
    behind = pl.col("reporting__export_on") < pl.col("reporting__export_on").max()
    late = places.filter(behind, pl.col("weeks_since_export") >= LATE_EXPORT_WEEKS)
    evidence = pl.format(
        "su último reporte de matrícula es del {} y tiene {} estudiantes", said_day("reporting__export_on"), "students"
    )
    return found(late, "institucion-sin-matricula", evidence)
