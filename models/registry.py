"""The only door to MLflow: records a run, keeps its model, puts one in use through gates, and goes back to the last."""

import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from features.definitions import CATALOGUE
from models.gates import Candidate, GateRefused, refusals
from models.model_files import as_json, manifest_seal
from models.report import as_markdown, write_figures
from models.risk_model import BOOSTER, DESCRIPTION, ORIGIN, RiskModel

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "permanencia-riesgo"
EXPERIMENT = "permanencia"
CHAMPION, PREVIOUS = "champion", "previous"
SEAL = "manifest_sha256"
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


class NoSuchVersion(LookupError):  # noqa: N818 - says what is wrong
    """The registry holds no such version, or none in use."""


@dataclass(frozen=True)
class Run:
    """What is kept of one training: its choices, where its data came from, what it showed, and its model."""

    model: RiskModel
    params: Mapping[str, str]
    tags: Mapping[str, str]
    table: pl.DataFrame
    deciles: pl.DataFrame
    example: pl.DataFrame
    weeks: pl.DataFrame = field(default_factory=pl.DataFrame)
    metrics: Mapping[str, float] = field(default_factory=dict)


class Registry:
    """One MLflow store. Nothing is asked of the network, and no pickle is written or read."""

    def __init__(self, tracking_uri: str, artifacts: Path) -> None:
        self.tracking_uri = tracking_uri
        self.artifacts = artifacts

    def record(self, run: Run) -> tuple[str, str]:
        """Keeps a run and registers its model; gives the run's id and the model's version."""
        with self._mlflow() as mlflow, tempfile.TemporaryDirectory() as scratch:
            with mlflow.start_run(experiment_id=self._experiment()) as started:
                mlflow.log_params(dict(run.params))
                mlflow.set_tags({**run.tags, "catalogue_fingerprint": run.model.fingerprint})
                mlflow.log_metrics(figures_of(run.table) | dict(run.metrics))
                write_evaluation(run, Path(scratch) / "evaluation")
                mlflow.log_artifacts(str(Path(scratch) / "evaluation"), "evaluation")
                version = self._log_model(mlflow, run, Path(scratch) / "model")
            return started.info.run_id, version

    def versions(self) -> list[str]:
        found = self._client.search_model_versions(f"name='{NAME}'")
        return sorted((str(one.version) for one in found), key=int)

    def version_at(self, alias: str) -> str | None:
        """The version an alias points to, if any."""
        if not self._registered():
            return None
        aliases = self._client.get_registered_model(NAME).aliases
        return str(aliases[alias]) if alias in aliases else None

    def champion_version(self) -> str | None:
        return self.version_at(CHAMPION)

    def load(self, version: str) -> RiskModel:
        with tempfile.TemporaryDirectory() as scratch:
            return self.fetch(version, Path(scratch))

    def champion(self) -> RiskModel:
        return self.load(self._champion_or_say())

    def fetch(self, version: str, folder: Path) -> RiskModel:
        """Copies a version's text files, checked against the seal kept in the registry, and reads them."""
        source = self._model_folder(version)
        seal = self._version(version).tags.get(SEAL)
        if seal is None or RiskModel.load(source, seal).features == ():
            raise NoSuchVersion(f"La versión {version} no tiene sello de sus archivos. Entrene una versión nueva.")
        copy_files(source, folder)
        origin = {"version": version, "run_id": self._version(version).run_id}
        (folder / ORIGIN).write_text(as_json(origin), encoding="utf-8")
        return RiskModel.load(folder, seal)

    def fetch_champion_to(self, folder: Path) -> str:
        """What the service reads: it needs no MLflow afterwards. Gives the version."""
        version = self._champion_or_say()
        self.fetch(version, folder)
        return version

    def promote(self, version: str, fingerprint: str = CATALOGUE.fingerprint, by: str = "") -> str:
        """Puts a version in use if it passes every gate; the one before stays at hand as `previous`."""
        reasons = refusals(self.candidate(version), fingerprint)
        if reasons:
            raise GateRefused([f"La versión {version} no se puede poner en uso.", *reasons])
        before = self.champion_version()
        if before and before != version:
            self._client.set_registered_model_alias(NAME, PREVIOUS, before)
        self._client.set_registered_model_alias(NAME, CHAMPION, version)
        self._client.set_model_version_tag(NAME, version, "promoted_by", by)
        return version

    def rollback(self) -> str:
        """The version before comes back into use, and the one in use becomes the one before."""
        now, before = self.champion_version(), self.version_at(PREVIOUS)
        if not (now and before):
            raise GateRefused(["No hay una versión anterior a la cual volver."])
        self._client.set_registered_model_alias(NAME, CHAMPION, before)
        self._client.set_registered_model_alias(NAME, PREVIOUS, now)
        return before

    def candidate(self, version: str) -> Candidate:
        run = self._client.get_run(self._version(version).run_id)
        return Candidate(dict(run.data.metrics), run.data.tags.get("catalogue_fingerprint"))

    def run_of(self, version: str) -> Any:
        """MLflow's own record of the run: params, tags and metrics."""
        return self._client.get_run(self._version(version).run_id)

    def _log_model(self, mlflow: Any, run: Run, folder: Path) -> str:
        run.model.save(folder)
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("registered_model.py")),
            artifacts={"model": str(folder)},
            signature=signature_of(run.model),
            input_example=run.example.to_pandas(),
            pip_requirements=[f"{name}=={installed(name)}" for name in ("mlflow", "lightgbm", "numpy", "pandas")],
        )
        if not self._registered():
            self._client.create_registered_model(NAME)
        # Registered through the client: the other door prints its progress to the person's screen.
        run_id = mlflow.active_run().info.run_id
        created = self._client.create_model_version(NAME, logged.model_uri, run_id, model_id=logged.model_id)
        version = str(created.version)
        self._client.set_model_version_tag(NAME, version, SEAL, manifest_seal(folder))
        return version

    def _experiment(self) -> str:
        known = self._client.get_experiment_by_name(EXPERIMENT)
        if known is not None:
            return str(known.experiment_id)
        self.artifacts.mkdir(parents=True, exist_ok=True)
        return str(self._client.create_experiment(EXPERIMENT, artifact_location=self.artifacts.resolve().as_uri()))

    def _model_folder(self, version: str) -> Path:
        with self._mlflow() as mlflow:
            self._version(version)
            found = mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{NAME}/{version}")
        return next(Path(found).rglob(BOOSTER)).parent

    def _version(self, version: str) -> Any:
        if version not in (self.versions() if self._registered() else []):
            raise NoSuchVersion(f"No existe la versión {version} del modelo. Consulte las versiones en el registro.")
        return self._client.get_model_version(NAME, version)

    def _registered(self) -> bool:
        return bool(self._client.search_registered_models(f"name='{NAME}'"))

    def _champion_or_say(self) -> str:
        version = self.champion_version()
        if version is None:
            raise NoSuchVersion("No hay un modelo en uso. Entrene uno y póngalo en uso con «permanencia promote».")
        return version

    @cached_property
    def _client(self) -> "MlflowClient":
        with self._mlflow() as mlflow:
            client: MlflowClient = mlflow.MlflowClient(self.tracking_uri, self.tracking_uri)
            return client

    @contextmanager
    def _mlflow(self) -> Iterator[Any]:
        """NOTE: MLflow is imported here and only here: it costs seconds, and the web process must never pay them."""
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        import logging

        import mlflow

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        mlflow.set_tracking_uri(self.tracking_uri)
        mlflow.set_registry_uri(self.tracking_uri)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield mlflow


