"""The tables explain as LightGBM does, to 1e-10, for any tree, value and gap; and where they cannot, it does."""

from __future__ import annotations

import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import contributions as door
from models.averaging import averaged
from models.contributions import contributions
from models.pattern_tables import NotTabulated, PatternTables, groups
from models.pattern_tables.booster_text import trees_of
from serving.api.scoring import MOST_STUDENTS

Rows = npt.NDArray[np.float64]

AS_EXACT = 1e-10
FEATURES = 8
CATEGORIES = (6, 7)
"""The last two features are read as words."""

TRAPS = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-36, -1e-36, 1e-35, 2e-35, -0.5, -1.0, -3.0, 2.7, 1e9, 3e9, 1e300)


def drawn_rows(seed: int, rows: int, words: int = 20) -> Rows:
    """Whole numbers, decimals, many zeros, gaps; the words as their places in a list."""
    chance = np.random.default_rng(seed)
    drawn = chance.normal(size=(rows, FEATURES))
    drawn[:, :3] = np.round(drawn[:, :3] * 2)
    drawn[chance.random(drawn.shape) < 0.1] = 0.0
    for feature in CATEGORIES:
        drawn[:, feature] = chance.integers(0, words, rows)
    drawn[chance.random(drawn.shape) < 0.1] = np.nan
    return drawn


def outcomes(rows: Rows, seed: int) -> Rows:
    chance, seen = np.random.default_rng(seed), np.nan_to_num(rows)
    pull = seen[:, 0] * seen[:, 3] + np.sin(seen[:, 4]) + np.isnan(rows[:, 5]) + np.sin(seen[:, 6] * 7) + seen[:, 1] / 2
    return (pull + chance.normal(size=len(rows)) > 0.5).astype(float)


def grown(
    parameters: dict[str, Any], seed: int = 1, trees: int = 4, rows: int = 300, words: int = 20,
    first: lgb.Booster | None = None,
) -> lgb.Booster:  # fmt: skip
    taught = drawn_rows(seed, rows, words)
    quiet = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 3, "seed": seed}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LightGBM on its own parameters, some of which are odd on purpose
        words_at = parameters.get("categorical_feature", CATEGORIES)
        told = {key: value for key, value in parameters.items() if key != "categorical_feature"}
        data = lgb.Dataset(taught, outcomes(taught, seed), categorical_feature=list(words_at), params=quiet | told)
        return lgb.train(quiet | told, data, num_boost_round=trees, init_model=first)


def asked(seed: int, rows: int = 60, words: int = 20) -> Rows:
    """Other rows than those that taught, with a trap in every second cell of every third row."""
    drawn = drawn_rows(seed + 1, rows, 2 * words)
    chance = np.random.default_rng(seed)
    traps = chance.choice(TRAPS, drawn.shape)
    return np.where((chance.random(drawn.shape) < 0.5) & (np.arange(rows) % 3 == 0)[:, None], traps, drawn)


def lightgbm_says(booster: lgb.Booster, rows: Rows) -> Rows:
    return np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1))


def apart(booster: lgb.Booster, rows: Rows, threads: int = 1) -> float:
    return float(np.abs(PatternTables(booster).contributions(rows, threads) - lightgbm_says(booster, rows)).max())


choices = st.fixed_dictionaries(
    {
        "num_leaves": st.sampled_from([2, 3, 8, 31, 60]),
        "learning_rate": st.sampled_from([0.05, 0.5, 1.0]),
        "max_bin": st.sampled_from([3, 30, 255, 600]),
        "min_data_in_leaf": st.sampled_from([1, 3, 30]),
        "use_missing": st.booleans(),
        "zero_as_missing": st.booleans(),
        "max_cat_to_onehot": st.sampled_from([1, 4, 50]),
        "min_data_per_group": st.sampled_from([1, 20]),
        "cat_smooth": st.sampled_from([0.1, 10.0]),
        "extra_trees": st.booleans(),
        "bagging_fraction": st.sampled_from([0.4, 1.0]),
        "bagging_freq": st.just(1),
        "objective": st.sampled_from(["binary", "regression", "poisson", "l1"]),
        "boosting": st.sampled_from(["gbdt", "dart"]),
        "categorical_feature": st.sampled_from([(), (6,), CATEGORIES, (0, *CATEGORIES)]),
    }
)


@given(parameters=choices, seed=st.integers(0, 10**6), questions=st.sampled_from([1, 3, 6, 12]))
@settings(max_examples=120)
def test_any_booster_is_explained_as_lightgbm_explains_it(
    parameters: dict[str, Any], seed: int, questions: int
) -> None:
    booster, rows = grown(parameters, seed), asked(seed)

    with pytest.MonkeyPatch.context() as few:  # few questions to a table: the others are remembered instead
        few.setattr(groups, "MOST_QUESTIONS", questions)
        assert apart(booster, rows) <= AS_EXACT


