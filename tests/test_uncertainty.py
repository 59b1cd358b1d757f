"""How sure a chance is: true of those drawn alike, wider where less is known, told as a count, or not told at all."""

import warnings
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import sigmoid
from models.examples import thinned
from models.ranking import TIE_SEED
from models.uncertainty import (
    NOT_ENOUGH,
    Interval,
    Uncertainty,
    fit_uncertainty,
    frequency,
    one_day_each,
    venn_abers,
)
from models.wording import faults

DAYS = [date(2024, 2, 4) + timedelta(weeks=n) for n in range(6)]
SAME_SPAN = DAYS[2:]
"""Four weeks in one of the spans into which days are counted off."""


def told(students=2_000, seed=1, days=1, height=-2.5):
    rng = np.random.default_rng(seed)
    raw = np.repeat(rng.normal(height, 1.2, students), days)
    left = (rng.random(len(raw)) < sigmoid(raw)).astype(float)
    names = [f"e{n}" for n in range(students) for _ in range(days)]
    return pl.DataFrame({"student_id": names, "day": DAYS[:days] * students, "raw": raw, "label": left})


def test_the_two_chances_are_those_of_the_published_package():
    rows = told(300)
    raw, label = rows["raw"].to_numpy().round(2), rows["label"].to_numpy()
    with warnings.catch_warnings(), np.errstate():
        warnings.simplefilter("ignore")  # it divides by zero on its way
        from venn_abers import VennAbers

        oracle = VennAbers().fit(np.column_stack([-raw, raw]), label)
        asked, low, high = venn_abers(raw, label, np.ones_like(label))
        theirs = oracle.predict_proba(np.column_stack([-asked, asked]))[1]

    assert np.abs(np.column_stack([low, high]) - theirs).max() < 1e-9


def test_the_interval_holds_the_share_that_left_among_others_drawn_alike():
    fitted = fit_uncertainty(told(20_000))
    others = told(60_000, seed=2)
    raw = others["raw"].to_numpy()
    ends = fitted.intervals(raw, sigmoid(raw))
    low, high = (np.mean([getattr(end, side) for end in ends]) for side in ("low", "high"))

    assert low <= others["label"].mean() <= high
    assert high - low < 0.02


def test_it_is_wider_where_fewer_have_been_seen():
    few, many = (fit_uncertainty(told(n)).intervals(np.array([0.0]), np.array([0.5]))[0] for n in (800, 40_000))

    assert few.high - few.low > many.high - many.low


def test_beyond_every_known_score_nearly_everything_is_possible():
    far = fit_uncertainty(told(3_000)).intervals(np.array([9.0]), np.array([0.9]))[0]

    assert far.high == 1.0


@given(st.floats(-12, 6), st.floats(0, 1))
def test_the_published_chance_lies_inside(raw, chance):
    (end,) = FITTED.intervals(np.array([raw]), np.array([chance]))

    assert 0 <= end.low <= chance <= end.high <= 1


FITTED = fit_uncertainty(told())


def test_a_higher_score_never_has_a_lower_interval():
    raw = np.linspace(-8, 3, 500)
    step = np.searchsorted(FITTED.starts, raw.round(2), side="right") - 1

    assert np.all(np.diff(np.array(FITTED.low)[np.maximum(step, 0)]) >= 0)
    assert np.all(np.diff(np.array(FITTED.high)[np.maximum(step, 0)]) >= 0)


def test_the_weeks_of_one_horizon_do_not_make_it_look_surer():
    once = told(3_000)
    often = pl.concat([once.with_columns(day=pl.lit(day)) for day in SAME_SPAN])

    assert fit_uncertainty(often) == fit_uncertainty(once)
    assert one_day_each(often, 4).height == 3_000


def test_of_each_horizon_one_day_is_drawn_and_another_horizon_tells_of_another_time():
    rows = told(50, days=6)

    drawn = one_day_each(rows, 2).with_columns(span=pl.col("day").to_physical() // 14)

    assert drawn.group_by("student_id", "span").len()["len"].max() == 1
    assert drawn.height == 50 * drawn["span"].n_unique()


def test_stayers_who_stand_for_others_count_for_them():
    rows = told(20_000, height=-4.0)
    drawn = pl.Series(np.random.default_rng(5).random(rows.height) < 0.2)
    thin = rows.filter((pl.col("label") == 1) | drawn).with_columns(
        weight=pl.when(pl.col("label") == 1).then(1.0).otherwise(5.0)
    )
    at = np.array([-4.0]), np.array([sigmoid(np.array([-4.0]))[0]])

    whole, thinned, naive = (fit_uncertainty(f).intervals(*at)[0] for f in (rows, thin, thin.drop("weight")))

    assert thinned.high == pytest.approx(whole.high, abs=0.01)
    assert naive.high > whole.high + 0.01


def test_of_rows_thinned_by_the_usual_lot_a_leaver_is_not_drawn_too_often():
    students = pl.DataFrame({"student_id": [f"k{n}" for n in range(8_000)]})
    rows = students.join(pl.DataFrame({"day": SAME_SPAN}), how="cross").with_columns(weight=pl.lit(1.0))
    half = (pl.int_range(pl.len()) // 4 % 20 == 0) & (pl.col("day") >= SAME_SPAN[2])
    rows = rows.with_columns(label=half.cast(pl.Int8))

    drawn = one_day_each(thinned(rows, 2_500, TIE_SEED), 4)

    share = (drawn["weight"] * drawn["label"]).sum() / drawn["weight"].sum()
    assert share == pytest.approx(0.025, abs=0.003)


def test_with_hardly_any_departure_there_is_no_interval():
    assert fit_uncertainty(told(100, height=-6.0)) is None


def test_it_is_kept_as_plain_numbers():
    assert Uncertainty.told(FITTED.as_dict()) == FITTED
    assert Uncertainty.told(None) is None


@pytest.mark.parametrize(
    ("interval", "sentence"),
    [
        (Interval(0.21, 0.38), "De cada 10 estudiantes con un perfil parecido, entre 2 y 4 dejaron de estudiar"),
        (Interval(0.05, 0.05), "De cada 100 estudiantes con un perfil parecido, cerca de 5 dejaron de estudiar"),
        (Interval(0.2, 0.4), "De cada 10 estudiantes con un perfil parecido, entre 2 y 4 dejaron de estudiar"),
        (Interval(0.021, 0.068), "De cada 100 estudiantes con un perfil parecido, entre 2 y 7 dejaron de estudiar"),
        (Interval(0.0, 0.004), "De cada 100 estudiantes con un perfil parecido, a lo sumo 1 dejó de estudiar"),
    ],
)
def test_an_interval_is_told_as_a_count_of_similar_students(interval, sentence):
    assert frequency(interval, 4) == f"{sentence} en las 4 semanas siguientes."


def test_when_it_is_wide_nothing_is_counted():
    assert frequency(Interval(0.3, 0.56), 4) == NOT_ENOUGH


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 40))
def test_every_such_sentence_is_short_blames_nobody_and_rounds_outwards(one, other, weeks):
    interval = Interval(min(one, other), max(one, other))
    said = frequency(interval, weeks)

    assert faults(said) == []
    counts = [int(word) for word in said.replace(",", "").split() if word.isdigit()]
    if "entre" in said:
        of, low, high = counts[0], counts[1], counts[2]
        assert low <= of * interval.low + 1e-6 and high >= of * interval.high - 1e-6
