"""Writes a training into MLflow: its figures, what data it came from, and its model with all that reading it needs.

MLflow itself and its client are handed in by `models.registry`, the only door to it.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from models.card import CARD
from models.model_files import add_file, as_json
from models.risk_model import RiskModel
from models.runs import Run, datasets_of

ANSWERS = ("raw_score", "score", "score_8w", "score_year", "moved", "between_years")
"""What a version says of each student (`RiskModel.chances`)."""
MOST_AT_ONCE = 900
"""Figures that MLflow takes in one call."""
REQUIRED = ("mlflow", "lightgbm", "numpy", "pandas")


def log_figures(
    mlflow: Any,
    client: Any,
    run_id: str,
    figures: Mapping[str, float],
    params: Mapping[str, Any] | None = None,
    step: int = 0,
) -> None:
    """`step`: of several values of one figure, MLflow shows that of the greatest step."""
    kept = [mlflow.entities.Metric(name, float(value), 0, step) for name, value in figures.items()]
    told = [mlflow.entities.Param(name, str(value)) for name, value in (params or {}).items()]
    client.log_batch(run_id, kept[:MOST_AT_ONCE], told)
    for start in range(MOST_AT_ONCE, len(kept), MOST_AT_ONCE):
        client.log_batch(run_id, kept[start : start + MOST_AT_ONCE])


def log_datasets(mlflow: Any, client: Any, run_id: str, run: Run) -> None:
    """MLflow's data sets, by digest: which records and days made the model. No row of a child is kept there."""
    of = mlflow.entities
    source = json.dumps({"tags": {"archive": run.tags.get("data_digest", "")}})
    inputs = [
        of.DatasetInput(
            of.Dataset(one["name"], one["digest"], "code", source, profile=json.dumps({"days": one["days"]})),
            [of.InputTag("mlflow.data.context", one["context"])],
        )
        for one in datasets_of(run.tags)
    ]
    if inputs:
        client.log_inputs(run_id, inputs)


def log_model(mlflow: Any, run: Run, card: Mapping[str, Any], folder: Path) -> Any:
    """The model's text files and its card, sealed in `folder` and kept by MLflow with a signature and an example."""
    run.model.save(folder)
    add_file(folder, CARD, as_json(card))
    return mlflow.pyfunc.log_model(
        name="model",
        python_model=str(Path(__file__).with_name("registered_model.py")),
        artifacts={"model": str(folder)},
        signature=signature_of(mlflow, run.model),
        input_example=run.example.to_pandas(),
        pip_requirements=[f"{name}=={installed(name)}" for name in REQUIRED],
    )


def signature_of(mlflow: Any, model: RiskModel) -> Any:
    """Every feature by name and type; all may be missing, because in real registers they are."""
    column, schema = mlflow.types.ColSpec, mlflow.types.Schema
    kinds = {name: "string" if name in model.categories else "double" for name in model.features}
    inputs = schema([column(kind, name, required=False) for name, kind in kinds.items()])
    return mlflow.models.ModelSignature(inputs, schema([column("double", name) for name in ANSWERS]))
