"""What teaches and what does not: ripe days, those who stayed or left; and nobody who left is thinned away."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.examples import excluded_counts, in_portions, labelled, ripe_days, spaced, stacked, thinned

MONDAY = date(2024, 3, 3)
LATER = MONDAY + timedelta(weeks=4)


def told(*rows: tuple[str, date, str, bool]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["student_id", "day", "outcome", "ripe"], orient="row")


def test_only_those_who_stayed_or_left_teach_and_the_others_are_counted() -> None:
    outcomes = told(
        ("a", MONDAY, "STAYED", True),
        ("b", MONDAY, "LEFT", True),
        ("c", MONDAY, "MOVED", True),
        ("d", MONDAY, "UNKNOWN", True),
        ("e", MONDAY, "GRADUATED", True),
        ("f", MONDAY, "MOVED", True),
    )

    labels = labelled(outcomes)

    assert dict(labels.select("student_id", "label").rows()) == {"a": 0, "b": 1}
    assert excluded_counts(outcomes) == {"GRADUATED": 1, "MOVED": 2, "UNKNOWN": 1}


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
    assert fewer.height <= max(int(most * 1.6), left)


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