@given(before=choices, after=choices, seed=st.integers(0, 10**6))
@settings(max_examples=20)
def test_a_booster_that_was_taught_twice_under_other_rules_is_explained_alike(
    before: dict[str, Any], after: dict[str, Any], seed: int
) -> None:
    same = {"objective": "binary", "boosting": "gbdt", "categorical_feature": CATEGORIES}
    twice = grown(after | same, seed + 1, first=grown(before | same, seed))

    assert apart(twice, asked(seed)) <= AS_EXACT


# What is rare, by name


def most_cuts(booster: lgb.Booster) -> int:
    return int(np.diff(PatternTables(booster).ruler.begins).max())


def test_more_thresholds_than_a_byte_can_tell_apart() -> None:
    taught = np.random.default_rng(2).normal(size=(3_000, 2))
    fine = {"max_bin": 2000, "num_leaves": 600, "min_data_in_leaf": 1, "verbosity": -1, "num_threads": 1}
    booster = lgb.train(fine, lgb.Dataset(taught, taught[:, 0] * taught[:, 1]), num_boost_round=2)

    assert most_cuts(booster) > 256
    assert apart(booster, np.vstack([taught[:100], asked(3)[:, 3:5]])) <= AS_EXACT


def test_more_categories_than_a_byte_can_tell_apart() -> None:
    many = {"max_cat_threshold": 600, "min_data_per_group": 1, "cat_smooth": 0.1, "max_cat_to_onehot": 1}
    booster = grown(many, trees=10, rows=3_000, words=700)

    assert most_cuts(booster) > 256
    assert apart(booster, asked(3, words=700)) <= AS_EXACT


def chain(features: int) -> lgb.Booster:
    """Each split sets a few rows apart on a feature of its own, so that the last leaf hangs on all of them."""
    rows, target = np.zeros((20 * features, features)), np.zeros(20 * features)
    for feature in range(features):
        rows[20 * feature : 20 * feature + 20, feature] = 1.0
        target[20 * feature : 20 * feature + 20] = 10.0 + features - feature
    parameters = {
        "objective": "regression", "num_leaves": features + 1, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1,
        "enable_bundle": False,
    }  # fmt: skip
    return lgb.train(parameters, lgb.Dataset(rows, target), num_boost_round=2)


def sparse_asks(features: int, rows: int = 200) -> Rows:
    return (np.random.default_rng(4).random((rows, features)) < 0.2).astype(float)


def longest_path(booster: lgb.Booster) -> int:
    tables = PatternTables(booster)
    return max(int(np.diff(branches.term_begins).max()) for branches in tables.batches)


def test_leaves_on_a_path_of_many_features_are_remembered_instead_of_tabulated() -> None:
    booster = chain(30)

    assert longest_path(booster) > 2 * groups.MOST_QUESTIONS
    assert apart(booster, sparse_asks(30)) <= AS_EXACT


def test_on_long_paths_the_tables_are_nearer_the_exact_fractions_than_lightgbm_is() -> None:
    booster, rows = chain(24), sparse_asks(24, rows=2)
    exact = np.array([in_fractions(booster, row) for row in rows])

    ours = np.abs(PatternTables(booster).contributions(rows)[:, :-1] - exact).max()

    assert ours < 1e-13
    assert ours < np.abs(lightgbm_says(booster, rows)[:, :-1] - exact).max()


def in_fractions(booster: lgb.Booster, row: Rows) -> list[float]:
    """SHAP values of one row by their definition, in whole numbers over whole numbers: nothing is rounded."""
    sums = [Fraction(0)] * booster.num_feature()
    for tree in trees_of(booster):
        waiting: list[tuple[int, dict[int, tuple[Fraction, int]]]] = [(0, {})]
        while waiting:
            node, path = waiting.pop()
            for feature in path if node < 0 else ():
                sums[feature] += Fraction(tree.leaf_values[~node]) * value_in_game(feature, path)
            if node < 0:
                continue
            feature = tree.features[node]
            for child, met in ((tree.left[node], row[feature] <= tree.thresholds[node]), (tree.right[node], None)):
                share, so_far = path.get(feature, (Fraction(1), 1))
                met = row[feature] > tree.thresholds[node] if met is None else met
                passed = Fraction(tree.count(child), tree.node_counts[node])
                waiting.append((child, {**path, feature: (share * passed, so_far and int(met))}))
    return [float(value) for value in sums]


def value_in_game(feature: int, path: dict[int, tuple[Fraction, int]]) -> Fraction:
    """The integral over t of the product of the others' share + t (met - share), by its coefficients."""
    polynomial = [Fraction(1)]
    for other, (share, met) in path.items():
        if other != feature:
            raised = [Fraction(0), *((met - share) * term for term in polynomial)]
            polynomial = [share * low + high for low, high in zip([*polynomial, Fraction(0)], raised, strict=True)]
    share, met = path[feature]
    return (met - share) * sum((term / (power + 1) for power, term in enumerate(polynomial)), Fraction(0))


def test_a_path_longer_than_a_machine_word_is_left_to_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MANY", 20)
    booster = chain(80)

    with pytest.raises(NotTabulated):
        PatternTables(booster)
    assert_lightgbm_explains(booster, sparse_asks(80, 20))


