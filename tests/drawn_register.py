"""A register in order, drawn by hand: what a test changes in it is what the rules of quality should find."""

from datetime import date, timedelta

import polars as pl
from ascii_tables import day
from personas import YEAR_2024

from features import Records

SUNDAY = day("04-21")
WEEKS = [date(2024, 1, 29) + timedelta(weeks=n) for n in range(12)]
NAMES = ("ana", "leo", "rosa", "juan")


def enrolments(names=NAMES, school="NORTE", seen="01-26", **other):
    """Children of grade 6 who were on roll from the first export on."""
    rows = pl.DataFrame({"student_id": list(names)}).with_columns(
        happened_on=pl.lit(day(seen)), known_on=pl.lit(day(seen)), institution_id=pl.lit(school),
        school_year=pl.lit("2024"), grade=pl.lit(6, pl.Int16), status=pl.lit("ENROLLED"),
    )  # fmt: skip
    return rows.with_columns(**{name: pl.lit(value) for name, value in other.items()})


def persons(names=NAMES, born=date(2012, 5, 1)):
    seen = pl.lit(day("01-26"))
    return pl.DataFrame({"student_id": list(names)}).with_columns(
        happened_on=seen, known_on=seen, birth_date=pl.lit(born)
    )


def attendance(names=NAMES, weeks=WEEKS, absent=0):
    rows = [(name, week, week + timedelta(days=4)) for name in names for week in weeks]
    frame = pl.DataFrame(rows, schema=["student_id", "week", "happened_on"], orient="row")
    return frame.with_columns(known_on="happened_on", days_expected=pl.lit(5), days_absent=pl.lit(absent))


def exports(*told):
    """Enrolment exports: a school and a day."""
    rows = [("detallado", day(seen), day(seen), school, 10) for school, seen in told]
    return pl.DataFrame(rows, schema=["source", "happened_on", "known_on", "institution_id", "rows"], orient="row")


def world(**tables):
    """Four children who come to class every week, about whom there is nothing to say."""
    whole = {"calendar": YEAR_2024, "enrolment": enrolments(), "person": persons(), "attendance": attendance()}
    return Records.from_frames({**whole, **tables})


def link(student="juan", same_as="rosa", verdict="SAME"):
    seen = [day("02-09")]
    cells = {"student_id": [student], "same_as": [same_as], "verdict": [verdict]}
    return pl.DataFrame({**cells, "happened_on": seen, "known_on": seen})
