"""The evaluation as pictures: one page of six, and each alone where a page is too much."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from models.evaluation_words import COLUMN_NAMES, method_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from models.evaluation import Evaluation

COLOURS = {
    "model": "#1f4e79",
    "other_version": "#8e44ad",
    "logistic_regression": "#c77700",
    "over_age_and_absence": "#3a7d44",
    "over_age": "#7fb069",
    "absence": "#5c946e",
    "school_rate": "#8d6e63",
    "random": "#9e9e9e",
    "best_possible": "#444444",
}
LINES = ("model", "other_version", "logistic_regression", "over_age_and_absence", "best_possible")
"""The methods that are drawn as lines: more than five cannot be told apart."""

OF_WHOM = {
    "precision_at_capacity": "de los listados, cuántos salieron (línea: intervalo 95 %)",
    "recall_at_capacity": "de los que salieron, cuántos fueron listados",
}
LEAST_CHANCE = 1e-5
LONG_PERIOD = timedelta(days=100)
LONGEST_GAP = timedelta(days=14)
"""Between two lists of one term; over a recess no line is drawn, as there was no list."""


def new_figure(width: float = 7, height: float = 3.6) -> "Figure":
    """Drawn without pyplot, which would look for a screen and keep every figure in memory."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: "Figure", path: Path) -> Path:
    figure.savefig(path, dpi=120, metadata={"Software": None})
    return path


def figure_page(evaluation: "Evaluation", caption: str) -> "Figure":
    """Six pictures on one page: found, missed, believed, early, steady, and what more visits would find."""
    figure = new_figure(10, 12.5)
    axes = figure.subplots(3, 2)
    draw_bars(axes[0, 0], evaluation.table, "precision_at_capacity", "precision")
    draw_bars(axes[0, 1], evaluation.table, "recall_at_capacity", "recall")
    axes[0, 1].tick_params(labelleft=False)
    draw_deciles(axes[1, 0], evaluation.deciles)
    draw_lead(axes[1, 1], evaluation.lead)
    draw_weeks(axes[2, 0], evaluation.steadiness)
    draw_visits(axes[2, 1], evaluation.visits)
    figure.supxlabel(caption, fontsize=8, color="#555555", wrap=True)
    return figure


def precision_figure(table: pl.DataFrame) -> "Figure":
    figure = new_figure(10)
    axes = figure.subplots(1, 2)
    draw_bars(axes[0], table, "precision_at_capacity", "precision")
    draw_bars(axes[1], table, "recall_at_capacity", "recall")
    axes[1].tick_params(labelleft=False)
    return figure


def decile_figure(deciles: pl.DataFrame) -> "Figure":
    figure = new_figure()
    draw_deciles(figure.subplots(), deciles)
    return figure


def draw_bars(axis: Any, table: pl.DataFrame, column: str, short: str) -> None:
    """One bar per method with its interval, in the order of the table."""
    values = table[column].fill_null(0.0).to_list()
    places = range(table.height)
    axis.barh(places, values, color=[COLOURS.get(name, "#777777") for name in table["method"]], alpha=0.85)
    bounds = zip(places, table[f"{short}_low"], table[f"{short}_high"], strict=True)
    for place, low, high in bounds:
        if low is not None:
            axis.plot([low, high], [place, place], color="black", linewidth=1)
    titled(axis, COLUMN_NAMES[column].capitalize(), OF_WHOM[column], "")
    in_hundred(axis.xaxis)
    axis.set_xlim(left=0)
    axis.set_yticks(places, [method_name(name) for name in table["method"]])
    axis.invert_yaxis()


def draw_deciles(axis: Any, deciles: pl.DataFrame) -> None:
    """On steps of ten times: chances of leaving differ more between children than a plain scale can show."""
    titled(axis, "¿Se cumple lo que se dijo? (por décimas)", "salidas esperadas", "salidas observadas")
    if deciles.is_empty():
        return
    said = above_zero(deciles["expected"])
    seen = above_zero(deciles["observed"])
    edge = [min(said + seen) / 1.5, max(said + seen) * 1.5]
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.plot(edge, edge, color="#999999", linewidth=1, label="perfecta")
    if "low" in deciles.columns:
        axis.vlines(said, above_zero(deciles["low"]), above_zero(deciles["high"]), color=COLOURS["model"], linewidth=1)
    axis.plot(said, seen, "o", color=COLOURS["model"], markersize=5, label="modelo, con intervalo 95 %")
    axis.set_ylim(bottom=edge[0] / 3)
    as_shares(axis)
    axis.legend(fontsize=7, framealpha=0.7)


