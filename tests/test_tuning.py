"""A better recipe is looked for on earlier years only; a search that was interrupted goes on where it stopped."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from made_up_town import town

from features import Records
from models import tuning
from models.folds import NotEnoughDays
from models.recipe import Recipe, as_toml, read_recipe
from models.registry import Registry
from models.tuning import CHOICES, Bench, tune
from serving.faults import WrongUsage
from serving.recipe_search import must_be_writable

QUICK = Recipe(retold_trees=0, trees=40, threads=1, most_days=12, refits=0)


@pytest.fixture(scope="module")
def records() -> Records:
    return town()


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'tuning.sqlite'}"


def test_the_first_trial_is_the_recipe_one_began_with_and_the_best_is_no_worse(records: Records, storage: str) -> None:
    found = tune(records, QUICK, 3, storage)

    assert found.trials == 3
    assert found.skill >= found.skill_before > 0
    assert found.recipe.name == "monday_list_tuned"
    untouched = replace(found.recipe, name=QUICK.name, **{choice: getattr(QUICK, choice) for choice in CHOICES})
    assert untouched == QUICK


def test_an_interrupted_search_goes_on(records: Records, storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tune(records, QUICK, 2, storage)
    tried: list[Recipe] = []
    monkeypatch.setattr(Bench, "skill", lambda self, recipe: tried.append(recipe) or 0.5)

    found = tune(records, QUICK, 4, storage)

    assert len(tried) == 2
    assert found.trials == 4
    assert found.skill == 0.5


@pytest.mark.parametrize("other", [{"horizon_weeks": 8}, {"absent_weeks": 2}, {"seed": 5}])
def test_a_search_for_another_question_begins_anew(
    records: Records, storage: str, monkeypatch: pytest.MonkeyPatch, other: dict[str, int]
) -> None:
    """Trials of four weeks say nothing of eight; under one name they would have counted as already made."""
    monkeypatch.setattr(Bench, "skill", lambda self, recipe: 0.5)
    monkeypatch.setattr(tuning, "bench_of", lambda *_: Bench.__new__(Bench))
    tune(records, QUICK, 2, storage)

    assert tune(records, QUICK, 3, storage).trials == 3
    assert tune(records, replace(QUICK, **other), 1, storage).trials == 1  # type: ignore[arg-type]


def test_a_first_trial_that_was_interrupted_is_made_again(
    records: Records, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Recipe] = []

    def skill(_: Bench, recipe: Recipe) -> float:
        tried.append(recipe)
        if len(tried) == 1:
            raise KeyboardInterrupt
        return 1 / len(tried)

    monkeypatch.setattr(Bench, "skill", skill)
    with pytest.raises(KeyboardInterrupt):
        tune(records, QUICK, 2, storage)

    found = tune(records, QUICK, 2, storage)

    assert found.trials == 2 and found.skill_before == 0.5
    assert tried[0] == tried[1] == replace(QUICK, stands=1)


def test_the_judged_year_is_never_looked_at(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[date] = []
    part_of = tuning.part_of

    def looked(taught: pl.DataFrame, judged: pl.DataFrame, trees: tuning.Grove) -> tuning.Part:
        assert taught["day"].max() < judged["day"].min()  # type: ignore[operator]
        seen.extend(judged["day"].unique().to_list())
        return part_of(taught, judged, trees)

    monkeypatch.setattr(tuning, "part_of", looked)
    tune(records, QUICK, 1, "sqlite:///:memory:")

    assert {day.year for day in seen} == {2022}


def test_every_trial_is_a_run_nested_in_its_search(records: Records, storage: str, tmp_path: Path) -> None:
    registry = Registry(f"sqlite:///{tmp_path / 'mlflow.sqlite'}", tmp_path / "artifacts")

    tune(records, QUICK, 2, storage, registry)

    client = registry.client
    runs = client.search_runs([registry.experiment_id()])
    trials = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    assert len(runs) == 3 and len(trials) == 2
    assert all("skill" in run.data.metrics and "leaves" in run.data.params for run in trials)


def test_the_recipe_found_can_be_read_again(tmp_path: Path) -> None:
    recipe = replace(QUICK, name="found", monotone=False, test_from=date(2024, 1, 1), l2=0.5)
    path = tmp_path / "found.toml"

    path.write_text(as_toml(recipe), encoding="utf-8")

    assert read_recipe(path) == recipe


def test_one_short_year_is_refused_in_a_sentence(records: Records) -> None:
    with pytest.raises(NotEnoughDays, match="Cargue más exportaciones"):
        tune(records, QUICK, 1, "sqlite:///:memory:", until=date(2021, 6, 1))


def test_where_the_recipe_cannot_be_written_is_told_before_the_search(tmp_path: Path) -> None:
    must_be_writable(tmp_path / "mejor.toml")

    for out in (tmp_path, tmp_path / "no" / "mejor.toml"):
        with pytest.raises(WrongUsage, match="carpeta que exista"):
            must_be_writable(out)
