"""The only door to MLflow: records a run, keeps its model, puts one in use through gates, and goes back to the last."""

import json
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.definitions import CATALOGUE
from models.card import CARD, approved, card_of, write_card
from models.gates import Candidate, GateRefused, expires_on, refusals
from models.model_files import MANIFEST, ModelFilesDamaged, add_file, as_json, manifest_seal, read_manifest
from models.risk_model import BOOSTER, ORIGIN, RiskModel
from models.runs import Run as Run
from models.runs import datasets_of, write_evaluation

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "permanencia-riesgo"
EXPERIMENT = "permanencia"
CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
SEAL = "manifest_sha256"
ANSWERS = ("raw_score", "score", "score_8w", "score_year", "moved", "between_years")
"""What a version says of each student (`RiskModel.chances`)."""
MOST_AT_ONCE = 900
"""Figures that MLflow takes in one call."""
PARENT, RUN_NAME, STUDY = "mlflow.parentRunId", "mlflow.runName", "study"
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


class NoSuchVersion(LookupError):  # noqa: N818 - says what is wrong
    """The registry holds no such version, or none in use."""


class Registry:
    """One MLflow store. Nothing is asked of the network, and no pickle is written or read."""

    def __init__(self, tracking_uri: str, artifacts: Path) -> None:
        self.tracking_uri = tracking_uri
        self.artifacts = artifacts

    def record(self, run: Run) -> tuple[str, str]:
        """Keeps a run and registers its model, which becomes the challenger; gives the run's id and the version."""
        with self._mlflow() as mlflow, tempfile.TemporaryDirectory() as scratch:
            with mlflow.start_run(experiment_id=self._experiment()) as started:
                mlflow.log_params(dict(run.params))
                mlflow.set_tags(run.all_tags)
                self._log_datasets(started.info.run_id, run)
                card = card_of(run, refusals(candidate_of(run), run.model.fingerprint), started.info.run_id)
                write_evaluation(run, Path(scratch) / "evaluation")
                write_card(card, run, Path(scratch) / "card")
                for kind in ("evaluation", "card"):
                    mlflow.log_artifacts(str(Path(scratch) / kind), kind)
                version = self._log_model(mlflow, run, card, Path(scratch) / "model")
                # NOTE: after the model, or MLflow reads back every one of some hundred figures to hang it on the model.
                self._log_batch(started.info.run_id, {}, run.figures)
            return started.info.run_id, version

    def open_study(self, name: str, params: Mapping[str, Any], tags: Mapping[str, str] | None = None) -> str:
        """A run under which trials are kept; gives its id. A study of that name that was begun goes on."""
        return self.find_study(name) or self._new_run({**(tags or {}), STUDY: name, RUN_NAME: name}, params, {})

    def find_study(self, name: str) -> str | None:
        found = self._client.search_runs([self._experiment()], f"tags.{STUDY} = '{name}'", max_results=1)
        return str(found[0].info.run_id) if found else None

    def record_trial(
        self,
        study: str,
        number: int,
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """One trial as a run nested in its study: begun, filled and ended at once, so that nothing is left hanging."""
        names = {PARENT: study, RUN_NAME: f"ensayo {number}", "trial": str(number)}
        run_id = self._new_run({**(tags or {}), **names}, params, metrics)
        self._client.set_terminated(run_id)
        return run_id

    def close_study(self, study: str, metrics: Mapping[str, float]) -> None:
        self._log_batch(study, {}, metrics)
        self._client.set_terminated(study)

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
        known = self._version(version)
        seal = known.tags.get(SEAL)
        if seal is None:
            raise NoSuchVersion(f"La versión {version} no tiene sello de sus archivos. Entrene una versión nueva.")
        copy_files(self._model_folder(version), folder, seal)
        told = {name: known.tags[name] for name in ("promoted_by", "promoted_on", "expires_on") if name in known.tags}
        origin = {"version": version, "run_id": known.run_id, **told}
        (folder / ORIGIN).write_text(as_json(origin), encoding="utf-8")
        return RiskModel.load(folder, seal)

    def fetch_champion_to(self, folder: Path) -> str:
        """What the service reads: it needs no MLflow afterwards. Gives the version."""
        version = self._champion_or_say()
        self.fetch(version, folder)
        return version

    def promote(
        self, version: str, fingerprint: str = CATALOGUE.fingerprint, by: str = "", on: date | None = None
    ) -> str:
        """Puts a version in use if it passes every gate; the one before stays at hand as `previous`.

        `by`: who answers for it. `on`: the newest day of the archive; a version whose time is over is refused.
        """
        before = self.champion_version()
        in_use = self.candidate(before) if before and before != version else None
        candidate = self.candidate(version)
        reasons = refusals(candidate, fingerprint, in_use, on)
        if reasons:
            raise GateRefused([f"La versión {version} no se puede poner en uso.", *reasons])
        self.load(version)  # files that were changed are refused here, before any name points to them
        self._approve(version, by, on, expires_on(candidate.judged_until))
        if before and before != version:
            self._client.set_registered_model_alias(NAME, PREVIOUS, before)
        self._client.set_registered_model_alias(NAME, CHAMPION, version)
        if self.version_at(CHALLENGER) == version:
            self._client.delete_registered_model_alias(NAME, CHALLENGER)
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
        run = self.run_of(version)
        return Candidate(dict(run.data.metrics), run.data.tags.get("catalogue_fingerprint"), dict(run.data.tags))

    def run_of(self, version: str) -> Any:
        """MLflow's own record of the run: params, tags and metrics."""
        return self._client.get_run(self._version(version).run_id)

    def _approve(self, version: str, by: str, on: date | None, until: date | None) -> None:
        """Who answers for the version and until when, on the version itself and on its card."""
        told = {"promoted_by": by, "promoted_on": str(on or ""), "expires_on": str(until or "")}
        for name, value in told.items():
            self._client.set_model_version_tag(NAME, version, name, value)
        run_id, kept = self._version(version).run_id, self._model_folder(version) / CARD
        if kept.exists():
            for name, text in approved(json.loads(kept.read_text("utf-8")), version, told).items():
                self._client.log_text(run_id, text, f"card/{name}")

    def _log_datasets(self, run_id: str, run: Run) -> None:
        """MLflow's data sets, by digest: which records and days made the model. No row of a child is kept there."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        source = json.dumps({"tags": {"archive": run.tags.get("data_digest", "")}})
        inputs = [
            DatasetInput(
                Dataset(one["name"], one["digest"], "code", source, profile=json.dumps({"days": one["days"]})),
                [InputTag("mlflow.data.context", one["context"])],
            )
            for one in datasets_of(run.tags)
        ]
        if inputs:
            self._client.log_inputs(run_id, inputs)

    def _log_model(self, mlflow: Any, run: Run, card: Mapping[str, Any], folder: Path) -> str:
        run.model.save(folder)
        add_file(folder, CARD, as_json(card))
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
        self._client.set_registered_model_alias(NAME, CHALLENGER, version)
        return version

    def _new_run(self, tags: Mapping[str, str], params: Mapping[str, Any], metrics: Mapping[str, float]) -> str:
        run_id = str(self._client.create_run(self._experiment(), tags=dict(tags)).info.run_id)
        self._log_batch(run_id, params, metrics)
        return run_id

    def _log_batch(self, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        from mlflow.entities import Metric, Param

        kept = [Metric(name, float(value), 0, 0) for name, value in metrics.items()]
        self._client.log_batch(run_id, kept[:MOST_AT_ONCE], [Param(name, str(value)) for name, value in params.items()])
        for start in range(MOST_AT_ONCE, len(kept), MOST_AT_ONCE):
            self._client.log_batch(run_id, kept[start : start + MOST_AT_ONCE])

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
        trees = next(Path(found).rglob(BOOSTER), None)
        if trees is None:
            raise ModelFilesDamaged(f"Falta {BOOSTER} en el registro para la versión {version}. Entrene una nueva.")
        return trees.parent

    def _version(self, version: str) -> Any:
        from mlflow.exceptions import MlflowException

        try:
            return self._client.get_model_version(NAME, version)
        except MlflowException:
            raise NoSuchVersion(
                f"No existe la versión {version} del modelo. Consulte las versiones en el registro."
            ) from None

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


def candidate_of(run: Run) -> Candidate:
    """What the gates will see of the run once it is registered."""
    return Candidate(run.figures, run.model.fingerprint, run.all_tags)


def copy_files(source: Path, folder: Path, seal: str) -> None:
    """Every file the manifest names lands whole, by a rename: the service may be reading the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*read_manifest(source, seal), MANIFEST):
        draft = folder / f"{name}.draft"
        draft.write_bytes((source / name).read_bytes())
        draft.replace(folder / name)


def signature_of(model: RiskModel) -> Any:
    """Every feature by name and type; all may be missing, because in real registers they are."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = {name: "string" if name in model.categories else "double" for name in model.features}
    inputs = Schema([ColSpec(kind, name, required=False) for name, kind in kinds.items()])
    return ModelSignature(inputs, Schema([ColSpec("double", name) for name in ANSWERS]))
