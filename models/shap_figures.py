"""SHAP's own plots for the model card, drawn from our contributions; nothing where shap is not installed."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from models.risk_model import RiskModel

MOST_FEATURES = 15
TITLES = {
    "shap_importancia.png": "Qué mueve más el puntaje, en promedio",
    "shap_abanico.png": "Cómo mueve el puntaje cada variable, estudiante por estudiante",
}
WORDS = {
    "mean(|SHAP value|)": "tamaño medio de la contribución (log-odds)",
    "SHAP value (impact on model output)": "contribución al puntaje (log-odds): a la derecha, sube",
    "Feature value": "valor de la variable",
    "High": "alto",
    "Low": "bajo",
}
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
        plt.figure()
        plot(told, max_display=MOST_FEATURES, show=False)
        in_spanish(plt.gcf(), TITLES[name])
        plt.gcf().savefig(folder / name, dpi=110, bbox_inches="tight", metadata={"Software": None})
        plt.close("all")
    return [folder / name for name in drawn]


def in_spanish(figure: Any, title: str) -> None:
    """shap writes English on its plots, and decimal points; whoever reads the card writes Spanish."""
    import matplotlib.text

    figure.axes[0].set_title(title, loc="left", fontsize=12)
    figure.canvas.draw()  # the labels of the axes are written when they are drawn
    for text in figure.findobj(matplotlib.text.Text):
        text.set_text(translated(text.get_text()))
    for axis in figure.axes:
        axis.set_yticks(axis.get_yticks(), [translated(label.get_text()) for label in axis.get_yticklabels()])
    figure.axes[0].xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace(".", ","))


def translated(text: str) -> str:
    text = re.sub(r"^Sum of (\d+) other features$", r"suma de otras \1 variables", text)
    return re.sub(r"^([+-]\d+)\.(\d+)$", r"\1,\2", WORDS.get(text, text))


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
