"""When each pseudonym was on the roll and when it was seen in class, as far as the archive knows."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.records import Records

STAY = {
    "student_id": pl.String(),
    "first_on": pl.Date(),
    "last_on": pl.Date(),  # for who is still enrolled, the last export
    "status": pl.String(),
    "reason": pl.String(),
    "open": pl.Boolean(),
    "seen_on": pl.Date(),  # the last week with a day in class
    "sector": pl.String(),
    "institution_id": pl.String(),
    "birth_date": pl.Date(),
    "sex": pl.String(),
    "municipality": pl.String(),
}


def stays(records: Records, day: date) -> pl.DataFrame:
    """One row per pseudonym that was ever enrolled by the day."""
    known = records.known_by(day)
    whole = _enrolments(known)
    for other in (_seen(known), _persons(known), _municipalities(known)):
        key = "institution_id" if "institution_id" in other.collect_schema() else "student_id"
        whole = whole.join(other, on=key, how="left")
    return whole.select(list(STAY)).cast(pl.Schema(STAY)).sort("student_id").collect(engine="streaming")


def _enrolments(records: Records) -> pl.LazyFrame:
    rows = records.table("enrolment").with_columns(open=pl.col("status") == "ENROLLED")
    rows = rows.sort("happened_on", "known_on", "open", "institution_id")
    until = _last_export(records)
    return rows.group_by("student_id").agg(
        first_on=pl.col("happened_on").filter("open").min(),
        last_on=pl.when(pl.col("open").last())
        .then(pl.max_horizontal(pl.lit(until), pl.col("happened_on").last()))
        .otherwise(pl.col("happened_on").last()),
        status=pl.col("status").last(),
        reason=pl.col("reason").last(),
        open=pl.col("open").last(),
        sector=pl.col("sector").last(),
        institution_id=pl.col("institution_id").last(),
    )


def _last_export(records: Records) -> date | None:
    """Until when the register speaks of those who are still enrolled."""
    read = [
        records.table(name).select(pl.col("known_on").max()).collect().item()
        for name in ("report", "attendance", "enrolment")
    ]
    return max((day for day in read if day is not None), default=None)


def _seen(records: Records) -> pl.LazyFrame:
    present = records.table("attendance").filter(pl.col("days_absent") < pl.col("days_expected"))
    return present.group_by("student_id").agg(seen_on=pl.col("week").max())


def _persons(records: Records) -> pl.LazyFrame:
    told = records.table("person").sort("happened_on", "known_on")
    return told.group_by("student_id").agg(pl.col("birth_date", "sex").drop_nulls().last())


def _municipalities(records: Records) -> pl.LazyFrame:
    """The town of the last school: its own, or the one in its DANE code."""
    said = records.table("institution").sort("known_on").group_by("institution_id")
    by_code = pl.col("institution_id").str.extract(r"^[1-9](\d{5})\d{6}$")
    return said.agg(pl.col("municipality").drop_nulls().last()).with_columns(
        municipality=pl.coalesce("municipality", by_code)
    )


def weeks_together(records: Records, pairs: pl.DataFrame, day: date) -> pl.DataFrame:
    """For each pair, in how many weeks both were seen in class: one child cannot be in two rooms."""
    students = pl.concat([pairs["left"], pairs["right"]]).unique()
    present = (
        records.known_by(day)
        .table("attendance")
        .filter((pl.col("days_absent") < pl.col("days_expected")) & pl.col("student_id").is_in(students.implode()))
    )
    weeks = present.select("student_id", "week").unique().collect(engine="streaming")
    both = (
        pairs.select("left", "right")
        .join(weeks, left_on="left", right_on="student_id")
        .join(weeks, left_on=["right", "week"], right_on=["student_id", "week"])
    )
    counted = both.group_by("left", "right").len("together")
    return pairs.join(counted, on=["left", "right"], how="left").with_columns(
        together=pl.col("together").fill_null(0).cast(pl.Int64)
    )
