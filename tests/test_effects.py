"""What a contact changes is found where it was planted, and nothing is found where nothing was."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from contacted_city import year

from models.effects import Effect, TooFewNearTheCut, at_the_cut, band_power, in_the_band, weeks_needed
from models.list_order import UnwrittenDecision
from models.wording import banned_words

YEARS = 50
# Of 50 sound intervals at 95 %, fewer than 43 hold the truth once in eighty times.
MOST_OF_THEM = 43
HALF, NOTHING = 0.5, 0.0


@cache
def found(kind, prevented):
    """Per simulated year: the estimate and the true difference."""
    if kind == "cut":
        years = [year(seed, prevented, band=0) for seed in range(YEARS)]
        return [(at_the_cut(one.near), one.true_at_the_cut) for one in years]
    years = [year(seed, prevented) for seed in range(YEARS)]
    return [(in_the_band(one.drawn), one.true_in_the_band) for one in years]


@pytest.mark.parametrize("kind", ["cut", "band"])
def test_a_planted_effect_lies_in_the_interval_in_fifty_simulated_years(kind):
    held = [effect.low <= true <= effect.high for effect, true in found(kind, HALF)]
    errors = [effect.difference - true for effect, true in found(kind, HALF)]

    assert sum(held) >= MOST_OF_THEM
    assert abs(np.mean(errors)) < 3 * np.std(errors) / YEARS**0.5
    assert all(true < -0.015 for _, true in found(kind, HALF))


@pytest.mark.parametrize("kind", ["cut", "band"])
def test_without_an_effect_the_interval_holds_zero_as_often_as_it_says(kind):
    assert all(true == 0 for _, true in found(kind, NOTHING))
    assert sum(effect.low <= 0 <= effect.high for effect, _ in found(kind, NOTHING)) >= MOST_OF_THEM


@pytest.mark.parametrize("kind", ["cut", "band"])
def test_the_intervals_are_not_so_wide_that_they_hold_everything(kind):
    assert sum(effect.high < 0 for effect, _ in found(kind, HALF)) > 3 * sum(
        effect.high < 0 for effect, _ in found(kind, NOTHING)
    )


def test_a_step_without_noise_is_found_exactly():
    away = np.linspace(-1, 1, 4_001)
    rows = pl.DataFrame(
        {"above_cut": away, "left": 0.3 + 0.1 * away + 0.05 * away**2 - 0.08 * (away > 0), "cluster": range(4_001)}
    ).filter(pl.col("above_cut") != 0)

    assert at_the_cut(rows).difference == pytest.approx(-0.08, abs=1e-6)


def test_a_curve_without_a_step_is_not_taken_for_one():
    rng = np.random.default_rng(3)
    away = rng.uniform(-1, 1, 20_000)
    bent = 0.2 + 0.3 * away**2 + 0.2 * away**3
    rows = pl.DataFrame({"above_cut": away, "left": (rng.random(20_000) < bent).astype(int), "cluster": range(20_000)})

    effect = at_the_cut(rows)

    assert effect.low <= 0 <= effect.high


def test_children_of_one_school_that_move_together_make_the_interval_wider():
    rng = np.random.default_rng(4)
    school = np.repeat(np.arange(30), 100)
    drawn = np.repeat(rng.random(30) < 0.5, 100)
    left = rng.random(3_000) < np.repeat(rng.uniform(0.05, 0.5, 30), 100)
    rows = pl.DataFrame({"day": 0, "drawn_in": drawn, "left": left.astype(int), "cluster": school})

    by_school = in_the_band(rows)
    as_if_alone = in_the_band(rows.with_columns(cluster=pl.int_range(pl.len())))

    assert by_school.high - by_school.low > 2 * (as_if_alone.high - as_if_alone.low)


def test_a_difference_between_mondays_is_not_taken_for_an_effect_of_the_lot():
    rows = pl.DataFrame(
        {
            "day": [0] * 400 + [1] * 400,
            "drawn_in": ([True] * 300 + [False] * 100) + ([True] * 100 + [False] * 300),
            "left": [1, 0] * 200 + [0] * 400,
            "cluster": range(800),
        }
    )

    assert in_the_band(rows).difference == pytest.approx(0.0, abs=1e-9)


def test_with_too_few_near_the_cut_there_is_no_answer():
    rows = pl.DataFrame({"above_cut": [-0.1, 0.1] * 20, "left": [0, 1] * 20, "cluster": range(40)})
    drawn = pl.DataFrame({"day": 0, "drawn_in": [True, False] * 20, "left": 0, "cluster": range(40)})

    with pytest.raises(TooFewNearTheCut, match="muy pocos"):
        at_the_cut(rows)
    with pytest.raises(TooFewNearTheCut, match="muy pocos"):
        in_the_band(drawn)


def test_an_answer_is_told_in_a_sentence_that_claims_no_more_than_it_knows():
    unsure = Effect(-0.01, -0.03, 0.01, 900, 800).sentence()
    sure = Effect(-0.05, -0.08, -0.02, 900, 800).sentence()

    assert unsure.startswith("No se puede saber")
    assert sure == "Entre quienes estuvieron en la lista dejó de estudiar entre 2,0 puntos y 8,0 puntos menos."
    assert not banned_words(unsure + sure)


def test_more_seats_and_more_weeks_show_an_effect_more_surely():
    powers = [band_power(0.2, 0.3, seats, 36) for seats in (5, 20, 60, 150)]

    assert powers == sorted(powers)
    assert band_power(0.2, 0.0, 60, 36) == pytest.approx(0.025, abs=1e-3)
    assert weeks_needed(0.2, 0.3, 60) < weeks_needed(0.2, 0.3, 20)
    assert weeks_needed(0.01, 0.05, 1) is None


def test_the_stated_power_is_the_share_of_simulated_years_that_show_the_effect():
    """A cautious sum: it takes four Mondays of one draw for one child, and the others' later contacts are not in it."""
    shown = np.mean([effect.high < 0 for effect, _ in found("band", HALF)])
    true = np.mean([true for _, true in found("band", HALF)])
    base = 0.066

    assert band_power(base, -true / base, 20, 36, each_counts=1) == pytest.approx(shown, abs=0.2)
    assert issubclass(UnwrittenDecision, ValueError)
