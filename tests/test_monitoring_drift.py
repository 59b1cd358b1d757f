"""In a made-up city hardly an alarm is false, and a variable that moves half a deviation is seen in the same week."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from experiments.benchmarks.alarms import City, caught, made_up
from features import CATALOGUE, build_frame, days_to_score
from models.monitoring.drift import Drift, drift, drift_alarms
from models.planning import year_spans

YEARS = (2021, 2022, 2023, 2024)
NAMES = (
    *("absence_rate_1w", "absence_rate_2w", "absence_rate_year", "absence_beyond_class", "absence_rate_4w_rank"),
    *("failing_share", "failing_share_rank", "mean_score_beyond_grade", "weeks_since_mark", "grade_exit_rate"),
    *("over_age_years", "over_age_beyond_grade", "school_size", "grade", "is_new", "stratum", "guardian_education"),
    *("both_parents", "child_labour", "sisben_group"),
)
"""Of every family that weighs in a model of the made-up city, those of a school among them."""

FAMILIES = {name: CATALOGUE[name].family for name in NAMES}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Four school years, exported every second Friday; no school falls silent in them."""
    records = made_up(tmp_path_factory.mktemp("city"), 900, YEARS, seed=11, every=2)
    frame = build_frame(records, days_to_score(records)).select("student_id", "institution_id", "day", *NAMES)
    by_day = {day: rows for (day,), rows in frame.partition_by("day", as_dict=True).items() if isinstance(day, date)}
    return City(by_day, year_spans(records), NAMES)


def later(city: City) -> list[date]:
    """With two earlier years to compare with, and a week of the same year before."""
    starts = [start for start, *_ in city.years]
    return [day for day in city.days if day.year >= YEARS[2] and all(abs((day - start).days) > 7 for start in starts)]


def redrawn(city: City, seed: int) -> City:
    """The same weeks of another city: its children drawn again within their schools, each with its whole story."""
    rng = np.random.default_rng(seed)
    children = pl.concat([rows.select("student_id") for rows in city.by_day.values()]).unique().sort("student_id")
    often = children.with_columns(_times=pl.Series(rng.poisson(1, children.height)))
    again = {day: rows.join(often, on="student_id") for day, rows in city.by_day.items()}
    return City({day: repeated(rows) for day, rows in again.items()}, city.years, city.names)


def repeated(rows: pl.DataFrame) -> pl.DataFrame:
    return rows[np.repeat(np.arange(rows.height), rows["_times"].to_numpy())].drop("_times")


def one(told: list[Drift]) -> Drift:
    (alone,) = told
    return alone


def test_ten_years_of_weeks_would_hardly_raise_twenty_false_alarms(city: City) -> None:
    """The rate of 20 in 520 weeks, on as many weeks as a test has time for; the whole is a benchmark's."""
    cities = [city, redrawn(city, 1)]
    raised = [list(drift_alarms(each.drift(day), FAMILIES)) for each in cities for day in later(city)]

    assert len(raised) >= 70
    assert sum(map(bool, raised)) <= 20 / 520 * len(raised)


def test_half_a_deviation_of_one_variable_is_seen_in_the_same_week(city: City) -> None:
    numbers = [name for name in NAMES if CATALOGUE[name].kind != "category"]

    seen = caught(city, later(city), numbers, times=100)

    assert sum(hit for hit, _ in seen) >= 95, [name for hit, name in seen if not hit]


def test_the_same_week_of_last_year_is_the_one_to_be_like(city: City) -> None:
    """Marks come once a period: against the year's mean every fourth week would be an alarm."""
    day = later(city)[-10]
    told = one(city.drift(day, ["weeks_since_mark"]))
    season = city.season(day)
    all_year = pl.concat([rows["weeks_since_mark"] for rows in city.by_day.values()])

    moved = abs(city.by_day[day]["weeks_since_mark"].mean() - all_year.mean()) / all_year.std()

    assert moved > abs(told.shift or 0)
    assert abs(told.shift) < 0.1
    assert set(season.earlier) == {"2021", "2022", "2023"}


def test_a_school_that_stops_reporting_is_told_by_what_is_missing_and_by_no_name(city: City) -> None:
    day = later(city)[-4]
    rows = city.by_day[day]
    school = rows["institution_id"].value_counts().sort("count")["institution_id"][-1]
    silent = pl.when(pl.col("institution_id") != school).then(pl.col("absence_rate_2w"))
    told = city.drift(day, ["absence_rate_2w"], rows.with_columns(silent.alias("absence_rate_2w")))

    (alarm, *_) = [found for found in drift_alarms(told, FAMILIES) if found.kind == "missing"]

    assert alarm.seen > 0.1
    assert "permanencia quality" in alarm.sentence
    assert school not in alarm.sentence


def test_a_word_never_heard_is_told_from_one_in_a_hundred_on(city: City) -> None:
    day = later(city)[-4]
    place = pl.int_range(pl.len())
    odd = {
        share: city.by_day[day].with_columns(
            sisben_group=pl.when(place < share * pl.len()).then(pl.lit("Z9")).otherwise("sisben_group")
        )
        for share in (0.005, 0.05)
    }

    kinds = {
        share: {a.kind for a in drift_alarms(city.drift(day, ["sisben_group"], rows), {})}
        for share, rows in odd.items()
    }

    assert "category" not in kinds[0.005]
    assert "category" in kinds[0.05]


def test_with_one_earlier_year_figures_are_told_and_nothing_is_called_a_move(city: City) -> None:
    day = next(day for day in city.days if day.year == YEARS[1] and day.month == 5)

    told = one(city.drift(day, ["over_age_years"], city.shifted(day, "over_age_years", 2.0)))

    assert told.shift == pytest.approx(2.0, abs=0.2)
    assert told.shift_limit is None


def test_what_is_not_known_this_week_or_was_not_in_other_years_is_compared_with_nothing(city: City) -> None:
    day = later(city)[-4]
    season = city.season(day)
    rows = pl.concat([city.by_day[each] for each in season.days])
    gone = rows.with_columns(stratum=pl.when(pl.col("day") != day).then(pl.col("stratum")))
    new = rows.with_columns(stratum=pl.when(pl.col("day") == day).then(pl.col("stratum")))

    for frame, kinds in ((gone, {"missing"}), (new, set())):
        told = drift(frame, season, ["stratum"])
        assert one(told).psi is None
        assert {alarm.kind for alarm in drift_alarms(told, {})} == kinds
