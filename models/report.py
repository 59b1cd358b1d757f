"""The evaluation's table as people read it, in Spanish: for a page and for a terminal."""

from pathlib import Path

import polars as pl

from models.evaluation_words import (
    COLUMN_NAMES,
    DECISIVE,
    METHOD_NAMES,
    PLACES,
    SHARES,
    counted,
    in_hundred,
    method_name,
    number,
    percent,
)
from models.figures import decile_figure, precision_figure, save

__all__ = ["COLUMN_NAMES", "METHOD_NAMES", "as_markdown", "as_text", "caption", "number", "write_figures"]


def as_markdown(table: pl.DataFrame) -> str:
    heads = list(COLUMN_NAMES.values())
    lines = [f"| {' | '.join(heads)} |", f"|---|{'---:|' * (len(heads) - 1)}"]
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
    told = {"method": method_name(row["method"]), "interval": in_hundred(row["precision_low"], row["precision_high"])}
    shares = {name: percent(row[name]) for name in SHARES}
    told = {**shares, **told}
    return [told[name] if name in told else number(row[name], PLACES.get(name, 3)) for name in COLUMN_NAMES]


def caption(table: pl.DataFrame) -> str:
    first = table.row(0, named=True)
    return (
        f"{first['days']} cortes, {counted(first['students'])} estudiantes, cupo de {first['capacity']} por semana; "
        f"{counted(first['left'])} salidas en {counted(first['rows'])} filas. Intervalos por remuestreo de "
        f"instituciones.{waited(first)}"
    )


def waited(row: dict[str, object]) -> str:
    """How complete the weeks were that taught and judged, where it is known."""
    if row.get("completeness") is None:
        return ""
    share, least = percent(row["completeness"]), percent(row["least_completeness"])
    weeks = "una semana" if row["waiting_weeks"] == 1 else f"{row['waiting_weeks']} semanas"
    return f" Completitud de las salidas tras {weeks} de espera: {share} (mínimo {least})."


def write_figures(table: pl.DataFrame, deciles: pl.DataFrame, folder: Path) -> list[Path]:
    """The two figures of a run whose whole evaluation is not at hand; see `models.report_page` for the page."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {"precision_por_metodo.png": precision_figure(table), "calibracion_por_decil.png": decile_figure(deciles)}
    return [save(figure, folder / name) for name, figure in drawn.items()]
