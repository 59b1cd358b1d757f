"""The only door to MLflow: records a run, keeps its model, puts one in use through gates, and goes back to the last."""

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.definitions import CATALOGUE
from models import promotion
from models.card import card_of, write_card
from models.gates import Candidate, refusals
from models.model_files import ORIGIN, ModelFilesDamaged, copy_files, manifest_seal, write_note
from models.promotion import CHALLENGER, CHAMPION
from models.recording import log_datasets, log_figures, log_model
from models.risk_model import BOOSTER, RiskModel
from models.runs import Run as Run
from models.runs import write_evaluation
from models.searches import Searches

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "permanencia-riesgo"
EXPERIMENT = "permanencia"
SEAL = "manifest_sha256"
APPROVAL = ("promoted_by", "promoted_on", "expires_on")
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

    # --- what is recorded

    def record(self, run: Run) -> tuple[str, str]:
        """Keeps a run and registers its model, which becomes the challenger; gives the run's id and the version."""
        with self.mlflow() as mlflow, tempfile.TemporaryDirectory() as scratch:
            with mlflow.start_run(experiment_id=self.experiment_id()) as started:
                run_id = str(started.info.run_id)
                mlflow.log_params(dict(run.params))
                mlflow.set_tags(run.all_tags)
                log_datasets(mlflow, self.client, run_id, run)
                card = card_of(run, self._against(run), run_id)
                write_evaluation(run, Path(scratch) / "evaluation")
                write_card(card, run, Path(scratch) / "card")
                for kind in ("evaluation", "card"):
                    mlflow.log_artifacts(str(Path(scratch) / kind), kind)
                logged = log_model(mlflow, run, card, Path(scratch) / "model")
                version = self._registered_as(logged, run_id, manifest_seal(Path(scratch) / "model"))
                # NOTE: after the model, or MLflow reads back every one of some hundred figures to hang it on the model.
                log_figures(mlflow, self.client, run_id, run.figures)
            return run_id, version

    def add_figures(self, version: str, figures: Mapping[str, float]) -> None:
        """More figures of a version, or newer ones in the place of those it had."""
        run_id = self._version(version).run_id
        told = max((len(self.client.get_metric_history(run_id, name)) for name in figures), default=0)
        with self.mlflow() as mlflow:
            log_figures(mlflow, self.client, run_id, figures, step=told)

    @property
    def searches(self) -> Searches:
        return Searches(self)

    # --- what is in it

    def versions(self) -> list[str]:
        found = self.client.search_model_versions(f"name='{NAME}'")
        return sorted((str(one.version) for one in found), key=int)

    def version_at(self, alias: str) -> str | None:
        """The version an alias points to, if any."""
        if not self._is_begun():
            return None
        aliases = self.client.get_registered_model(NAME).aliases
        return str(aliases[alias]) if alias in aliases else None

    def champion_version(self) -> str | None:
        return self.version_at(CHAMPION)

    def candidate(self, version: str) -> Candidate:
        """What the gates read of a version."""
        data = self.run_of(version).data
        tags = dict(data.tags)
        return Candidate(dict(data.metrics), tags.get("catalogue_fingerprint"), tags, version, self.seal_of(version))

    def run_of(self, version: str) -> Any:
        """MLflow's own record of the run: params, tags and metrics."""
        return self.client.get_run(self._version(version).run_id)

    def seal_of(self, version: str) -> str:
        """SHA-256 over all its files, as it was when they were written."""
        seal = self._version(version).tags.get(SEAL)
        if seal is None:
            raise NoSuchVersion(f"La versión {version} no tiene sello de sus archivos. Entrene una versión nueva.")
        return str(seal)

    # --- its files

    def load(self, version: str) -> RiskModel:
        with tempfile.TemporaryDirectory() as scratch:
            return self.fetch(version, Path(scratch))

    def champion(self) -> RiskModel:
        return self.load(self._champion_or_say())

    def fetch(self, version: str, folder: Path) -> RiskModel:
        """Copies a version's text files, checked against the seal kept in the registry, and reads them."""
        known, seal = self._version(version), self.seal_of(version)
        copy_files(self.folder_of(version), folder, seal)
        told = {name: known.tags[name] for name in APPROVAL if name in known.tags}
        write_note(folder / ORIGIN, {"version": version, "run_id": known.run_id, **told})
        return RiskModel.load(folder, seal)

    def fetch_champion_to(self, folder: Path) -> str:
        """What the service reads: it needs no MLflow afterwards. Gives the version."""
        version = self._champion_or_say()
        self.fetch(version, folder)
        return version

    def folder_of(self, version: str) -> Path:
        with self.mlflow() as mlflow:
            self._version(version)
            found = mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{NAME}/{version}")
        trees = next(Path(found).rglob(BOOSTER), None)
        if trees is None:
            raise ModelFilesDamaged(f"Falta {BOOSTER} en el registro para la versión {version}. Entrene una nueva.")
        return trees.parent

    # --- which one is in use

    def promote(
        self, version: str, fingerprint: str = CATALOGUE.fingerprint, by: str = "", on: date | None = None
    ) -> str:
        """Puts a version in use if it passes every gate; the one before stays at hand as `previous`.

        `by`: who answers for it. `on`: the newest day of the archive; a version whose time is over is refused.
        """
        return promotion.promote(self, version, fingerprint, by, on)

    def rollback(self) -> str:
        return promotion.rollback(self)

    def name(self, alias: str, version: str) -> None:
        self.client.set_registered_model_alias(NAME, alias, version)

    def unname(self, alias: str) -> None:
        self.client.delete_registered_model_alias(NAME, alias)

    def tag_version(self, version: str, told: Mapping[str, str]) -> None:
        for name, value in told.items():
            self.client.set_model_version_tag(NAME, version, name, value)

    def tag_run(self, version: str, name: str, value: str) -> None:
        """One more word beside the run of a version, which the gates may read."""
        self.client.set_tag(self._version(version).run_id, name, value)

    def write_beside(self, version: str, path: str, text: str) -> None:
        """A text among the artifacts of the version's run."""
        self.client.log_text(self._version(version).run_id, text, path)

    # --- MLflow itself

    def experiment_id(self) -> str:
        known = self.client.get_experiment_by_name(EXPERIMENT)
        if known is not None:
            return str(known.experiment_id)
        self.artifacts.mkdir(parents=True, exist_ok=True)
        return str(self.client.create_experiment(EXPERIMENT, artifact_location=self.artifacts.resolve().as_uri()))

    @cached_property
    def client(self) -> "MlflowClient":
        with self.mlflow() as mlflow:
            client: MlflowClient = mlflow.MlflowClient(self.tracking_uri, self.tracking_uri)
            return client

    @contextmanager
    def mlflow(self) -> Iterator[Any]:
        """NOTE: MLflow is imported here and only here: it costs seconds, and the web process must never pay them."""
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        import mlflow

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        mlflow.set_tracking_uri(self.tracking_uri)
        mlflow.set_registry_uri(self.tracking_uri)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield mlflow

    def _against(self, run: Run) -> list[str]:
        """What the gates will have against the run once it is registered."""
        before = self.champion_version()
        told = Candidate(run.figures, run.model.fingerprint, run.all_tags)
        return refusals(told, run.model.fingerprint, self.candidate(before) if before else None)

    def _registered_as(self, logged: Any, run_id: str, seal: str) -> str:
        # Registered through the client: the other door prints its progress to the person's screen.
        if not self._is_begun():
            self.client.create_registered_model(NAME)
        created = self.client.create_model_version(NAME, logged.model_uri, run_id, model_id=logged.model_id)
        version = str(created.version)
        self.tag_version(version, {SEAL: seal})
        self.name(CHALLENGER, version)
        return version

    def _version(self, version: str) -> Any:
        from mlflow.exceptions import MlflowException

        try:
            return self.client.get_model_version(NAME, version)
        except MlflowException:
            raise NoSuchVersion(
                f"No existe la versión {version} del modelo. Consulte las versiones en el registro."
            ) from None

    def _is_begun(self) -> bool:
        return bool(self.client.search_registered_models(f"name='{NAME}'"))

    def _champion_or_say(self) -> str:
        version = self.champion_version()
        if version is None:
            raise NoSuchVersion("No hay un modelo en uso. Entrene uno y póngalo en uso con «permanencia promote».")
        return version