def as_shares(axis: Any) -> None:
    """In a hundred, and only the whole steps of ten."""
    from matplotlib.ticker import NullFormatter

    for numbers in (axis.xaxis, axis.yaxis):
        in_hundred(numbers)
        numbers.set_minor_formatter(NullFormatter())


def in_hundred(numbers: Any) -> None:
    numbers.set_major_formatter(lambda value, _: f"{100 * value:.6g} %".replace(".", ","))


def above_zero(shares: pl.Series) -> list[float]:
    return [max(share, LEAST_CHANCE) for share in shares]


def draw_lead(axis: Any, lead: pl.DataFrame) -> None:
    titled(axis, "¿Con cuánta anticipación?", "semanas antes del último día", "salidas que ya estaban en la lista")
    in_hundred(axis.yaxis)
    for name, rows in each_line(lead):
        axis.plot(rows["weeks"], rows["share"], **line(name))
        if name == "model" and rows["low"].null_count() == 0:
            axis.fill_between(rows["weeks"], rows["low"], rows["high"], color=COLOURS[name], alpha=0.15)
    finished(axis, lead)


def draw_weeks(axis: Any, weekly: pl.DataFrame) -> None:
    titled(axis, "Nombres nuevos en la lista, semana a semana", "", "parte de la lista")
    in_hundred(axis.yaxis)
    for name, rows in each_line(weekly, ("model", "other_version", "best_possible")):
        rows = broken_at_recesses(rows)
        axis.plot(rows["day"], rows["new_names"], **line(name))
        if name == "model":
            told = "modelo: ya no estaban matriculados"
            axis.plot(rows["day"], rows["off_roll"], color=COLOURS[name], linestyle=":", label=told)
    in_dates(axis, weekly)
    finished(axis, weekly)
    axis.set_ylim(top=1.3 * axis.get_ylim()[1])


def broken_at_recesses(rows: pl.DataFrame) -> pl.DataFrame:
    """An empty row where no list was drawn up for a while: a line stops there and begins anew."""
    gaps = rows.filter(pl.col("day").diff() > LONGEST_GAP).select(pl.col("day") - timedelta(days=7))
    return pl.concat([rows, gaps], how="diagonal").sort("day")


def in_dates(axis: Any, drawn: pl.DataFrame) -> None:
    """Months of a long period, days of a short one: «03/2024» five times over tells nothing."""
    from matplotlib.dates import DateFormatter, MonthLocator

    days = drawn["day"].to_list() if drawn.height else []
    if days and max(days) - min(days) > LONG_PERIOD:
        axis.xaxis.set_major_locator(MonthLocator())  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_formatter(DateFormatter("%m/%Y"))  # type: ignore[no-untyped-call]
    else:
        axis.xaxis.set_major_formatter(DateFormatter("%d/%m/%Y"))  # type: ignore[no-untyped-call]
    axis.tick_params(axis="x", labelrotation=30)


def draw_visits(axis: Any, visits: pl.DataFrame) -> None:
    titled(axis, "Qué encontrarían más visitas", "visitas por semana", "salidas encontradas por semana")
    for name, rows in each_line(visits):
        axis.plot(rows["visits"], rows["found"], **line(name))
    now = visits.filter(pl.col("times") == 1.0) if visits.width else visits
    if now.height:
        axis.axvline(now["visits"][0], color="#999999", linewidth=1, linestyle="--", label="cupo")
    finished(axis, visits)
    axis.set_xlim(left=0)


def each_line(frame: pl.DataFrame, methods: Sequence[str] = LINES) -> list[tuple[str, pl.DataFrame]]:
    if frame.is_empty():
        return []
    return [(name, frame.filter(pl.col("method") == name)) for name in methods if name in frame["method"]]


def line(method: str) -> dict[str, Any]:
    style = "--" if method == "best_possible" else "-"
    return {"color": COLOURS[method], "linestyle": style, "linewidth": 1.6, "label": method_name(method)}


def titled(axis: Any, title: str, below: str, beside: str) -> None:
    axis.set_title(title, fontsize=10, loc="left")
    axis.set_xlabel(below, fontsize=9)
    axis.set_ylabel(beside, fontsize=9)
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(labelsize=8)
    with_commas(axis)


def with_commas(axis: Any) -> None:
    """Decimal commas, as schools write them."""
    for numbers in (axis.xaxis, axis.yaxis):
        numbers.set_major_formatter(lambda value, _: f"{value:g}".replace(".", ","))


def finished(axis: Any, drawn: pl.DataFrame) -> None:
    """From zero, with its names; an empty picture says that there was nothing to draw."""
    if drawn.is_empty():
        axis.text(0.5, 0.5, "sin datos", ha="center", transform=axis.transAxes, color="#777777")
        return
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=7, framealpha=0.7)
