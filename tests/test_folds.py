"""Earlier days teach, later days judge, and no departure is counted on both sides."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.folds import NotEnoughDays, by_time, judged_days, unseen_schools

START = date(2021, 1, 31)


def weeks(count: int, step: int = 4, start: date = START) -> list[date]:
    return [start + timedelta(weeks=step * n) for n in range(count)]


def year(day: date) -> str:
    return str(day.year)


@settings(max_examples=200, deadline=None)
@given(
    count=st.integers(10, 160),
    step=st.integers(1, 5),
    horizon=st.integers(1, 12),
    delay=st.integers(0, 12),
    stop=st.floats(0.1, 0.4),
    calibrate=st.floats(0.1, 0.4),
)
def test_parts_follow_each_other_in_time_with_the_horizon_between_them(
    count: int, step: int, horizon: int, delay: int, stop: float, calibrate: float
) -> None:
    days = weeks(count, step)
    try:
        fold = by_time(days, year, horizon, delay, stop, calibrate)
    except NotEnoughDays:
        return

    assert fold.stop[0] - fold.fit[-1] >= timedelta(weeks=horizon)
    assert fold.calibrate[0] - fold.stop[-1] >= timedelta(weeks=horizon)
    assert fold.test[0] - fold.calibrate[-1] >= timedelta(weeks=horizon + delay)
    parts = [*fold.fit, *fold.stop, *fold.calibrate, *fold.test]
    assert parts == sorted(set(parts))
    assert set(parts) <= set(days)


def test_with_several_years_the_last_one_judges_whole() -> None:
    days = weeks(39)

    fold = by_time(days, year, horizon_weeks=4, delay_weeks=4)

    assert {day.year for day in fold.test} == {2023}
    assert list(fold.test) == [day for day in days if day.year == 2023]
    assert {day.year for day in fold.grown_on + fold.calibrate} == {2021, 2022}


def test_within_one_year_the_last_part_of_its_days_judges() -> None:
    days = weeks(30, step=1)

    fold = by_time(days, lambda day: "2021", horizon_weeks=2, delay_weeks=1, test_share=0.3)

    assert list(fold.test) == days[-9:]
    assert fold.calibrate[-1] <= days[-9] - timedelta(weeks=3)


def test_the_judged_period_can_be_chosen_and_everything_later_is_left_alone() -> None:
    days = weeks(39)
    first, last = date(2022, 6, 1), date(2022, 9, 30)

    fold = by_time(days, year, 4, 4, test_from=first, test_until=last)

    assert all(first <= day <= last for day in fold.test)
    assert max(fold.calibrate) < first


def test_a_chosen_period_without_days_is_refused_in_a_sentence() -> None:
    with pytest.raises(NotEnoughDays, match="Ningún corte cae en el periodo"):
        by_time(weeks(20), year, 4, 4, test_from=date(2030, 1, 1))


def test_too_few_days_are_refused_rather_than_judged_on_what_they_taught() -> None:
    with pytest.raises(NotEnoughDays, match="Se necesitan al menos tres"):
        by_time(weeks(3), lambda day: "2021", 4, 4)


def test_school_years_count_by_their_last_day_not_by_their_name() -> None:
    named = {day: ("2013J" if day >= date(2021, 9, 1) else "2013K") for day in weeks(12)}

    assert judged_days(list(named), named.__getitem__, 0.3) == [day for day, name in named.items() if name == "2013J"]


def test_unseen_schools_are_whole_drawn_once_and_again_the_same() -> None:
    schools = pl.Series([f"school-{n % 20}" for n in range(400)] + [None])

    out = unseen_schools(schools, 0.25, seed=1)

    assert len(out) == 5
    assert out == unseen_schools(schools.shuffle(seed=3), 0.25, seed=1)
    assert out != unseen_schools(schools, 0.25, seed=2)