def figures_of(table: pl.DataFrame) -> dict[str, float]:
    """`method.figure` for every figure there is."""
    return {
        f"{row['method']}.{name}": float(value)
        for row in table.iter_rows(named=True)
        for name, value in row.items()
        if name != "method" and value is not None
    }


def write_evaluation(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    run.table.write_csv(folder / "evaluation.csv")
    (folder / "evaluation.md").write_text(as_markdown(run.table), encoding="utf-8")
    run.deciles.write_csv(folder / "deciles.csv")
    run.weeks.write_csv(folder / "weeks.csv")
    write_figures(run.table, run.deciles, folder)


def copy_files(source: Path, folder: Path) -> None:
    """Each file lands whole, by a rename: the service may be reading the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (BOOSTER, DESCRIPTION, "manifest.json"):
        draft = folder / f"{name}.draft"
        draft.write_bytes((source / name).read_bytes())
        draft.replace(folder / name)


def signature_of(model: RiskModel) -> Any:
    """Every feature by name and type; all may be missing, because in real registers they are."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = {name: "string" if name in model.categories else "double" for name in model.features}
    inputs = Schema([ColSpec(kind, name, required=False) for name, kind in kinds.items()])
    return ModelSignature(inputs, Schema([ColSpec("double", "raw_score"), ColSpec("double", "score")]))
