"""Earlier days teach, later days judge, and no departure is counted on both sides."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.folds import NotEnoughDays, by_time, judged_days, unseen_schools
from models.hold_outs import LATER, SEEN, TAUGHT, UNSEEN, cells, hold_out_table, never_seen, teaching_rows
from models.time_folds import TimeFolds

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


@settings(max_examples=100, deadline=None)
@given(count=st.integers(8, 120), step=st.integers(1, 5), gap=st.integers(0, 12))
def test_scikit_learns_folds_leave_the_gap_and_judge_later_than_they_teach(count: int, step: int, gap: int) -> None:
    days = weeks(count, step)
    frame = pl.DataFrame({"day": days * 3, "student_id": [f"s{n}" for n in range(3 * count)]})

    for teaches, judges in TimeFolds(gap).split(frame):
        last, first = frame["day"][teaches].max(), frame["day"][judges].min()
        assert first - last >= timedelta(weeks=gap)  # type: ignore[operator]
        assert not set(teaches.tolist()) & set(judges.tolist())


def test_each_later_school_year_judges_once_whole() -> None:
    frame = pl.DataFrame({"day": weeks(39)})

    folds = list(TimeFolds(gap_weeks=8).split(frame))

    assert [{day.year for day in frame["day"][judges]} for _, judges in folds] == [{2022}, {2023}]
    assert [set(frame["day"][judges].to_list()) for _, judges in folds] == [
        {day for day in frame["day"] if day.year == year} for year in (2022, 2023)
    ]


def test_unseen_schools_judge_and_never_teach() -> None:
    frame = pl.DataFrame({"day": weeks(39) * 2, "institution_id": ["a"] * 39 + ["b"] * 39})

    for teaches, judges in TimeFolds(8, unseen=["b"]).split(frame):
        assert set(frame["institution_id"][teaches]) == {"a"}
        assert set(frame["institution_id"][judges]) == {"b"}


def test_scikit_learn_itself_can_use_the_folds() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    rng = np.random.default_rng(1)
    days = np.array(weeks(39) * 20)
    features = rng.normal(size=(len(days), 2))
    label = (features[:, 0] > 0).astype(int)
    folds = TimeFolds(gap_weeks=8)

    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=folds)
    search.fit(features, label, groups=days)

    assert folds.get_n_splits(features, groups=days) == 2
    assert search.best_score_ > 0.9


def test_folds_take_the_days_as_polars_pandas_or_numpy_give_them() -> None:
    frame = pl.DataFrame({"day": weeks(39)})
    once = [judges.tolist() for _, judges in TimeFolds(8).split(frame)]

    assert once == [judges.tolist() for _, judges in TimeFolds(8).split(frame.to_pandas())]
    assert once == [judges.tolist() for _, judges in TimeFolds(8).split(None, groups=frame["day"].to_numpy())]


def test_the_four_hold_outs_part_every_row_and_only_the_seen_teach() -> None:
    frame = pl.DataFrame({"day": weeks(39) * 50, "student_id": [f"s{n // 39}" for n in range(39 * 50)]})
    apart = never_seen(frame["student_id"], 0.3, seed=1)
    first = date(2023, 1, 1)

    held = cells(frame, first, apart)
    taught = teaching_rows(held, [day for day in weeks(39) if day < first])

    assert held.group_by("student", "period").len().height == 4
    assert 0 < len(apart) < 50 and apart.equals(never_seen(frame["student_id"].reverse(), 0.3, seed=1))
    assert not set(taught["student_id"]) & set(apart)
    assert taught["day"].max() < first  # type: ignore[operator]


def test_what_was_learnt_by_heart_shows_in_the_seen_cells_alone() -> None:
    rng = np.random.default_rng(3)
    frame = pl.DataFrame({"day": weeks(39) * 60, "student_id": [f"s{n // 39}" for n in range(39 * 60)]})
    apart = never_seen(frame["student_id"], 0.4, seed=1)
    label = pl.Series("label", rng.integers(0, 2, frame.height))
    held = cells(frame, date(2023, 1, 1), apart).with_columns(label)
    by_heart = held.select(pl.when(pl.col("student") == SEEN).then("label").otherwise(0.5)).to_series()

    table = hold_out_table(held, by_heart)

    told = {(row["student"], row["period"]): row["auc"] for row in table.iter_rows(named=True)}
    assert {told[SEEN, TAUGHT], told[SEEN, LATER]} == {1.0}
    assert {told[UNSEEN, TAUGHT], told[UNSEEN, LATER]} == {0.5}
