"""The model keeps its word: same numbers after saving, chances one can believe, nothing read before its seal."""

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_town import SUNDAYS, a_model, frame, hazard, with_outcomes

from features import CATALOGUE
from models.calibration import Calibration, fit_calibration, log_odds, sigmoid
from models.contributions import NotAdditive, assert_additive
from models.inputs import MissingFeatures, input_names, matrix
from models.model_files import ModelFilesDamaged, manifest_seal
from models.recipe import LIMITS, Recipe, RecipeError, read_recipe
from models.risk_model import RiskModel
from models.scoring import CatalogueDiffers, refuse_other_catalogue, score_frame

RECIPES = Path(__file__).parent.parent / "experiments" / "recipes"


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return a_model()


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return frame(students=150, days=SUNDAYS[:2], seed=9)


def test_it_finds_again_the_hazard_that_made_the_data(model: RiskModel) -> None:
    new = frame(students=500, seed=77)

    scored = model.predict(new)

    ranks = scored.select(pl.corr(scored["score"], hazard(new), method="spearman")).item()
    assert ranks > 0.75


def test_saved_and_read_again_it_says_the_same_to_the_last_bit(
    model: RiskModel, rows: pl.DataFrame, tmp_path: Path
) -> None:
    model.save(tmp_path)

    again = RiskModel.load(tmp_path)

    assert again.predict(rows).equals(model.predict(rows))
    assert again.description() == model.description()
    assert (again.taught_on, again.taught_until) == (SUNDAYS, SUNDAYS[-1])


def test_saved_files_are_text_that_a_person_can_read(model: RiskModel, tmp_path: Path) -> None:
    model.save(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "model.json", "model.lgb"]
    assert (tmp_path / "model.lgb").read_text("utf-8").startswith("tree\n")
    assert json.loads((tmp_path / "model.json").read_text("utf-8"))["fingerprint"] == CATALOGUE.fingerprint


