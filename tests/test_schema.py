"""The one description of our tables is whole, and everything else follows it."""

from datetime import date

import polars as pl
import pytest

from features.schema import OPEN_FORMAT_REQUIRED, OPEN_FORMAT_TABLES, TABLES
from features.sources.checks import failures


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_row_says_when_it_happened_and_when_it_was_known(table):
    assert table["happened_on"].dtype == pl.Date() and table["happened_on"].required
    assert table["known_on"].dtype == pl.Date() and table["known_on"].required


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_is_explained_and_every_key_exists(table):
    assert all(column.meaning for column in table.columns)
    assert set(table.key) <= set(table.names)
    assert len(set(table.names)) == len(table.names)


def test_no_table_has_room_for_a_name_or_a_document():
    told = {name for table in TABLES.values() if table.name != "institution" for name in table.names}
    assert not {"name", "document", "document_number", "address", "phone", "per_id"} & told


def test_the_open_format_is_made_of_our_tables():
    assert set(OPEN_FORMAT_REQUIRED) < set(OPEN_FORMAT_TABLES) < set(TABLES)


DAY = date(2024, 3, 8)


def attendance(**other: object) -> pl.DataFrame:
    rows = {"student_id": "a", "happened_on": DAY, "known_on": DAY, "week": DAY, "days_expected": 5, "days_absent": 1}
    return pl.DataFrame([rows, {**rows, **other}, rows], schema=TABLES["attendance"].dtypes)


@pytest.mark.parametrize(
    ("column", "value"), [("days_absent", 8), ("days_absent", -1), ("days_expected", None), ("student_id", None)]
)
def test_a_row_outside_the_bounds_is_found_with_its_place(column, value):
    found = failures("attendance", attendance(**{column: value}))
    assert {name: rows.to_list() for name, rows in found.items()} == {column: [False, True, False]}


def test_all_failures_of_a_table_are_found_at_once():
    found = failures("attendance", attendance(days_absent=9, student_id=None))
    assert set(found) == {"days_absent", "student_id"}


def test_rows_within_the_bounds_are_let_through():
    assert failures("attendance", attendance(days_absent=5)) == {}


def test_a_column_of_another_type_is_our_own_mistake_and_says_so():
    with pytest.raises(TypeError, match="days_absent"):
        failures("attendance", attendance().cast({"days_absent": pl.String}))
