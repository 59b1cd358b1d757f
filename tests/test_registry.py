"""The registry keeps what is needed to understand a model, lets only good ones in, goes back, and holds no pickle."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from made_up_town import SUNDAYS, a_model, frame, town, with_outcomes

from features import CATALOGUE, Records, build_frame
from models.beside import OtherQuestion, judged_beside
from models.evaluation import Capacity, Evaluation, evaluate
from models.gates import GateRefused
from models.model_files import ModelFilesDamaged
from models.recipe import Recipe
from models.registry import NAME, NoSuchVersion, Registry, Run
from models.risk_model import RiskModel
from models.training import TrainingResult, evaluate_version, train, typical_row
from serving.model_room import keep_comparison

pytestmark = pytest.mark.filterwarnings("ignore")

SAME_DAYS = {"test_days": "2024-02-04/2024-06-02 (5)"}
QUICK = Recipe(retold_trees=60, trees=30, learning_rate=0.1, threads=1, bootstrap=50)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store with its tables made: making them takes MLflow six seconds, copying them none."""
    folder = tmp_path_factory.mktemp("mlflow")
    Registry(f"sqlite:///{folder}/mlflow.sqlite", folder / "artifacts").champion_version()
    return folder / "mlflow.sqlite"


@pytest.fixture
def registry(migrated: Path, tmp_path: Path) -> Registry:
    shutil.copy(migrated, tmp_path / "mlflow.sqlite")
    return Registry(f"sqlite:///{tmp_path}/mlflow.sqlite", tmp_path / "artifacts")


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return a_model()


@pytest.fixture(scope="module")
def run(model: RiskModel) -> Run:
    rows = with_outcomes(frame(students=200))
    judged = rows.select("student_id", "day", "institution_id", "outcome").with_columns(
        model.predict(rows)["score"].alias("model"), random=pl.lit(0.5)
    )
    told = evaluate(judged, {"model": True, "random": False}, Capacity(10), draws=20)
    params, tags = {"trees": "40"}, {"data_digest": "d1g35t", "git_commit": "c0mm17"}
    return Run(model, params, tags, told.table, told.deciles, typical_row(rows, model), told.weeks)