@pytest.mark.parametrize("name", ["model.lgb", "model.json"])
def test_a_changed_file_is_refused_before_anything_parses_it(
    model: RiskModel, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write(" ")
    monkeypatch.setattr(lgb, "Booster", lambda **_: pytest.fail("it was parsed"))

    with pytest.raises(ModelFilesDamaged, match=name):
        RiskModel.load(tmp_path)


def test_a_forged_manifest_is_refused_when_the_seal_is_kept_elsewhere(model: RiskModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    seal = manifest_seal(tmp_path)
    forged = a_model(trees=5)
    forged.save(tmp_path)

    assert RiskModel.load(tmp_path).booster.num_trees() == forged.booster.num_trees() < model.booster.num_trees()
    with pytest.raises(ModelFilesDamaged, match=r"manifest\.json"):
        RiskModel.load(tmp_path, seal)


@pytest.mark.parametrize("name", ["model.lgb", "model.json", "manifest.json"])
def test_a_missing_file_is_told_by_its_name(model: RiskModel, tmp_path: Path, name: str) -> None:
    model.save(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(ModelFilesDamaged, match=f"Falta {name}"):
        RiskModel.load(tmp_path)


def test_the_same_recipe_and_data_grow_the_same_trees() -> None:
    assert a_model().booster.model_to_string() == a_model().booster.model_to_string()


def test_last_digits_that_depend_on_the_order_of_a_sum_change_nothing(model: RiskModel, rows: pl.DataFrame) -> None:
    numbers = [pl.col(name) + 1e-13 for name in model.features if name not in model.categories]

    assert model.predict(rows.with_columns(numbers)).equals(model.predict(rows))


def test_a_word_never_seen_counts_as_unknown(model: RiskModel, rows: pl.DataFrame) -> None:
    strange = rows.with_columns(shift=pl.lit("NOCTURNA DE PRUEBA"))
    unknown = rows.with_columns(shift=pl.lit(None, dtype=pl.String))

    assert model.predict(strange).equals(model.predict(unknown))


def test_an_empty_frame_gives_an_empty_answer(model: RiskModel, rows: pl.DataFrame) -> None:
    assert model.predict(rows.head(0)).height == 0
    assert model.contributions(rows.head(0)).shape == (0, len(model.features) + 1)


def test_a_missing_column_is_named(model: RiskModel, rows: pl.DataFrame) -> None:
    with pytest.raises(MissingFeatures, match="absence_rate_4w"):
        model.predict(rows.drop("absence_rate_4w"))


def test_more_absence_never_lowers_the_score(model: RiskModel, rows: pl.DataFrame) -> None:
    steps = [rows.with_columns(absence_rate_4w=pl.lit(share)) for share in np.linspace(0, 1, 11)]

    scores = np.array([model.predict(step)["raw_score"].to_numpy() for step in steps])

    assert (np.diff(scores, axis=0) >= 0).all()
    assert (scores[-1] > scores[0]).all()


def test_sensitive_traits_are_no_input_unless_asked_for() -> None:
    sensitive = {feature.name for feature in CATALOGUE if feature.sensitive}

    assert sensitive
    assert not sensitive & set(input_names(CATALOGUE, use_sensitive=False))
    assert sensitive < set(input_names(CATALOGUE, use_sensitive=True))


def test_changing_only_sensitive_traits_changes_no_score(model: RiskModel, rows: pl.DataFrame) -> None:
    turned = rows.with_columns((1 - pl.col(f.name)).alias(f.name) for f in CATALOGUE if f.sensitive)

    assert model.predict(turned).equals(model.predict(rows))


def test_contributions_and_base_add_up_to_the_raw_score(model: RiskModel, rows: pl.DataFrame) -> None:
    parts = model.contributions(rows)

    assert_additive(parts, model.predict(rows)["raw_score"].to_numpy())
    assert np.allclose(parts[:, -1], model.base_value, atol=1e-12)


def test_contributions_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(NotAdditive):
        assert_additive(np.array([[0.5, 0.5]]), np.array([1.00001]))
    with pytest.raises(NotAdditive):
        assert_additive(np.array([[np.nan, 0.5]]), np.array([1.0]))


def test_an_explained_answer_has_a_column_per_feature_that_adds_up(model: RiskModel, rows: pl.DataFrame) -> None:
    answer = score_frame(model, rows, explain=True)

    assert answer.columns == [
        "student_id",
        "day",
        "institution_id",
        "score",
        "raw_score",
        *model.features,
        "base_value",
    ]
    gap = answer.select(pl.sum_horizontal(*model.features, "base_value") - pl.col("raw_score")).to_series()
    assert gap.abs().max() < 1e-6  # type: ignore[operator]


def test_a_model_of_another_catalogue_is_refused(model: RiskModel) -> None:
    refuse_other_catalogue(model, CATALOGUE)
    other = type(CATALOGUE)(CATALOGUE.features[:-1])

    with pytest.raises(CatalogueDiffers, match="otro catálogo"):
        refuse_other_catalogue(model, other)


@settings(max_examples=30, deadline=None)
@given(slope=st.floats(0.3, 3), intercept=st.floats(-2, 2), seed=st.integers(0, 1000))
def test_calibration_finds_the_line_that_bent_the_chances(slope: float, intercept: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2, 1.5, 20_000)
    label = (rng.random(20_000) < sigmoid(slope * raw + intercept)).astype(float)

    found = fit_calibration(raw, label)

    assert found.slope == pytest.approx(slope, abs=0.2)
    assert found(raw).mean() == pytest.approx(label.mean(), abs=1e-3)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0, 1), turned=st.booleans())
def test_calibration_never_turns_the_list_over(seed: int, share: float, turned: bool) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.normal(0, 1, 300)
    label = (rng.random(300) < sigmoid(-raw if turned else raw) * share).astype(float)

    found = fit_calibration(raw, label)

    assert found.slope > 0
    assert (np.argsort(found(raw), kind="stable") == np.argsort(raw, kind="stable")).all()


def test_chances_and_log_odds_undo_each_other() -> None:
    chances = np.linspace(0.001, 0.999, 50)

    assert np.allclose(sigmoid(log_odds(chances)), chances)
    assert Calibration()(np.array([0.0]))[0] == 0.5


def test_numbers_are_taken_as_they_are_and_words_by_their_place() -> None:
    told = pl.DataFrame({"a": [1.5, None], "b": ["y", "zz"]})

    rows = matrix(told, ["a", "b"], {"b": ["x", "y"]})

    assert rows[0].tolist() == [1.5, 1.0]
    assert np.isnan(rows[1]).all()


def test_the_default_recipe_is_the_one_in_the_file_with_the_reasons() -> None:
    assert read_recipe(RECIPES / "monday_list.toml") == Recipe()


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_recipe_can_be_read_and_is_called_as_its_file(path: Path) -> None:
    assert read_recipe(path).name == path.stem


def test_a_recipe_with_an_unknown_choice_or_an_impossible_value_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("hojas = 3")
    with pytest.raises(RecipeError, match="hojas"):
        read_recipe(path)
    path.write_text("leaves = 64")
    with pytest.raises(RecipeError, match="de 2 a 31"):
        read_recipe(path)
    path.write_text("leaves = 'many'")
    with pytest.raises(RecipeError, match="otro tipo"):
        read_recipe(path)
    path.write_text("leaves = ")
    with pytest.raises(RecipeError, match="TOML"):
        read_recipe(path)
    with pytest.raises(RecipeError, match="No existe"):
        read_recipe(tmp_path / "none.toml")


def test_trees_stay_small_enough_to_explain(model: RiskModel) -> None:
    assert LIMITS["depth"][1] <= 8 and LIMITS["leaves"][1] <= 31
    trees = model.booster.trees_to_dataframe()

    assert trees["node_depth"].max() <= Recipe().depth + 1
    assert trees[trees["left_child"].isna()].groupby("tree_index").size().max() <= Recipe().leaves


def test_a_foreign_feature_with_commas_in_its_name_can_be_learnt() -> None:
    from models.trees import plain_name

    assert plain_name(3, 'x_{"a,b":1}') == "feature_3"
    assert plain_name(3, "x_clicks") == "x_clicks"
    assert with_outcomes(frame(students=5)).height == 5 * len(SUNDAYS)
