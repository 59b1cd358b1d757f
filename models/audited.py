"""What is kept beside each judged student to ask afterwards whether the list was fair, and whom a visit had reached."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from features import Records
from features.definitions.enrolment import OVER_AGE_FROM

UNKNOWN = "sin dato"
TRAIT = "trait."
VISIT_REACH = timedelta(days=56)
"""How long before a day a contact may still be the reason for what happened after it."""

FLAGS: Mapping[str, tuple[str, str, str]] = {
    "sex": ("is_male", "masculino", "femenino"),
    "zone": ("rural_campus", "rural", "urbana"),
    "ethnicity": ("ethnic_minority", "grupo étnico", "sin grupo étnico"),
    "origin": ("foreign_origin", "otro país", "Colombia"),
    "disability": ("has_disability", "con discapacidad", "sin discapacidad"),
    "victim": ("conflict_victim", "víctima", "no víctima"),
}
"""Each audited trait: the feature that tells it, and its words for one and for zero."""

OVER_AGE = "over_age_years"


def audited_columns(frame: pl.DataFrame) -> list[pl.Expr]:
    """`grade`, `zone`, and a `trait.…` of each audited kind, in words; a frame without the feature knows nothing."""
    flags = {name: in_words(frame, *told) for name, told in FLAGS.items()}
    years = known_number(frame, OVER_AGE)
    older = pl.when(years >= OVER_AGE_FROM).then(pl.lit("extraedad")).when(years < OVER_AGE_FROM)
    traits = {**flags, "over_age": older.then(pl.lit("en edad")).otherwise(pl.lit(UNKNOWN))}
    named = [words.alias(f"{TRAIT}{name}") for name, words in traits.items()]
    return [known_number(frame, "grade").alias("grade"), flags["zone"].alias("zone"), *named]


def in_words(frame: pl.DataFrame, feature: str, one: str, zero: str) -> pl.Expr:
    flag = known_number(frame, feature)
    return pl.when(flag == 1).then(pl.lit(one)).when(flag == 0).then(pl.lit(zero)).otherwise(pl.lit(UNKNOWN))


def known_number(frame: pl.DataFrame, feature: str) -> pl.Expr:
    return pl.col(feature) if feature in frame.columns else pl.lit(None, pl.Float64)


def with_visits(judged: pl.DataFrame, records: Records, horizon_weeks: int) -> pl.DataFrame:
    """Adds `visited`: a contact was made between eight weeks before the day and the end of its horizon.

    NOTE: whom a visit kept in school looks like a mistake of the list. Figures of those whom nobody visited stand apart
    (``evidence`` §4.17).
    """
    reach = judged.select(first=pl.col("day").min() - VISIT_REACH, last=pl.col("day").max()).row(0)
    if not records.has("visit") or None in reach:
        return judged.with_columns(visited=pl.lit(False))
    visits = records.table("visit").select("student_id", on=pl.coalesce("visited_on", "happened_on"))
    near = visits.filter(pl.col("on") >= reach[0], pl.col("on") <= reach[1] + timedelta(weeks=horizon_weeks)).unique()
    met = judged.select("student_id", "day").join(near.collect(), on="student_id")
    inside = met.filter(
        pl.col("on") >= pl.col("day") - VISIT_REACH, pl.col("on") <= pl.col("day") + timedelta(weeks=horizon_weeks)
    )
    told = inside.select("student_id", "day", visited=pl.lit(True)).unique()
    joined = judged.join(told, on=["student_id", "day"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("visited").fill_null(False))