@pytest.fixture(scope="module")
def stocked(migrated: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two good versions, 1 and 2, and a bad one, 3: recording takes seconds, copying the store none."""
    folder = tmp_path_factory.mktemp("stocked")
    shutil.copy(migrated, folder / "mlflow.sqlite")
    registry = Registry(f"sqlite:///{folder}/mlflow.sqlite", folder / "artifacts")
    for precision in (0.3, 0.3, 0.05):
        registry.record(replace(judged_as(run, precision), tags={**run.tags, **SAME_DAYS}))
    return folder


@pytest.fixture
def shelf(stocked: Path, tmp_path: Path) -> Registry:
    shutil.copy(stocked / "mlflow.sqlite", tmp_path / "mlflow.sqlite")
    return Registry(f"sqlite:///{tmp_path}/mlflow.sqlite", stocked / "artifacts")


@pytest.fixture(scope="module")
def records() -> Records:
    return town()


def judged_as(run: Run, precision: float, baseline: float = 0.1, slope: float = 1.0, **metrics: float) -> Run:
    """The same run with other figures in its table."""
    of = pl.when(pl.col("method") == "model")
    table = run.table.with_columns(
        precision_at_capacity=of.then(precision).otherwise(baseline),
        calibration_slope=of.then(slope),
        ece=of.then(0.01),
        new_names=of.then(0.2),
    )
    return replace(run, table=table, metrics=metrics)


def test_what_is_registered_comes_back_the_same_to_the_last_bit(registry: Registry, run: Run) -> None:
    _, version = registry.record(run)

    again = registry.load(version)

    rows = frame(students=50, seed=4)
    assert again.predict(rows).equals(run.model.predict(rows))
    assert again.version == version


def test_no_pickle_is_written(registry: Registry, run: Run, tmp_path: Path) -> None:
    registry.record(run)

    written = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]

    assert {"model.lgb", "model.json", "manifest.json", "registered_model.py"} <= {path.name for path in written}
    assert not [path for path in written if path.suffix in {".pkl", ".pickle", ".joblib", ".skops", ".cloudpickle"}]
    # 0x80 opens every pickle of protocol 2 and later.
    assert not [path for path in written if path.read_bytes()[:1] == b"\x80"]


def test_a_run_says_where_its_data_came_from_and_what_it_showed(registry: Registry, run: Run, tmp_path: Path) -> None:
    _, version = registry.record(run)

    kept = registry.run_of(version).data

    assert kept.params["trees"] == "40"
    assert (kept.tags["data_digest"], kept.tags["git_commit"]) == ("d1g35t", "c0mm17")
    assert kept.tags["catalogue_fingerprint"] == CATALOGUE.fingerprint
    assert kept.metrics["model.precision_at_capacity"] == run.table["precision_at_capacity"][0]
    names = {path.name for path in tmp_path.rglob("evaluation/*")}
    assert {"evaluation.csv", "evaluation.md", "precision_por_metodo.png", "calibracion_por_decil.png"} <= names


def test_mlflow_s_own_reading_gives_the_service_s_numbers_bit_for_bit(registry: Registry, run: Run) -> None:
    import mlflow

    _, version = registry.record(run)
    rows = frame(students=1250, seed=5)

    theirs = mlflow.pyfunc.load_model(f"models:/{NAME}/{version}").predict(rows.select(run.model.features).to_pandas())

    ours = run.model.chances(rows)
    assert rows.height == 10_000
    assert ours.columns[3:] == list(theirs.columns)
    assert ours.select(theirs.columns).fill_null(float("nan")).equals(pl.from_pandas(theirs, nan_to_null=False))


ALONE = """
import sys
sys.modules |= dict.fromkeys(("models", "features", "serving"))  # importing any of them now fails
import mlflow, pandas as pd, polars as pl
mlflow.set_tracking_uri(sys.argv[1])
told = mlflow.pyfunc.load_model(sys.argv[2]).predict(pd.read_parquet(sys.argv[3]))
pl.from_pandas(told, nan_to_null=False).write_parquet(sys.argv[4])
"""


def test_a_notebook_without_this_project_reads_the_same_numbers(registry: Registry, run: Run, tmp_path: Path) -> None:
    _, version = registry.record(run)
    rows = frame(students=1250, seed=6)
    rows.select(run.model.features).write_parquet(tmp_path / "rows.parquet")

    asked = [registry.tracking_uri, f"models:/{NAME}/{version}", tmp_path / "rows.parquet", tmp_path / "told.parquet"]
    subprocess.run([sys.executable, "-c", ALONE, *map(str, asked)], check=True, cwd=tmp_path, capture_output=True)

    told = pl.read_parquet(tmp_path / "told.parquet")
    assert told["score"].to_list() == run.model.predict(rows)["score"].to_list()


def test_mlflow_s_own_reading_refuses_a_changed_file(registry: Registry, run: Run, tmp_path: Path) -> None:
    import mlflow

    _, version = registry.record(run)
    kept = next((tmp_path / "artifacts").rglob("model.lgb"))
    kept.write_bytes(kept.read_bytes().replace(b"shrinkage=0", b"shrinkage=1", 1))

    with pytest.raises(ValueError, match="cambió después de escribirse"):
        mlflow.pyfunc.load_model(f"models:/{NAME}/{version}")


def test_the_version_has_a_signature_an_example_and_named_requirements(
    registry: Registry, run: Run, tmp_path: Path
) -> None:
    from mlflow.models import get_model_info

    _, version = registry.record(run)

    info = get_model_info(f"models:/{NAME}/{version}")

    assert info.signature.inputs.input_names() == list(run.model.features)
    assert info.signature.outputs.input_names()[:2] == ["raw_score", "score"]
    assert info.saved_input_example_info is not None
    needed = next(tmp_path.rglob("requirements.txt")).read_text("utf-8").splitlines()
    assert [line.split("==")[0] for line in needed] == ["mlflow", "lightgbm", "numpy", "pandas"]


def test_the_example_is_no_real_student(run: Run) -> None:
    rows = frame(students=200).select(run.model.features)

    assert run.example.height == 1
    assert rows.join(run.example, on=list(run.model.features), how="semi", nulls_equal=True).height == 0


def test_champion_and_previous_change_places_on_rollback(shelf: Registry) -> None:
    shelf.promote("1", by="ana")
    assert (shelf.champion_version(), shelf.version_at("previous")) == ("1", None)
    shelf.promote("2")
    assert (shelf.champion_version(), shelf.version_at("previous")) == ("2", "1")
    assert shelf.rollback() == "1"
    assert (shelf.champion_version(), shelf.version_at("previous")) == ("1", "2")
    assert shelf.rollback() == "2"


def test_promoting_the_one_in_use_again_keeps_the_way_back(shelf: Registry) -> None:
    shelf.promote("1")
    shelf.promote("2")

    shelf.promote("2")

    assert shelf.version_at("previous") == "1"


def test_with_nothing_before_there_is_nothing_to_go_back_to(shelf: Registry) -> None:
    with pytest.raises(GateRefused, match="No hay una versión anterior"):
        shelf.rollback()
    shelf.promote("1")
    with pytest.raises(GateRefused, match="No hay una versión anterior"):
        shelf.rollback()


def test_a_refused_version_does_not_come_into_use(shelf: Registry) -> None:
    shelf.promote("1")

    with pytest.raises(GateRefused, match="no supera la de «al azar»"):
        shelf.promote("3")

    assert shelf.champion_version() == "1"


def test_a_version_of_another_catalogue_is_refused(shelf: Registry) -> None:
    with pytest.raises(GateRefused, match="otro catálogo"):
        shelf.promote("1", fingerprint="0123456789abcdef")


def test_the_newest_version_is_the_challenger_until_it_is_put_in_use(registry: Registry, run: Run) -> None:
    version = registry.record(judged_as(run, 0.3))[1]

    assert registry.version_at("challenger") == version
    registry.promote(version)
    assert registry.version_at("challenger") is None


def test_a_challenger_worse_on_the_same_weeks_is_refused(registry: Registry, run: Run) -> None:
    same = replace(judged_as(run, 0.4), tags={**run.tags, **SAME_DAYS})
    registry.promote(registry.record(same)[1])
    worse = registry.record(replace(judged_as(run, 0.3), tags=same.tags))[1]

    with pytest.raises(GateRefused, match="menor que la de la versión en uso"):
        registry.promote(worse)


def together(rows: pl.DataFrame, model: RiskModel, other: RiskModel) -> Evaluation:
    """Both on the same Mondays, as `evaluate --against` judges them."""
    told = {"model": model.predict(rows)["score"], "other_version": other.predict(rows)["score"]}
    judged = rows.select("student_id", "day", "institution_id", "outcome").with_columns(**told)
    return evaluate(judged, dict.fromkeys(told, True), Capacity(10), draws=20)


def test_what_was_not_compared_with_the_one_in_use_is_compared_by_evaluate_and_then_promoted(
    registry: Registry, run: Run
) -> None:
    """The version in use may have changed since the training: then its figures on these weeks are asked for."""
    days = {"test_days": f"{SUNDAYS[0]}/{SUNDAYS[-1]} ({len(SUNDAYS)})"}
    old, new = run.model, a_model(trees=3)  # the smaller is the better one of this town
    rows = with_outcomes(frame(students=200))
    registry.promote(registry.record(replace(judged_as(run, 0.2), tags={**run.tags, **SAME_DAYS}))[1])
    version = registry.record(replace(judged_as(run, 0.3), model=new, tags={**run.tags, **days}))[1]
    asked = f"permanencia evaluate {version} --from {SUNDAYS[0]} --to {SUNDAYS[-1]} --against 1"
    with pytest.raises(GateRefused, match=asked):
        registry.promote(version)

    assert keep_comparison(registry, version, "1", together(rows.filter(pl.col("day") > SUNDAYS[2]), new, old)) is None
    assert "promote la lee" in str(keep_comparison(registry, version, "1", together(rows, new, old)))

    paired = judged_beside(registry.candidate(version).figures, registry.seal_of("1"))
    assert paired["precision_difference"] == pytest.approx(paired["precision"] - paired["precision_other"])
    assert registry.promote(version) == version
    assert registry.promote("1") == "1", "back to the one before, as in a rollback, without a comparison"


def test_figures_told_again_take_the_place_of_the_first_also_when_they_are_smaller(shelf: Registry) -> None:
    for value in (0.3, 0.1, 0.2):
        shelf.add_figures("1", {"against.abc.precision": value})

    assert shelf.run_of("1").data.metrics["against.abc.precision"] == 0.2


def test_a_version_in_use_whose_files_are_damaged_stands_in_nobody_s_way(
    registry: Registry, run: Run, tmp_path: Path
) -> None:
    registry.promote(registry.record(judged_as(run, 0.3))[1])
    next((tmp_path / "artifacts").rglob("model.lgb")).write_text("tree\n")
    version = registry.record(judged_as(run, 0.3))[1]

    assert registry.promote(version) == version


def test_a_version_says_who_answers_for_it_and_until_when(registry: Registry, run: Run, tmp_path: Path) -> None:
    judged = replace(judged_as(run, 0.3), tags={**run.tags, "test_days": "2024-02-04/2024-06-02 (5)"})
    run_id, version = registry.record(judged)
    registry.promote(version, by="Ana Ruiz", on=date(2024, 7, 1))

    registry.fetch_champion_to(tmp_path / "champion")

    origin = json.loads((tmp_path / "champion" / "origin.json").read_text("utf-8"))
    assert (origin["promoted_by"], origin["expires_on"]) == ("Ana Ruiz", "2025-07-07")
    card = next((tmp_path / "artifacts" / run_id).rglob("card/modelo.md")).read_text("utf-8")
    assert "**Aprobado por** Ana Ruiz" in card and "**Vence el** 07/07/2025" in card


def test_a_run_names_its_data_sets_by_digest_and_keeps_no_row_of_them(registry: Registry, run: Run) -> None:
    told = replace(
        run, tags={**run.tags, "fit_days": "2022-01-30/2023-05-07 (30)", "test_days": "2024-02-04/2024-06-02 (5)"}
    )
    _, version = registry.record(told)

    inputs = registry.run_of(version).inputs.dataset_inputs

    assert {one.tags[0].value for one in inputs} == {"training", "evaluation"}
    assert len({one.dataset.digest for one in inputs}) == 2
    assert all("e0000" not in f"{one.dataset.profile}{one.dataset.source}" for one in inputs)


def test_trials_are_nested_in_a_study_that_can_be_taken_up_again(registry: Registry) -> None:
    study = registry.searches.opened("profundidad", {"folds": 3})
    first = registry.searches.tried(study, 0, {"depth": 3}, {"logloss": 0.11})

    again = registry.searches.opened("profundidad", {"folds": 3})
    second = registry.searches.tried(again, 1, {"depth": 5}, {"logloss": 0.12})
    registry.searches.closed(study, {"best_logloss": 0.11})

    assert again == study and first != second
    kept = [registry.client.get_run(trial) for trial in (first, second)]
    assert [one.data.tags["mlflow.parentRunId"] for one in kept] == [study, study]
    assert [one.data.params["depth"] for one in kept] == ["3", "5"]
    assert {one.info.status for one in (*kept, registry.client.get_run(study))} == {"FINISHED"}


def test_the_service_gets_text_files_and_the_version(shelf: Registry, tmp_path: Path) -> None:
    shelf.promote("1")

    assert shelf.fetch_champion_to(tmp_path / "champion") == "1"

    assert RiskModel.load(tmp_path / "champion").version == "1"
    names = sorted(path.name for path in (tmp_path / "champion").iterdir())
    assert names == ["card.json", "manifest.json", "model.json", "model.lgb", "origin.json"]


def test_files_changed_in_the_store_are_refused_even_with_a_new_manifest(
    registry: Registry, run: Run, tmp_path: Path
) -> None:
    _, version = registry.record(run)
    kept = next((tmp_path / "artifacts").rglob("model.lgb")).parent
    a_model(trees=3).save(kept)

    with pytest.raises(ModelFilesDamaged, match=r"manifest\.json"):
        registry.load(version)


def test_a_version_with_one_byte_changed_or_a_file_gone_is_not_promoted(
    registry: Registry, run: Run, tmp_path: Path
) -> None:
    _, version = registry.record(judged_as(run, 0.3))
    trees = next((tmp_path / "artifacts").rglob("model.lgb"))
    whole = trees.read_bytes()
    trees.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])

    with pytest.raises(ModelFilesDamaged, match=r"model\.lgb cambió"):
        registry.promote(version)
    trees.unlink()
    with pytest.raises(ModelFilesDamaged, match=r"Falta model\.lgb"):
        registry.promote(version)

    assert registry.champion_version() is None


def test_what_does_not_exist_is_said_in_a_sentence(registry: Registry) -> None:
    with pytest.raises(NoSuchVersion, match="No existe la versión 7"):
        registry.promote("7")
    with pytest.raises(NoSuchVersion, match="No hay un modelo en uso"):
        registry.champion()


@pytest.fixture(scope="module")
def trained(
    migrated: Path, records: Records, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Registry, TrainingResult]]:
    folder = tmp_path_factory.mktemp("trained")
    shutil.copy(migrated, folder / "mlflow.sqlite")
    registry = Registry(f"sqlite:///{folder}/mlflow.sqlite", folder / "artifacts")
    yield registry, train(records, QUICK, registry, capacity=20)


def test_training_registers_the_very_model_it_judged(
    trained: tuple[Registry, TrainingResult], records: Records
) -> None:
    registry, result = trained
    rows = build_frame(records, [SUNDAYS[0]])

    assert result.version is not None
    assert registry.load(result.version).predict(rows).equals(result.model.predict(rows))
    kept = registry.run_of(result.version)
    assert kept.info.run_id == result.run_id
    assert kept.data.tags["horizon_weeks"] == "4"
    assert kept.data.tags["data_digest"].startswith(records.digest())


def test_training_judges_the_version_in_use_on_the_very_same_mondays_for_the_gate(
    trained: tuple[Registry, TrainingResult], records: Records
) -> None:
    registry, first = trained
    assert first.version is not None
    registry.name("champion", first.version)
    try:
        second = train(records, replace(QUICK, trees=5, stands=1, refits=0, part_trees=0), registry, capacity=20)
    finally:
        registry.unname("champion")

    assert second.version is not None
    figures = registry.candidate(second.version).figures
    paired = judged_beside(figures, registry.seal_of(first.version))
    told = {row["method"]: row["precision_at_capacity"] for row in second.table.to_dicts()}
    assert (paired["precision"], paired["precision_other"]) == (told["model"], told["other_version"])
    assert told["other_version"] == first.table["precision_at_capacity"][0]
    assert paired["precision_low"] <= paired["precision_difference"] <= paired["precision_high"]


def test_a_version_of_another_horizon_is_not_set_beside(
    trained: tuple[Registry, TrainingResult], records: Records, run: Run
) -> None:
    registry, result = trained
    assert result.version is not None
    for other in ({"horizon_weeks": 8}, {"absent_weeks": 2}):
        asked = registry.record(replace(run, model=replace(result.model, **other)))[1]  # type: ignore[arg-type]
        with pytest.raises(OtherQuestion, match="no se pueden comparar: una"):
            evaluate_version(records, registry, result.version, SUNDAYS[0], SUNDAYS[-1], against=asked)


def test_a_registered_version_is_judged_again_with_the_same_table(
    trained: tuple[Registry, TrainingResult], records: Records
) -> None:
    registry, result = trained
    assert result.version is not None
    test = result.fold.test

    again = evaluate_version(records, registry, result.version, test[0], test[-1], QUICK, capacity=20)

    assert again.notes == ()
    assert again.table.equals(result.table)


def test_judging_on_days_it_was_taught_on_says_so(trained: tuple[Registry, TrainingResult], records: Records) -> None:
    registry, result = trained
    assert result.version is not None

    taught_on = date(2021, 3, 1), date(2021, 9, 1)
    told = evaluate_version(records, registry, result.version, *taught_on, QUICK, capacity=20, against=result.version)

    assert dict(told.comparison.select("figure", "difference").iter_rows())["precision"] == 0
    assert [note.startswith("La otra versión") for note in told.notes] == [False, True]
    assert all("días con los que se entrenó" in note for note in told.notes)


def test_importing_models_costs_no_mlflow_no_lightgbm_and_no_scikit_learn() -> None:
    heavy = {"mlflow", "lightgbm", "sklearn", "shap", "matplotlib", "polars", "scipy", "pandas"}
    asked = f"import sys, models; print(sorted(set(sys.modules) & {heavy}))"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_scoring_and_explaining_cost_no_mlflow_shap_or_matplotlib() -> None:
    heavy = {"mlflow", "shap", "matplotlib"}
    asked = f"import sys, models.scoring, models.explanation; print(sorted(set(sys.modules) & {heavy}))"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_every_name_that_models_offers_is_there() -> None:
    import models

    assert all(getattr(models, name) is not None for name in models.__all__)
    with pytest.raises(AttributeError):
        models.nothing_of_the_kind  # noqa: B018


def test_mlflow_is_told_to_keep_to_itself(registry: Registry) -> None:
    registry.champion_version()

    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert os.environ["DO_NOT_TRACK"] == "true"
    assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
