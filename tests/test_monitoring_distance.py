"""How far two weeks are apart: nothing between equal ones, the same in any unit, and a limit that knows of schools."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.monitoring.distance import (
    LEAST_KNOWN,
    Reading,
    Ruler,
    distance,
    psi,
    psi_by_luck,
    reading,
    ruler,
    shared_out,
    worth,
)

SCHOOLS = 5
some_numbers = st.lists(st.floats(-1e6, 1e6, width=32), min_size=LEAST_KNOWN, max_size=120)
some_words = st.lists(st.sampled_from(["MAÑANA", "TARDE", "ÚNICA"]), min_size=LEAST_KNOWN, max_size=120)


def read(values: pl.Series, by: Ruler) -> Reading:
    return reading(values, np.arange(len(values)) % SCHOOLS, SCHOOLS, by)


def apart(now: pl.Series, before: pl.Series) -> tuple[float, float]:
    by = ruler(before)
    told = distance(read(now, by), read(before, by), by)
    return told.psi, told.shift


@settings(max_examples=40)
@given(st.one_of(some_numbers, some_words), st.randoms())
def test_equal_weeks_are_no_distance_apart_in_whatever_order(values, chance):
    before, shuffled = pl.Series(values), list(values)
    chance.shuffle(shuffled)

    assert apart(pl.Series(shuffled), before) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))


@settings(max_examples=40)
@given(some_numbers, some_numbers, st.sampled_from([2.0**-6, 0.5, 4.0, 1024.0]))
def test_the_unit_does_not_matter(now, before, factor):
    here, there = pl.Series(now), pl.Series(before)

    assert apart(here * factor, there * factor) == pytest.approx(apart(here, there), abs=1e-6)


@settings(max_examples=40)
@given(some_numbers, some_numbers)
def test_a_psi_is_never_negative_and_the_same_from_both_sides(now, before):
    by = ruler(pl.Series(before + now))
    here, there = read(pl.Series(now), by).counts, read(pl.Series(before), by).counts

    assert psi(here, there) == pytest.approx(psi(there, here))
    assert psi(here, there) >= 0


@settings(max_examples=40)
@given(some_numbers)
def test_every_child_is_counted_once(values):
    by = ruler(pl.Series(values))
    table = shared_out(np.array(values), np.arange(len(values)) % SCHOOLS, SCHOOLS, by.marks)

    assert table.sum(axis=1) == pytest.approx(np.bincount(np.arange(len(values)) % SCHOOLS, minlength=SCHOOLS))


def test_half_a_deviation_is_told_as_half_in_either_direction():
    values = pl.Series(np.random.default_rng(1).normal(10, 3, 4_000))

    for by in (-0.5, 0.5):
        far, shift = apart(values + by * values.std(), values)
        assert shift == pytest.approx(by, abs=1e-3)
        assert far > 0.15


def test_a_week_of_four_days_of_class_is_no_other_kind_of_week():
    """One absence is a fifth of one week and a quarter of the next: half of the children would change bins."""
    days = np.random.default_rng(2).binomial(4, 0.15, 4_000)

    far, _ = apart(pl.Series(days / 4), pl.Series(days / 5))

    assert far < 0.1


def test_unknown_values_are_told_apart_from_the_known():
    before = pl.Series(np.random.default_rng(3).normal(0, 1, 1_000))
    now = pl.select(pl.when(pl.int_range(1_000) % 4 == 0).then(None).otherwise(before)).to_series()
    by = ruler(before)

    told = distance(read(now, by), read(before, by), by)

    assert told.missing == pytest.approx(0.25)
    assert told.psi < 0.02


def test_a_word_that_nobody_has_heard_is_counted_and_one_the_model_knows_is_not():
    before, now = pl.Series(["A"] * 99 + ["B"]), pl.Series(["A"] * 90 + ["NUEVA"] * 10)

    assert read(now, ruler(before)).unheard == pytest.approx(0.1)
    assert read(now, ruler(before, ["NUEVA"])).unheard == 0


def test_children_of_one_kind_per_school_are_worth_as_many_as_there_are_schools():
    alike = np.diag([300.0] * SCHOOLS)
    unlike = np.full((SCHOOLS, SCHOOLS), 60.0)

    assert worth(alike) == pytest.approx(SCHOOLS)
    assert worth(unlike) == pytest.approx(300 * SCHOOLS)


def test_luck_seldom_passes_its_limit_where_schools_differ():
    """Two draws of the same twelve schools' children, whose schools each have a level of their own that year."""
    rng, passed, over_a_fifth = np.random.default_rng(4), 0, 0
    schools = np.arange(1_200) % 12
    for _ in range(300):
        now, before = (pl.Series(rng.normal(rng.normal(0, 1, 12)[schools], 1)) for _ in range(2))
        by = ruler(before)
        here, there = (reading(one, schools, 12, by) for one in (now, before))
        far = distance(here, there, by).psi
        passed, over_a_fifth = passed + (far > psi_by_luck(here, there)), over_a_fifth + (far > 0.2)

    assert passed <= 9
    assert over_a_fifth >= 30, "which is why the usual limit alone will not do"


def test_what_all_schools_agree_on_is_surer_than_what_one_of_them_says():
    rng = np.random.default_rng(5)
    schools = np.arange(2_000) % SCHOOLS
    before = pl.Series(rng.normal(0, 1, 2_000))
    everywhere, somewhere = before + 0.4, before + np.where(schools == 0, 2.0, 0.0)
    by = ruler(before)
    then = reading(before, schools, SCHOOLS, by)

    all_agree, one_says = (distance(reading(now, schools, SCHOOLS, by), then, by) for now in (everywhere, somewhere))

    assert all_agree.shift == pytest.approx(one_says.shift, abs=0.02)
    assert all_agree.shift_error < 0.01 < 0.3 < one_says.shift_error
