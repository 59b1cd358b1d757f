"""What teaches and what does not: ripe days, those who stayed or left; and nobody who left is thinned away."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import logistic_line, sigmoid
from models.examples import excluded_counts, in_portions, labelled, ripe_days, spaced, stacked, thinned

MONDAY = date(2024, 3, 3)
COLUMNS = ("told", "label", "weight")
LATER = MONDAY + timedelta(weeks=4)


def told(*rows: tuple[str, date, str, bool]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["student_id", "day", "outcome", "ripe"], orient="row")


def test_whoever_s_fate_is_known_teaches_and_the_others_are_counted() -> None:
    outcomes = told(
        ("a", MONDAY, "STAYED", True),
        ("b", MONDAY, "LEFT", True),
        ("c", MONDAY, "MOVED", True),
        ("d", MONDAY, "UNKNOWN", True),
        ("e", MONDAY, "GRADUATED", True),
        ("f", MONDAY, "MOVED", True),
    )

    labels = labelled(outcomes)

    assert dict(labels.select("student_id", "label").rows()) == {"a": 0, "b": 1, "c": 0, "e": 0, "f": 0}
    assert dict(labels.select("student_id", "moved").rows()) == {"a": 0, "b": 0, "c": 1, "e": 0, "f": 1}
    assert excluded_counts(outcomes) == {"UNKNOWN": 1}


def test_a_day_that_is_not_over_teaches_nothing_even_of_those_already_known_to_have_left() -> None:
    outcomes = told(
        ("a", MONDAY, "STAYED", True),
        ("b", MONDAY, "LEFT", True),
        ("a", LATER, "STAYED", False),
        ("b", LATER, "LEFT", True),
    )

    assert ripe_days(outcomes) == [MONDAY]
    assert labelled(outcomes)["day"].unique().to_list() == [MONDAY]
    assert excluded_counts(outcomes) == {"UNRIPE": 2}


def test_features_meet_the_outcome_of_the_same_student_and_the_same_day() -> None:
    frame = pl.DataFrame({"student_id": ["b", "a", "a"], "day": [MONDAY, LATER, MONDAY], "x": [2.0, 3.0, 1.0]})
    labels = labelled(told(("a", MONDAY, "LEFT", True), ("b", MONDAY, "STAYED", True)))

    joined = stacked(frame, labels)

    assert joined.select("student_id", "x", "label").rows() == [("a", 1.0, 1), ("b", 2.0, 0)]


@settings(max_examples=25, deadline=None)
@given(left=st.integers(0, 30), stayed=st.integers(100, 800), most=st.integers(60, 400), seed=st.integers(0, 9))
def test_thinning_keeps_all_who_left_and_the_weight_of_those_who_stayed(
    left: int, stayed: int, most: int, seed: int
) -> None:
    labels = pl.DataFrame(
        {
            "student_id": [f"s{n}" for n in range(left + stayed)],
            "day": [MONDAY] * (left + stayed),
            "label": [1] * left + [0] * stayed,
            "weight": [1.0] * (left + stayed),
        }
    )

    fewer = thinned(labels, most, seed)

    assert fewer["label"].sum() == left
    assert fewer.select(pl.col("weight").sum()).item() == pytest.approx(left + stayed)
    assert fewer.height == min(most, left + stayed)


def test_thinning_keeps_whoever_moved_as_well() -> None:
    labels = pl.DataFrame({"student_id": [f"s{n}" for n in range(500)], "day": MONDAY, "label": 0, "weight": 1.0})
    labels = labels.with_columns(moved=(pl.int_range(pl.len()) % 10 == 0).cast(pl.Int8))

    fewer = thinned(labels, 100, 7)

    assert fewer["moved"].sum() == 50
    assert fewer.filter(pl.col("moved") == 1)["weight"].to_list() == [1.0] * 50
    assert fewer["weight"].sum() == pytest.approx(500)


def test_where_more_left_than_there_is_room_for_they_are_thinned_as_well() -> None:
    labels = pl.DataFrame({"student_id": [f"s{n}" for n in range(900)], "day": MONDAY, "weight": 1.0})
    labels = labels.with_columns(label=(pl.int_range(pl.len()) % 3 == 0).cast(pl.Int8))

    fewer = thinned(labels, 100, 7)

    assert fewer["label"].value_counts(sort=True)["count"].to_list() == [50, 50]
    assert fewer.filter(pl.col("label") == 1)["weight"].sum() == pytest.approx(300)
    assert fewer["weight"].sum() == pytest.approx(900)


def test_what_was_thinned_can_be_thinned_again() -> None:
    labels = pl.DataFrame({"student_id": [f"s{n}" for n in range(2_000)], "day": MONDAY, "label": 0, "weight": 1.0})

    twice = thinned(thinned(labels, 500, 7), 100, 7)

    assert twice.height == 100
    assert twice.sort("student_id").equals(thinned(labels, 100, 7).sort("student_id"))


def test_over_many_draws_a_weighted_sum_is_the_sum_over_all_and_the_intercept_is_not_bent() -> None:
    rng = np.random.default_rng(1)
    told = rng.normal(size=4000)
    label = (rng.random(4000) < sigmoid(-3.5 + told)).astype(int)
    labels = pl.DataFrame(
        {"student_id": [f"s{n}" for n in range(4000)], "day": MONDAY, "label": label, "weight": 1.0, "told": told}
    )
    whole = logistic_line(told, label.astype(float))

    draws = [thinned(labels, 800, seed) for seed in range(60)]

    sums = [float((draw["weight"] * draw["told"]).sum()) for draw in draws]
    assert np.mean(sums) == pytest.approx(told.sum(), abs=4 * np.std(sums) / np.sqrt(60))
    lines = np.array([logistic_line(*(draw[c].cast(pl.Float64).to_numpy() for c in COLUMNS)) for draw in draws])
    assert lines.mean(axis=0) == pytest.approx(whole, abs=0.03)
    unweighted = draws[0].with_columns(weight=pl.lit(1.0))
    assert logistic_line(*(unweighted[c].cast(pl.Float64).to_numpy() for c in COLUMNS))[1] > whole[1] + 1


def test_thinning_draws_the_same_students_each_time() -> None:
    labels = pl.DataFrame({"student_id": [f"s{n}" for n in range(500)], "day": MONDAY, "label": 0, "weight": 1.0})

    once, shuffled = thinned(labels, 100, 7), thinned(labels.sample(fraction=1, shuffle=True, seed=1), 100, 7)

    assert once.sort("student_id").equals(shuffled.sort("student_id"))
    assert not once.equals(thinned(labels, 100, 8))


@given(st.integers(1, 200), st.integers(1, 60))
def test_spaced_days_keep_the_last_one_and_their_order(count: int, most: int) -> None:
    days = [MONDAY + timedelta(weeks=n) for n in range(count)]

    kept = spaced(days, most)

    assert kept[-1] == days[-1]
    assert kept == sorted(set(kept))
    assert len(kept) == min(count, most)


@given(st.integers(0, 50), st.integers(1, 400_000))
def test_portions_hold_every_day_once(count: int, students: int) -> None:
    days = [MONDAY + timedelta(weeks=n) for n in range(count)]

    portions = list(in_portions(days, students))

    assert [day for portion in portions for day in portion] == days
    assert all(len(portion) == 1 or len(portion) * students <= 1_000_000 for portion in portions)
