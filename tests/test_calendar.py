"""School years have forty weeks with students, and pauses in the right places."""

from datetime import date, timedelta

import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from features.calendar import SchoolYear, monday_of, next_sunday, school_year_of, sunday_before

years = st.integers(2010, 2040).map(str)
days = st.dates(date(2010, 1, 1), date(2040, 12, 31))


@given(years, st.sampled_from(["A", "B"]))
def test_a_school_year_has_forty_teaching_mondays_in_order(name, calendar):
    weeks = SchoolYear(name, calendar).weeks

    assert len(weeks) == 40
    assert list(weeks) == sorted(set(weeks))
    assert all(monday.weekday() == 0 for monday in weeks)


@given(years)
def test_holy_week_is_never_taught(name):
    assert not SchoolYear(name).is_teaching(monday_of(easter(int(name))))


@given(years)
def test_the_october_recess_is_the_week_before_the_holiday_monday(name):
    holiday = next(d for n in range(7) if (d := date(int(name), 10, 12) + timedelta(days=n)).weekday() == 0)

    assert not SchoolYear(name).is_teaching(holiday - timedelta(days=7))
    assert SchoolYear(name).is_teaching(holiday)


@given(years)
def test_calendar_a_runs_from_late_january_to_the_turn_of_december(name):
    year = SchoolYear(name)

    assert year.starts_on.month == 1
    assert date(int(name), 11, 20) <= year.ends_on <= date(int(name), 12, 7)


@given(years)
def test_calendar_b_ends_before_the_middle_of_the_next_year_has_passed(name):
    assert date(int(name) + 1, 6, 1) <= SchoolYear(name, "B").ends_on <= date(int(name) + 1, 7, 15)


@given(days)
def test_the_list_of_a_monday_looks_from_the_sunday_before(day):
    sunday = sunday_before(monday_of(day))

    assert sunday.weekday() == 6
    assert sunday < monday_of(day)


@given(days)
def test_what_arrives_on_a_day_is_first_looked_at_on_the_sunday_that_follows(day):
    assert next_sunday(day).weekday() == 6
    assert timedelta(0) <= next_sunday(day) - day < timedelta(days=7)


@pytest.mark.parametrize(
    ("day", "year"), [("2024-03-04", "2024"), ("2024-01-22", "2024"), ("2024-12-24", None), ("2024-01-10", None)]
)
def test_a_day_is_in_a_school_year_or_in_the_holidays(day, year):
    found = school_year_of(date.fromisoformat(day))

    assert (found.name if found else None) == year


def test_the_week_number_counts_teaching_weeks_begun():
    year = SchoolYear("2024")

    assert year.week_number(date(2024, 1, 1)) == 0
    assert year.week_number(year.weeks[9]) == 10
    assert year.week_number(date(2024, 12, 31)) == 40
