"""Searches for a better recipe as MLflow keeps them: a run for the search, and nested in it one for each trial."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.recording import log_figures

if TYPE_CHECKING:
    from models.registry import Registry

PARENT, RUN_NAME, STUDY = "mlflow.parentRunId", "mlflow.runName", "study"


class Searches:
    """The searches of one registry."""

    def __init__(self, registry: "Registry") -> None:
        self.registry = registry

    def opened(self, name: str, params: Mapping[str, Any]) -> str:
        """A run under which trials are kept; gives its id. A search of that name that was begun goes on."""
        return self.found(name) or self._begun({STUDY: name, RUN_NAME: name}, params, {})

    def found(self, name: str) -> str | None:
        runs = self.registry.client.search_runs(
            [self.registry.experiment_id()], f"tags.{STUDY} = '{name}'", max_results=1
        )
        return str(runs[0].info.run_id) if runs else None

    def tried(self, search: str, number: int, params: Mapping[str, Any], figures: Mapping[str, float]) -> str:
        """One trial as a run nested in its search: begun, filled and ended at once, so that nothing is left hanging."""
        names = {PARENT: search, RUN_NAME: f"ensayo {number}", "trial": str(number)}
        run_id = self._begun(names, params, figures)
        self.registry.client.set_terminated(run_id)
        return run_id

    def closed(self, search: str, figures: Mapping[str, float]) -> None:
        with self.registry.mlflow() as mlflow:
            log_figures(mlflow, self.registry.client, search, figures)
        self.registry.client.set_terminated(search)

    def _begun(self, tags: Mapping[str, str], params: Mapping[str, Any], figures: Mapping[str, float]) -> str:
        client, experiment = self.registry.client, self.registry.experiment_id()
        run_id = str(client.create_run(experiment, tags=dict(tags)).info.run_id)
        with self.registry.mlflow() as mlflow:
            log_figures(mlflow, client, run_id, figures, params)
        return run_id
