"""The evaluation as people read it: a table in Spanish and two pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METHOD_NAMES = {
    "model": "modelo",
    "logistic_regression": "regresión logística",
    "over_age_and_absence": "extraedad e inasistencia",
    "school_rate": "tasa de la institución",
    "random": "al azar",
    "best_possible": "mejor lista posible",
}
COLUMN_NAMES = {
    "method": "método",
    "precision_at_capacity": "precisión en el cupo",
    "interval": "intervalo 95 %",
    "recall_at_capacity": "cobertura en el cupo",
    "lift": "veces sobre el azar",
    "ratio_to_best": "frente a la mejor",
    "auc": "AUC",
    "average_precision": "AP",
    "brier": "Brier",
    "calibration_slope": "pendiente",
    "calibration_intercept": "intercepto",
}

DECISIVE = (
    *("method", "precision_at_capacity", "interval", "recall_at_capacity"),
    *("lift", "ratio_to_best", "auc", "calibration_slope"),
)


def as_markdown(table: pl.DataFrame) -> str:
    heads = list(COLUMN_NAMES.values())
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cells(row))} |" for row in table.iter_rows(named=True)]
    return "\n".join([*lines, "", caption(table)]) + "\n"


def as_text(table: pl.DataFrame) -> str:
    """The same table for a terminal: the columns that decide, one under the other."""
    heads = list(COLUMN_NAMES.values())
    rows = [heads, *(cells(row) for row in table.iter_rows(named=True))]
    shown = [[cell for cell, name in zip(row, COLUMN_NAMES, strict=True) if name in DECISIVE] for row in rows]
    widths = [max(len(row[place]) for row in shown) for place in range(len(DECISIVE))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown]
    return "\n".join([*lines, "", caption(table)])


def cells(row: dict[str, object]) -> list[str]:
    low, high = row["precision_low"], row["precision_high"]
    between = f"{number(low)} a {number(high)}" if low is not None else "—"
    told = {**row, "method": METHOD_NAMES.get(str(row["method"]), row["method"]), "interval": between}
    return [told[c] if c in ("method", "interval") else number(told[c]) for c in COLUMN_NAMES]  # type: ignore[misc]


def number(value: object) -> str:
    """Decimal comma, as schools write it; a dash where there is nothing to tell."""
    return f"{value:.4f}".replace(".", ",") if isinstance(value, float) else "—"


def caption(table: pl.DataFrame) -> str:
    first = table.row(0, named=True)
    return (
        f"{first['days']} cortes, {first['students']} estudiantes, cupo de {first['capacity']} por semana; "
        f"{first['left']} salidas en {first['rows']} filas. Intervalos por remuestreo de instituciones.{waited(first)}"
    )


def waited(row: dict[str, object]) -> str:
    """How complete the weeks were that taught and judged, where it is known."""
    if row.get("completeness") is None:
        return ""
    share, least = number(row["completeness"]), number(row["least_completeness"])
    return f" Completitud de las salidas tras {row['waiting_weeks']} semanas de espera: {share} (mínimo {least})."


def write_figures(table: pl.DataFrame, deciles: pl.DataFrame, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {"precision_por_metodo.png": precision_figure(table), "calibracion_por_decil.png": decile_figure(deciles)}
    for name, figure in drawn.items():
        figure.savefig(folder / name, dpi=120, bbox_inches="tight", metadata={"Software": None})
    return [folder / name for name in drawn]


def new_figure() -> "Figure":
    """Drawn without pyplot, which would look for a screen and keep every figure in memory."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.6))
    FigureCanvasAgg(figure)
    return figure


def precision_figure(table: pl.DataFrame) -> "Figure":
    figure = new_figure()
    places = range(table.height)
    axes = figure.subplots(1, 2, sharey=True)
    for axis, column in zip(axes, ("precision_at_capacity", "recall_at_capacity"), strict=True):
        axis.barh(places, table[column].fill_null(0.0).to_list(), color="#4a6d8c")
        axis.set_xlabel(COLUMN_NAMES[column])
    axes[0].set_yticks(places, [METHOD_NAMES.get(name, name) for name in table["method"]])
    axes[0].invert_yaxis()
    return figure


def decile_figure(deciles: pl.DataFrame) -> "Figure":
    figure = new_figure()
    axis = figure.subplots()
    most = max([*deciles["expected"].to_list(), *deciles["observed"].to_list(), 1e-6])
    axis.plot([0, most], [0, most], color="#999999", linewidth=1, label="perfecta")
    axis.plot(deciles["expected"].to_list(), deciles["observed"].to_list(), "o-", color="#4a6d8c", label="modelo")
    axis.set_xlabel("proporción esperada por decil")
    axis.set_ylabel("proporción observada")
    axis.legend()
    return figure
