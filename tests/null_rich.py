"""A small register in which any cell that may be empty often is: what engines disagree about, if they do."""

import random
from datetime import date, timedelta

import polars as pl

from features.schema import TABLES

FIRST, LAST = date(2023, 1, 23), date(2024, 6, 14)
SMALL = {
    "institution_id": ["NORTE", "SUR", "LAGO"],
    "campus_id": ["SEDE-1"],
    "class_group": ["0101"],
    "grade": [5, 6, 6, 99],
    "comuna": ["1"],
    "municipality": ["76001"],
    "household_id": ["casa-1", "casa-2", "casa-3", "casa-4", "casa-5"],
    "period": ["1", "2"],
    "area": ["MAT", "LEN"],
    "strategy": ["SCHOOL_FEEDING", "SCHOOL_TRANSPORT", "PSYCHOSOCIAL_SUPPORT", "OTHER"],
    "shift": ["MORNING"],
    "teaching_model": ["TRADITIONAL", "FLEXIBLE"],
    "country_of_origin": ["COL", "VEN"],
    "source": ["detallado", "inasistencia"],
    "status": ["ENROLLED"] * 6 + ["WITHDRAWN", "NOT_SEEN", "TRANSFERRED", "CANCELLED"],
}
ROWS = {"enrolment": 600, "attendance": 5000, "progress": 700, "institution": 12, "report": 40}
NEVER_EMPTY = ("student_id", "happened_on", "known_on", "institution_id", "school_year", "status", "week")
TWO_YEARS = pl.DataFrame(
    {
        "school_year": ["2023", "2024"],
        "happened_on": [date(2023, 1, 1), date(2024, 1, 1)],
        "known_on": [date(2023, 1, 1), date(2024, 1, 1)],
        "starts_on": [FIRST, date(2024, 1, 22)],
        "ends_on": [date(2023, 11, 24), date(2024, 11, 22)],
        "institution_id": [None, None],
    },
    schema_overrides={"institution_id": pl.String},
)


def null_rich(students=60, seed=7):
    """Every table of the schema by name, each with the columns of its schema and one ``x_`` column where it may."""
    draw = random.Random(seed)
    drawn = {name: _table(draw, name, students) for name in TABLES if name not in ("calendar", "link")}
    return {**drawn, "calendar": TWO_YEARS}


def _table(draw, name, students):
    schema = TABLES[name]
    rows = [_row(draw, schema, students) for _ in range(ROWS.get(name, 250))]
    frame = pl.DataFrame(rows, schema=schema.dtypes)
    own = [draw.choice([None, 0.5, 1.25, 3.0]) for _ in rows]
    return frame.with_columns(x_own=pl.Series(own, dtype=pl.Float64)) if schema.extensible else frame


def _row(draw, schema, students):
    happened = FIRST + timedelta(days=draw.randrange((LAST - FIRST).days))
    known = happened + timedelta(days=draw.choice([0, 0, 3, 10, 40]))
    year = str(happened.year)
    fixed = {"student_id": f"n{draw.randrange(students):02}", "happened_on": happened, "known_on": known}
    fixed |= {"school_year": year, "week": happened - timedelta(days=happened.weekday())}
    return {column.name: fixed.get(column.name) or _cell(draw, column, happened) for column in schema.columns}


def _cell(draw, column, happened):
    if column.name not in NEVER_EMPTY and draw.random() < 0.3:
        return None
    if column.name in SMALL:
        return draw.choice(SMALL[column.name])
    if column.allowed:
        return draw.choice(column.allowed)
    if column.dtype == pl.Boolean:
        return draw.random() < 0.5
    if column.name == "birth_date":
        return date(draw.randrange(2005, 2018), draw.randrange(1, 13), draw.randrange(1, 28))
    if column.dtype == pl.Date:
        return happened + timedelta(days=draw.randrange(-20, 60))
    if column.dtype.is_integer():
        return draw.randint(int(column.minimum or 0), int(min(column.maximum or 11, 11)))
    if column.dtype.is_float():
        return round(draw.uniform(column.minimum or 0, column.maximum or 100), 1)
    return draw.choice(["a", "b"])
