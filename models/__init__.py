"""Who is likely to leave school in the coming weeks, how sure we are, and why."""

from importlib import import_module
from typing import Any

# NOTE: names are fetched on first use, so that `permanencia --help` does not pay for LightGBM or scikit-learn.
HOMES = {
    "Examples": "models.examples",
    "Fold": "models.folds",
    "Recipe": "models.recipe",
    "RiskModel": "models.risk_model",
    "Explanation": "models.explanation",
    "Reason": "models.explanation",
    "explain": "models.explanation",
    "evaluate_table": "models.evaluation",
    "GateRefused": "models.gates",
    "Registry": "models.registry",
    "score": "models.scoring",
    "train": "models.training",
    "evaluate_version": "models.training",
}

__all__ = sorted(HOMES)


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"models has no {name!r}")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
