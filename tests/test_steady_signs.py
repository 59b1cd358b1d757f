"""A reason is told only where other schools would have taught the same direction."""

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from made_up_town import SUNDAYS, a_model, frame, with_outcomes

from features import CATALOGUE
from models.explanation import everyone, explain
from models.families import family_weights
from models.inputs import matrix
from models.steady_signs import NEVER, SteadySigns, least_steady, measured, redrawn

ROWS = with_outcomes(frame(students=250, days=SUNDAYS[:4], schools=12))


@pytest.fixture(scope="module")
def model():
    return a_model()


def regrown(model):
    """Grows a small booster on the rows that it is given."""

    def refit(rows: pl.DataFrame) -> lgb.Booster:
        inputs = matrix(rows, model.features, model.categories)
        data = lgb.Dataset(inputs, rows["label"].to_numpy(), weight=rows["weight"].to_numpy(), params={"verbosity": -1})
        options = {"objective": "binary", "num_leaves": 4, "learning_rate": 0.1, "verbosity": -1, "num_threads": 1}
        return lgb.train(options, data, num_boost_round=40)

    return refit


def test_families_are_the_sums_of_their_features():
    parts = np.arange(12.0).reshape(2, 6)

    weights, names = family_weights(parts, ["a", "b", "a", "c", "b"])

    assert names == ("a", "b", "c")
    assert weights.tolist() == [[2.0, 5.0, 3.0], [14.0, 17.0, 9.0]]
    assert np.allclose(weights.sum(axis=1) + parts[:, -1], parts.sum(axis=1))


def test_everyone_s_family_weights_add_up_to_the_raw_score(model):
    rows = frame(students=80, days=SUNDAYS[:1])

    raw = model.predict(rows)["raw_score"].to_numpy()

    told = everyone(model, rows, raw, CATALOGUE)

    assert told.students == tuple(rows["student_id"])
    assert np.abs(told.base_value + told.weights.sum(axis=1) - raw).max() < 1e-6
    one = explain(model, rows, rows.select("student_id", "day"), CATALOGUE)[7]
    assert dict(zip(told.families, told.weights[7].tolist(), strict=True)) == pytest.approx(one.families, abs=1e-9)


def test_weights_of_other_scores_are_refused(model):
    rows = frame(students=30, days=SUNDAYS[:1])

    with pytest.raises(ArithmeticError, match="no suman"):
        everyone(model, rows, model.predict(rows)["raw_score"].to_numpy() + 1e-5, CATALOGUE)


def test_what_was_planted_is_steady_and_pure_noise_is_not(model):
    steady = measured(model, ROWS, regrown(model), CATALOGUE, refits=8, seed=1)

    assert steady.refits == 8
    assert steady.holds("attendance", 2.0)
    told = [len(steady.as_dict()[side]) for side in ("up", "down")]
    assert min(told) < len(CATALOGUE.families)


def test_the_same_schools_are_drawn_again_for_the_same_seed(model):
    first, second = (measured(model, ROWS, regrown(model), CATALOGUE, refits=3, seed=1) for _ in range(2))

    assert first == second


def test_a_school_is_drawn_whole_or_not_at_all():
    drawn = redrawn(ROWS, np.random.default_rng(1))
    times = drawn.group_by("institution_id").agg(pl.col("weight").unique(), pl.len()).sort("institution_id")
    whole = dict(ROWS.group_by("institution_id").len().iter_rows())

    assert all(len(weights) == 1 for weights in times["weight"])
    assert all(whole[school] == size for school, _, size in times.iter_rows())
    assert sum(weights[0] for weights in times["weight"]) == 12
    assert times.height < 12


def test_from_the_least_steady_weight_on_nine_of_ten_refits_agree():
    weight = np.array([0.01, 0.02, 0.1, 0.2, 0.4, 0.8, -1.0])

    assert least_steady(weight, np.array([0.4, 0.6, 0.7, 0.95, 1.0, 1.0, 0.0])) == 0.2
    assert least_steady(weight, np.array([0.95, 0.4, 0.5, 0.95, 1.0, 1.0, 0.0])) == 0.2
    assert least_steady(weight, np.full(7, 0.85)) == NEVER
    assert least_steady(-np.ones(3), np.ones(3)) == NEVER


def test_a_direction_that_does_not_hold_is_not_told_but_still_counts(model):
    rows = frame(students=60, days=SUNDAYS[:1], seed=4)
    dates = rows.select("student_id", "day")
    all_told = explain(model, rows, dates, CATALOGUE, most=None)
    families = {reason.family for one in all_told for reason in (*one.reasons, *one.protective)}
    only = SteadySigns(up={"attendance": 0.0}, down={}, refits=20)

    told = explain(replace(model, steady=only), rows, dates, CATALOGUE, most=None)

    assert len(families) > 2
    assert {reason.family for one in told for reason in one.reasons} == {"attendance"}
    assert not any(one.protective for one in told)
    assert [one.families for one in told] == [one.families for one in all_told]


def test_the_weight_from_which_on_it_holds_is_asked_of_each_student(model):
    steady = SteadySigns(up={"attendance": 0.5}, down={"attendance": 0.2}, refits=20)

    assert [steady.holds("attendance", weight) for weight in (0.49, 0.5, -0.2, -0.19)] == [False, True, True, False]
    assert not steady.holds("progress", 9.0)


def test_it_is_kept_with_the_model_and_read_again(model, tmp_path):
    steady = SteadySigns(up={"attendance": 0.25, "progress": NEVER}, down={}, refits=20)
    replace(model, steady=steady).save(tmp_path)

    kept = type(model).load(tmp_path).steady

    assert kept == SteadySigns(up={"attendance": 0.25}, down={}, refits=20)
    assert SteadySigns.told(None) is None
