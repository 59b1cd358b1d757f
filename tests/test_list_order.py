"""Who is on the week's list: the greatest worth first, few needless changes, and a lot only by written decision."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.list_order import (
    BELOW,
    DRAWN_IN,
    DRAWN_OUT,
    FOLLOWED,
    KEPT,
    LISTED,
    ON_THE_LIST,
    WAITS,
    OrderRules,
    UnwrittenDecision,
    first_of_each_draw,
    followed,
    period_of,
    to_do,
)

DAY = date(2024, 5, 5)
BAND = OrderRules(band=10, decision="Resolución 12 de 2024")
LOT = OrderRules(margin=0.8, band=20, decision="Resolución 12 de 2024")
CHANCES = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60)
MARGINS = st.sampled_from([0.0, 0.25, 0.5, 2.0])


def ordered(chances):
    ranked = sorted(range(len(chances)), key=lambda number: -chances[number])
    return pl.DataFrame({"student_id": [f"e{n:03d}" for n in ranked], "score": [float(chances[n]) for n in ranked]})


def city(students=200):
    return ordered([0.5 * 0.97**number for number in range(students)])


def on_list(told):
    return set(told.filter(pl.col("standing").is_in(list(ON_THE_LIST)))["student_id"])


def standing(told, student):
    return told.filter(pl.col("student_id") == student)["standing"].item()


@settings(deadline=None, max_examples=60)
@given(CHANCES, st.integers(1, 70), MARGINS, st.randoms(use_true_random=False))
def test_the_list_has_as_many_as_can_be_contacted_and_loses_nobody(chances, capacity, margin, random):
    everyone = ordered(chances)
    names = everyone["student_id"].to_list()
    previous, busy = (random.sample(names, random.randint(0, len(names))) for _ in range(2))

    told = to_do(everyone, DAY, capacity, OrderRules(margin), previous, busy)

    assert told["student_id"].to_list() == names
    assert told["place"].to_list() == list(range(1, len(names) + 1))
    assert len(on_list(told)) == min(capacity, len(names) - len(busy))
    assert not on_list(told) & set(busy)


@settings(deadline=None, max_examples=60)
@given(CHANCES, st.integers(1, 70), MARGINS, st.randoms(use_true_random=False))
def test_a_listed_child_is_displaced_only_by_one_with_more_chance_than_the_margin(chances, capacity, margin, random):
    everyone = ordered(chances)
    previous = random.sample(everyone["student_id"].to_list(), random.randint(0, everyone.height))
    told = to_do(everyone, DAY, capacity, OrderRules(margin), previous)
    price = margin * float(everyone["score"].head(capacity).min())
    score = dict(told.select("student_id", "score").iter_rows())

    displaced = set(previous) - on_list(told)
    news = on_list(told) - set(previous)

    assert all(score[new] >= score[old] + price for new in news for old in displaced)


@settings(deadline=None, max_examples=60)
@given(CHANCES, st.integers(1, 70), MARGINS, st.randoms(use_true_random=False))
def test_whether_a_child_is_on_the_list_is_told_by_its_distance_from_the_cut_alone(chances, capacity, margin, random):
    everyone = ordered(chances)
    previous = random.sample(everyone["student_id"].to_list(), random.randint(0, everyone.height))

    told = to_do(everyone, DAY, capacity, OrderRules(margin), previous)

    for student, above in told.select("student_id", "above_cut").iter_rows():
        assert (above >= 0) if student in on_list(told) else (above <= 0)


def test_without_a_margin_the_list_is_that_of_the_greatest_worth():
    told = to_do(city(), DAY, 30, OrderRules(), previous=["e150"])

    assert on_list(told) == set(city()["student_id"].head(30))
    assert set(told["standing"]) == {LISTED, BELOW}


def test_a_margin_keeps_a_child_who_has_slipped_a_little_below_the_cut():
    told = to_do(city(), DAY, 30, OrderRules(margin=0.5), previous=["e033", "e120"])

    assert standing(told, "e033") == KEPT
    assert standing(told, "e029") == WAITS
    assert standing(told, "e120") == BELOW


def test_a_greater_margin_never_brings_more_new_names():
    previous = {f"e{number:03d}" for number in range(10, 40)}
    news = [len(on_list(to_do(city(), DAY, 30, OrderRules(m), previous)) - previous) for m in (0, 0.1, 0.3, 1, 5)]

    assert news == sorted(news, reverse=True)
    assert news[0] == 10 and news[-1] == 0


def test_whoever_is_accompanied_leaves_the_to_do_list_and_the_next_takes_the_seat():
    told = to_do(city(), DAY, 30, OrderRules(), followed=["e000", "e005"])

    assert standing(told, "e000") == FOLLOWED
    assert told.filter(pl.col("student_id") == "e000")["above_cut"].item() is None
    assert {"e030", "e031"} <= on_list(told)


def test_a_lot_without_a_written_decision_is_refused_in_a_sentence():
    with pytest.raises(UnwrittenDecision, match="decisión escrita"):
        OrderRules(band=10)


def test_the_lot_changes_seats_near_the_cut_only_and_the_list_keeps_its_length():
    plain, told = to_do(city(), DAY, 30, OrderRules()), to_do(city(), DAY, 30, BAND)

    drawn = set(told.filter(pl.col("standing").is_in([DRAWN_IN, DRAWN_OUT]))["student_id"])
    assert drawn == {f"e{number:03d}" for number in range(20, 40)}
    assert len(on_list(told)) == 30
    assert told.filter(pl.col("standing") == DRAWN_IN).height == 10
    assert on_list(plain) != on_list(told)


def test_anyone_can_draw_the_lot_again_and_it_holds_for_four_weeks():
    first = to_do(city(), DAY, 30, BAND)
    period = [DAY + timedelta(weeks=n) for n in range(9)]

    assert to_do(city(), DAY, 30, BAND).equals(first)
    assert len({tuple(sorted(on_list(to_do(city(), day, 30, BAND)))) for day in period}) in (3, 4)
    assert len({period_of(DAY + timedelta(days=n)) for n in range(280)}) in (10, 11)


def test_the_lot_is_fair_everyone_near_the_cut_is_drawn_in_about_half_of_the_times():
    draws = [on_list(to_do(city(), DAY + timedelta(weeks=4 * n), 30, BAND)) for n in range(60)]

    shares = [sum(f"e{number:03d}" in drawn for drawn in draws) / 60 for number in range(20, 40)]

    assert all(0.25 < share < 0.75 for share in shares)
    assert 0.45 < sum(shares) / 20 < 0.55


def test_where_everybody_has_a_seat_nobody_is_said_to_have_been_drawn():
    assert set(to_do(city(5), DAY, 10, BAND)["standing"]) == {LISTED}


def test_the_lot_does_not_look_at_whoever_is_accompanied():
    told = to_do(city(), DAY, 30, BAND, followed=["e025"])

    assert standing(told, "e025") == FOLLOWED


def visit(student, days_ago, result):
    return {"student_id": student, "visited_on": DAY - timedelta(days=days_ago), "result": result}


def test_a_contact_keeps_a_child_off_the_list_for_four_weeks_unless_nobody_was_found():
    visits = pl.DataFrame(
        [
            visit("rosa", 3, "ATTENDING"),
            visit("luis", 28, "ABSENT"),
            visit("ana", 2, "NOT_FOUND"),
            visit("eva", 20, "ABSENT"),
            visit("eva", 6, "RETURNED"),
        ]
    )

    assert followed(visits, DAY, 4) == {
        "rosa": (DAY - timedelta(days=3), "ATTENDING"),
        "eva": (DAY - timedelta(days=6), "RETURNED"),
    }
    assert followed(visits, DAY, 0) == {}


def bands(seed, weeks=16, students=1_000, seats=60):
    """Weeks of damped lists whose chances wander, with nobody contacted: whom the lot drew, and their chances."""
    rng = np.random.default_rng(seed)
    names, own = [f"y{seed}e{n:04d}" for n in range(students)], rng.normal(-4, 1, students)
    wander, previous, drawn = np.zeros(students), [], []
    for week in range(weeks):
        wander = 0.8 * wander + rng.normal(0, 0.48, students)
        everyone = pl.DataFrame({"student_id": names, "score": 1 / (1 + np.exp(-own - wander))})
        told = to_do(everyone.sort("score", descending=True), DAY + timedelta(weeks=week), seats, LOT, previous)
        previous = list(on_list(told))
        lots = told.filter(pl.col("standing").is_in([DRAWN_IN, DRAWN_OUT]))
        drawn.append(lots.select("student_id", "standing", "score", day=pl.lit(DAY + timedelta(weeks=week))))
    return pl.concat(drawn)


def test_who_was_drawn_in_and_who_was_drawn_out_are_alike_only_the_first_time_of_a_draw():
    def apart(rows):
        within = rows.with_columns(pl.col("score") - pl.col("score").mean().over("day"))
        inside = within.filter(pl.col("standing") == DRAWN_IN)["score"].mean()
        return inside - within.filter(pl.col("standing") == DRAWN_OUT)["score"].mean()

    years = [bands(seed) for seed in range(10)]

    assert np.mean([apart(one) for one in years]) < -0.01
    assert abs(np.mean([apart(first_of_each_draw(one)) for one in years])) < 0.004
