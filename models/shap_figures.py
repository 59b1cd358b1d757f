"""SHAP's own plots for the model card, drawn from our contributions; nothing where shap is not installed."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from models.risk_model import RiskModel

MOST_FEATURES = 15
LEAST_ROWS = 50
"""Fewer points, and somebody might find a child in the picture."""


def write_shap_figures(model: RiskModel, sample: pl.DataFrame, folder: Path) -> list[Path]:
    """`shap_importancia.png` and `shap_abanico.png`; no axis names a student.

    NOTE: shap costs seconds and some hundred megabytes to import. Only whoever trains pays them, never the service.
    """
    if sample.height < LEAST_ROWS or find_spec("shap") is None:
        return []
    import matplotlib.pyplot as plt
    import shap

    plt.switch_backend("Agg")
    told = as_explanation(model, sample)
    drawn = {"shap_importancia.png": shap.plots.bar, "shap_abanico.png": shap.plots.beeswarm}
    for name, plot in drawn.items():
        plot(told, max_display=MOST_FEATURES, show=False)
        plt.gcf().savefig(folder / name, dpi=110, bbox_inches="tight", metadata={"Software": None})
        plt.close("all")
    return [folder / name for name in drawn]


def as_explanation(model: RiskModel, sample: pl.DataFrame) -> Any:
    """Our exact contributions in shap's own wrapping: what is drawn is what the service says."""
    import shap

    parts = model.contributions(sample)
    return shap.Explanation(
        values=parts[:, :-1],
        base_values=parts[:, -1],
        data=model.inputs(sample),
        feature_names=list(model.features),
    )
