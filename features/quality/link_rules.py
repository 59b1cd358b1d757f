"""Two records of one child that the register keeps open at once, as the cross-match of enrolments found them."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.linkage.history import standing
from features.quality.rules import found
from features.records import Records

_ENDED_BY_A_LINK = ("CANCELLED", "TRANSFERRED")


def open_twice(known: Records, day: date, years: list[str]) -> pl.DataFrame:
    """Each of the two records, at its own school: the link has settled them for us, but not in the register."""
    pairs = _pairs(known)
    still = _open(known, pairs, years)
    other = still.select(same_as="student_id", other_place="institution_id")
    both = still.join(pairs, on="student_id", how="inner").join(other, on="same_as", how="inner")
    evidence = pl.format("el mismo estudiante tiene otra matrícula activa, {}, en {}", "same_as", "other_place")
    return found(both.with_columns(day=pl.lit(day)).sort("student_id", "same_as"), "matricula-doble", evidence)


def _pairs(known: Records) -> pl.DataFrame:
    """The pairs that stand, told from both sides."""
    one = standing(known).select("left", "right", "known_on")
    sides = [
        one.select(student_id=a, same_as=b, linked_on="known_on") for a, b in (("left", "right"), ("right", "left"))
    ]
    return pl.concat(sides)


def _open(known: Records, pairs: pl.DataFrame, years: list[str]) -> pl.DataFrame:
    """What the register itself last said of these records: the endings that the link wrote are not its word."""
    rows = (
        known.table("enrolment")
        .filter(pl.col("school_year").is_in(years))
        .with_columns(pl.col("student_id").cast(pl.String))
    )
    ours = pairs.lazy().select("student_id", known_on="linked_on").unique()
    told = rows.join(ours, on="student_id", how="semi").join(
        ours.with_columns(by_link=pl.lit(True)), on=["student_id", "known_on"], how="left"
    )
    own = told.filter(~(pl.col("by_link").fill_null(False) & pl.col("status").is_in(_ENDED_BY_A_LINK)))
    last = own.sort("happened_on", "known_on", "institution_id").group_by("student_id").last()
    return last.filter(pl.col("status") == "ENROLLED").drop("known_on", "happened_on", "by_link").collect()
