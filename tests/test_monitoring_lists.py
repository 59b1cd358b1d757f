"""What is watched of lists and files: chances that came true, names that come and go, delays, files that stay away."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from judged_city import judged_city

from models.monitoring.freshness import class_weeks, expiry_alarms, freshness, list_alarms, stale_alarms
from models.monitoring.label_delays import delays, label_alarms
from models.monitoring.list_changes import churn, churn_alarms
from models.monitoring.ripe_scores import calibration_alarms, came_true
from models.monitoring.seasons import same_season

YEARS = [(date(year, 1, 22), date(year, 11, 29), str(year)) for year in (2021, 2022, 2023, 2024)]
SUNDAYS = [date(2021, 1, 31) + timedelta(weeks=n) for n in range(200)]
TODAY = date(2024, 5, 12)


# Whether the chances came true


def truths(seed: int, times: float = 1.0) -> pl.DataFrame:
    """Eight ripe lists of a city of schools that differ; the chances that were told are so many times the true ones."""
    rows = judged_city(students=1_500, weeks=8, schools=12, seed=seed, school_effect=0.3)
    left = (pl.col("outcome") == "LEFT").cast(pl.Int8)
    return rows.select("student_id", "day", "institution_id", score=pl.col("truth") * times, left=left)


def test_true_chances_are_left_in_peace_and_doubled_or_halved_ones_are_not():
    peace = sum(bool(list(calibration_alarms(came_true(truths(seed))))) for seed in range(60))
    found = [
        len(list(calibration_alarms(came_true(truths(seed, times))))) for seed in range(10) for times in (0.5, 2.0)
    ]

    assert peace <= 1
    assert all(found)


def test_who_says_what_was_expected_and_what_happened():
    (alarm, *_) = calibration_alarms(came_true(truths(1, 2.0)))

    assert alarm.seen == pytest.approx(0.5, abs=0.1)
    assert "anuncia de más" in alarm.sentence
    assert "Entre todos los estudiantes se esperaban" in alarm.sentence


def test_few_expected_departures_say_nothing():
    told = came_true(truths(1).head(200).with_columns(score=pl.lit(0.01)))

    assert [one.ratio for one in told] == [None, None]
    assert not list(calibration_alarms(told))


def test_a_child_told_eight_times_is_not_eight_children():
    once = truths(3).filter(pl.col("day") == pl.col("day").min())
    eight = pl.concat([once.with_columns(day=pl.col("day") + timedelta(weeks=n)) for n in range(8)])

    one, again = came_true(once)[0], came_true(eight)[0]

    assert again.ratio == pytest.approx(one.ratio)
    assert again.high - again.low == pytest.approx(one.high - one.low, rel=0.1)


# The names on the list


def weekly(new: list[float], seats: int = 40, models: list[str] | None = None) -> pl.DataFrame:
    """A list per Sunday of which such shares are new."""
    names, rows, last = list(range(seats)), [], seats
    for number, share in enumerate([0.0, *new]):
        fresh = round(share * seats)
        names, last = [*names[fresh:], *range(last, last + fresh)], last + fresh
        rows += [
            {"student_id": f"{name:08x}", "day": SUNDAYS[number], "model": (models or ["1"] * 99)[number]}
            for name in names
        ]
    return pl.DataFrame(rows)


def test_a_list_that_changes_as_it_always_does_raises_nothing():
    rng, raised = np.random.default_rng(6), 0
    for _ in range(200):
        raised += len(list(churn_alarms(churn(weekly(rng.beta(12, 28, 20).tolist())))))

    assert raised <= 2


@pytest.mark.parametrize(("last", "said"), [(0.95, "hasta"), (0.0, "los de la anterior")])
def test_a_list_turned_over_and_one_that_stands_still_are_told(last, said):
    (alarm,) = churn_alarms(churn(weekly([0.45, 0.5, 0.55] * 6 + [last])))

    assert alarm.seen == pytest.approx(last)
    assert said in alarm.sentence


def test_another_models_list_and_one_after_a_recess_are_compared_with_none():
    shares = [0.5] * 10
    after_recess = weekly(shares).with_columns(
        day=pl.when(pl.col("day") == SUNDAYS[10]).then(SUNDAYS[14]).otherwise("day")
    )

    assert churn(weekly(shares, models=["1"] * 10 + ["2"])) is None
    assert churn(after_recess) is None
    assert churn(weekly([0.5] * 5)).usual is None


# How late the register hears


def departures(late: float, seed: int = 1, until: date = TODAY) -> pl.DataFrame:
    """Three departures a week; the share heard of after six weeks is larger in the last thirteen."""
    rng, rows = np.random.default_rng(seed), []
    for n in range(3 * 170):
        heard = until - timedelta(days=int(n * 7 / 3))
        often = late if n < 39 else 0.1
        rows.append({"left_on": heard - timedelta(days=42 if rng.random() < often else 7), "first_known_on": heard})
    return pl.DataFrame(rows)


def test_a_register_that_slows_down_is_told_and_one_that_does_not_is_not():
    quiet = [list(label_alarms(delays(departures(0.1, seed), TODAY, 4))) for seed in range(40)]
    (alarm,) = label_alarms(delays(departures(0.9), TODAY, 4))

    assert sum(map(bool, quiet)) <= 1
    assert "tardaron más de 4 semanas" in alarm.sentence


def test_a_few_departures_compare_with_nothing_and_unknown_fates_are_told():
    told = delays(departures(0.9).head(10), TODAY, 4, unknown=0.3)

    assert told.limit is None
    assert [one.what for one in label_alarms(told)] == ["destinos"]


# Files that stay away


def fridays(first: date, last: date, weeks: int = 1) -> list[date]:
    days = [first + timedelta(weeks=weeks * n) for n in range(400) if first + timedelta(weeks=weeks * n) <= last]
    return [day for day in days if any(class_weeks(day - timedelta(days=1), day, YEARS) for _ in "1")]


def test_a_weekly_file_is_waited_for_two_weeks_of_class_and_no_longer():
    came = fridays(date(2023, 2, 3), date(2024, 4, 19))

    assert not freshness("detallado", came, date(2024, 5, 5), YEARS).stale
    (alarm,) = stale_alarms([freshness("detallado", came, date(2024, 5, 12), YEARS)])
    assert (alarm.seen, alarm.limit) == (3.0, 2.0)
    assert alarm.sentence.startswith("«detallado» no llega desde el 19/04/2024: 3 semanas de clase")


def test_no_file_is_missed_in_the_holidays_and_none_that_seldom_comes():
    came = fridays(date(2023, 2, 3), date(2023, 11, 24))

    assert not freshness("detallado", came, date(2024, 1, 28), YEARS).stale
    assert freshness("simpade", came[-3:], TODAY, YEARS).limit is None


def test_in_no_week_of_years_is_a_file_missed_that_comes_each_week_of_class():
    came = fridays(date(2021, 1, 29), date(2024, 11, 29))

    assert not [day for day in SUNDAYS[8:] if freshness("detallado", came, day, YEARS).stale]


def test_a_list_that_nobody_makes_and_a_model_whose_time_is_over_are_told():
    old = list(list_alarms(date(2024, 4, 14), TODAY, YEARS))

    assert [one.what for one in old] == ["lista"]
    assert not list(list_alarms(date(2024, 5, 5), TODAY, YEARS))
    assert [one.seen for one in expiry_alarms(date(2024, 5, 2), TODAY)] == [10.0]
    assert not list(expiry_alarms(TODAY, TODAY))


# With which weeks a week is compared


def test_a_week_is_compared_with_its_own_season_of_the_last_three_years_before():
    season = same_season(TODAY, SUNDAYS, YEARS)

    assert list(season.earlier) == ["2021", "2022", "2023"]
    for name, days in season.earlier.items():
        assert len(days) in (6, 7)
        assert all(abs(day.replace(year=2024) - TODAY) <= timedelta(days=23) for day in days), name
    assert season.recent[TODAY] == (TODAY - timedelta(weeks=2), TODAY - timedelta(weeks=1))


def test_an_old_model_is_compared_with_the_years_that_taught_and_judged_it():
    assert list(same_season(TODAY, SUNDAYS, YEARS, taught=[SUNDAYS[3]]).earlier) == ["2021", "2022"]


def test_in_the_holidays_and_in_the_first_year_there_is_nothing_to_compare_with():
    assert not same_season(date(2024, 1, 7), SUNDAYS, YEARS).earlier
    assert not same_season(date(2021, 5, 9), SUNDAYS, YEARS).earlier