def assert_lightgbm_explains(booster: lgb.Booster, rows: Rows) -> None:
    assert len(rows) >= door.MANY
    assert np.array_equal(contributions(booster, rows), lightgbm_says(booster, rows))


def test_linear_trees_lightgbm_does_not_explain_either_and_says_so() -> None:
    booster = grown({"linear_tree": True, "categorical_feature": ()}, rows=1_000)

    with pytest.raises(lgb.basic.LightGBMError, match="not implemented for linear trees"):
        contributions(booster, drawn_rows(5, door.MANY))


@pytest.mark.parametrize(
    "kind",
    [
        {"objective": "multiclass", "num_class": 2},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    ],
    ids=["several classes", "a mean of trees"],
)
def test_what_the_tables_do_not_know_lightgbm_explains(kind: dict[str, Any]) -> None:
    booster, rows = grown(kind, rows=1_000), drawn_rows(5, door.MANY)

    with pytest.raises(NotTabulated):
        PatternTables(booster)
    assert_lightgbm_explains(booster, rows)


def test_a_mean_of_several_opinions_is_explained_as_one() -> None:
    several = [grown({}, seed=1), grown({"use_missing": False}, seed=2), grown({"zero_as_missing": True}, seed=3)]
    mean, rows = averaged(several, [0.5, 0.3, 0.2]), asked(6, rows=door.MANY)

    assert apart(mean, rows) <= AS_EXACT
    door.assert_additive(contributions(mean, rows), mean.predict(rows, raw_score=True))


def test_a_feature_that_was_a_number_and_became_a_category_is_left_to_lightgbm() -> None:
    number = grown({"categorical_feature": ()}, seed=2)
    both = grown({"categorical_feature": CATEGORIES, "max_cat_to_onehot": 50}, seed=3, first=number)

    with pytest.raises(NotTabulated):
        PatternTables(both)


def test_a_booster_that_learned_nothing_gives_everyone_its_base_value() -> None:
    booster = grown({"min_data_in_leaf": 10_000})

    said = PatternTables(booster).contributions(asked(1))

    assert (said[:, :-1] == 0).all()
    assert apart(booster, asked(1)) <= AS_EXACT


def test_only_the_trees_that_predict_are_explained() -> None:
    booster = grown({}, trees=20)
    booster.best_iteration = 5

    door.assert_additive(PatternTables(booster).contributions(asked(1)), booster.predict(asked(1), raw_score=True))
    assert apart(booster, asked(1)) <= AS_EXACT


# Blocks, batches, threads, and the door


def test_blocks_batches_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.pattern_tables import tables

    booster, rows = grown({"num_leaves": 31}, trees=12), asked(2, rows=50)
    whole = PatternTables(booster).contributions(rows)
    monkeypatch.setattr(tables, "BLOCK", 7)
    monkeypatch.setattr(tables, "TABLE_CELLS", 2_000)
    cut_up = PatternTables(booster)

    assert len(cut_up.batches) > 3
    assert np.array_equal(cut_up.contributions(rows), cut_up.contributions(rows, threads=2))
    assert np.abs(cut_up.contributions(rows) - whole).max() <= 1e-14


def test_many_students_are_explained_as_each_of_them_alone() -> None:
    booster, rows = grown({"num_leaves": 31}, trees=20), asked(7, rows=door.MANY)

    together = contributions(booster, rows, threads=2)

    assert not np.array_equal(together, lightgbm_says(booster, rows))  # it was the tables that spoke
    assert np.abs(together - lightgbm_says(booster, rows)).max() <= AS_EXACT
    assert np.abs(together[0] - contributions(booster, rows[:1])[0]).max() <= AS_EXACT
    door.assert_additive(together, booster.predict(rows, raw_score=True))


def test_rows_of_another_width_are_refused_by_lightgbm_itself() -> None:
    with pytest.raises(lgb.basic.LightGBMError, match="number of features"):
        contributions(grown({}), np.zeros((door.MANY, FEATURES + 1)))


def test_a_compiled_loop_that_cannot_be_kept_is_compiled_all_the_same() -> None:
    from models.pattern_tables.compiled import compiled

    nowhere: dict[str, Any] = {}
    exec("def twice(number): return 2 * number", nowhere)  # noqa: S102 - a function without a file has no folder

    assert compiled(nowhere["twice"])(21) == 42


def test_no_request_can_bring_enough_students_to_load_the_compiler() -> None:
    assert MOST_STUDENTS < door.MANY


def test_the_web_process_and_a_single_student_load_no_compiler() -> None:
    program = """
import sys
import serving.app
import lightgbm, numpy
from models.contributions import contributions
rows = numpy.arange(60.0).reshape(30, 2)
told = {"verbosity": -1, "min_data_in_leaf": 2, "num_threads": 1}
booster = lightgbm.train(told, lightgbm.Dataset(rows, rows[:, 0]), 2)
assert contributions(booster, rows[:1]).shape == (1, 3)
print(sorted({"numba", "shap"} & set(sys.modules)))
"""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )

    assert told.stdout.strip() == "[]", told.stderr
