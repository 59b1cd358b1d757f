"""The whole evaluation on one page: what was found, what was missed, how sure that is, and what it costs to go on."""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from models.evaluation import MODEL, Evaluation
from models.evaluation_words import (
    COLUMN_NAMES,
    COMPARED_NAMES,
    MEANINGS,
    between,
    counted,
    in_hundred,
    meanings,
    method_name,
    number,
    percent,
)
from models.fairness import TRAIT_NAMES
from models.figures import figure_page, save
from models.html_page import as_html
from models.one_more_visit import access_ratio
from models.report import as_markdown, as_text, caption

PAGE, SHOWN, PICTURE = "evaluacion.md", "evaluacion.html", "evaluacion.png"
DESCRIBED = "Seis figuras de la evaluación: precisión, cobertura, décimas, anticipación, nombres nuevos y visitas."
FIRST = "# Evaluación\n"
FRAMES = ("lead", "steadiness", "schools", "visits", "groups", "comparison", "fairness")
SIMPLER = ("logistic_regression", "over_age_and_absence", "school_rate", "random")
GROUPED_BY = {"grade": "grado", **TRAIT_NAMES}
IN_WORDS = ("método", "rasgo", "grupo", "cifra")
"""Columns of words stand to the left; figures stand to the right, one under the other."""

Cell = Callable[[dict[str, object]], str]


def write_page(evaluation: Evaluation, folder: Path) -> list[Path]:
    """`evaluacion.md`, the same as `.html`, `evaluacion.png`, and one CSV per frame that has rows."""
    folder.mkdir(parents=True, exist_ok=True)
    text = page(evaluation)
    (folder / PAGE).write_text(text.replace(FIRST, f"{FIRST}\n![{DESCRIBED}]({PICTURE})\n", 1), encoding="utf-8")
    (folder / SHOWN).write_text(as_html(text, PICTURE, DESCRIBED), encoding="utf-8")
    save(figure_page(evaluation, caption(evaluation.table)), folder / PICTURE)
    told = {name: getattr(evaluation, name) for name in FRAMES if not getattr(evaluation, name).is_empty()}
    for name, frame in told.items():
        frame.write_csv(folder / f"{name}.csv")
    return [folder / name for name in (PAGE, SHOWN, PICTURE, *(f"{name}.csv" for name in told))]


def page(evaluation: Evaluation) -> str:
    """Markdown in Spanish; a part of which nothing was measured is left out."""
    parts = [
        ("En el cupo de visitas", at_the_cut(evaluation.table)),
        ("Frente a la otra versión, en las mismas semanas", compared(evaluation.comparison)),
        ("¿Con cuánta anticipación?", early(evaluation.table)),
        ("¿Qué vale una visita más?", one_more(evaluation)),
        ("Orden y probabilidades", believed(evaluation.table)),
        ("Lo dicho y lo ocurrido, por décimas", tenths(evaluation.deciles)),
        ("¿Cuánto cambia la lista de una semana a otra?", steady(evaluation.table)),
        ("La lista de cada institución", by_school(evaluation.schools)),
        ("Quienes no recibieron visita", unvisited(evaluation.table)),
        ("Por grupos de estudiantes", by_group(evaluation.groups)),
    ]
    told = [f"## {title}\n\n{text}\n" for title, text in parts if text]
    notes = [f"> {note}\n" for note in evaluation.notes]
    return "\n".join([FIRST, *notes, *told])


def told_in_text(evaluation: Evaluation) -> str:
    """The table and what it comes to in a few lines, for a terminal."""
    told = [early_sentence(evaluation.table), steady_sentence(evaluation.table), one_more_sentence(evaluation)]
    parts = [as_text(evaluation.table), *evaluation.notes, "\n".join(text for text in told if text)]
    return "\n\n".join(part for part in (*parts, compared(evaluation.comparison)) if part)


def frames_of(evaluation: Evaluation) -> dict[str, list[dict[str, object]]]:
    """What stands beside the table, by name, as rows that a program can read."""
    return {name: getattr(evaluation, name).to_dicts() for name in ("deciles", *FRAMES)}


def at_the_cut(table: pl.DataFrame) -> str:
    words = [word for word in COLUMN_NAMES.values() if word in MEANINGS]
    return f"{as_markdown(table).strip()}\n\nCómo leerla:\n\n{meanings(*words)}"


def markdown(rows: Sequence[dict[str, object]], cells: dict[str, Cell]) -> str:
    sides = "".join("---|" if head in IN_WORDS else "---:|" for head in cells)
    lines = [f"| {' | '.join(cells)} |", f"|{sides}"]
    return "\n".join([*lines, *(f"| {' | '.join(cell(row) for cell in cells.values())} |" for row in rows)])


def method(row: dict[str, object]) -> str:
    return method_name(row["method"])


def sure(name: str, short: str = "", places: int = 3) -> Cell:
    """A figure with its interval."""
    low, high = f"{short or name}_low", f"{short or name}_high"

    def told(row: dict[str, object]) -> str:
        bounds = f" ({between(row[low], row[high], places)})" if row[low] is not None and row[high] is not None else ""
        return f"{number(row[name], places)}{bounds}"

    return told


def hundred(name: str, short: str = "") -> Cell:
    """A share with its interval, as so many of a hundred."""
    low, high = f"{short or name}_low", f"{short or name}_high"

    def told(row: dict[str, object]) -> str:
        bounds = in_hundred(row.get(low), row.get(high))
        return percent(row[name]) if bounds == "—" else f"{percent(row[name])} ({bounds})"

    return told


def plain(name: str, places: int = 3) -> Cell:
    return lambda row: number(row[name], places)


def count(name: str) -> Cell:
    return lambda row: counted(row[name]) if isinstance(row[name], int) else str(row[name]).replace("|", "\\|")


def rows_with(table: pl.DataFrame, name: str) -> list[dict[str, object]]:
    """The rows of which this was measured."""
    return table.filter(pl.col(name).is_not_null()).to_dicts() if name in table.columns else []


def model_row(table: pl.DataFrame) -> dict[str, object]:
    return next(iter(table.filter(pl.col("method") == MODEL).to_dicts()), {})


def early(table: pl.DataFrame) -> str:
    rows = rows_with(table, "lead_4w")
    told = markdown(rows, {"método": method, "listadas 4 semanas antes o más (95 %)": hundred("lead_4w")})
    return f"{early_sentence(table)}\n\n{told}" if rows else ""


def early_sentence(table: pl.DataFrame) -> str:
    share = model_row(table).get("lead_4w")
    if share is None:
        return ""
    return (
        f"De quienes salieron y estaban matriculados cuatro semanas antes, el {percent(share)} ya había estado en una "
        "lista con cuatro semanas o más de anticipación."
    )


def one_more(evaluation: Evaluation) -> str:
    sentence = one_more_sentence(evaluation)
    rows = rows_with(evaluation.table, "visits_to_match_model")
    visits: Cell = plain("visits_to_match_model", 1)
    told = markdown(rows, {"método": method, "visitas por semana para encontrar tanto como el modelo": visits})
    missing = "Quien no figura necesitaría más de cinco veces el cupo." if len(rows) < evaluation.table.height else ""
    return "\n\n".join(text for text in (sentence, told if rows else "", missing) if text)


def one_more_sentence(evaluation: Evaluation) -> str:
    more = model_row(evaluation.table).get("one_more_visit")
    if not isinstance(more, float):
        return ""
    told = f"Cada visita más por semana encontraría, después del cupo, {number(more, 2)} estudiantes que salen."
    ratio = access_ratio(evaluation.visits, MODEL, SIMPLER[0])
    if ratio is None:
        return told
    return (
        f"{told} Un décimo más de visitas vale {number(ratio, 1)} veces lo que vale usar el modelo en lugar de la "
        "regresión logística."
    )


def believed(table: pl.DataFrame) -> str:
    cells: dict[str, Cell] = {
        "método": method,
        "AUC": sure("auc"),
        "AP": sure("average_precision"),
        "Brier": sure("brier", places=4),
        "ECE": sure("ece", places=4),
        "ECE que daría el azar": plain("ece_by_chance", 4),
        "pendiente": sure("calibration_slope", "slope", 2),
        "intercepto": sure("calibration_intercept", "intercept", 2),
        "dicho de los listados": hundred("said_at_capacity"),
    }
    rows = rows_with(table, "auc")
    return f"{markdown(rows, cells)}\n\n{meanings('ECE')}" if rows else ""


def tenths(deciles: pl.DataFrame) -> str:
    if deciles.is_empty():
        return ""
    cells: dict[str, Cell] = {
        "décima": count("decile"),
        "filas": count("rows"),
        "esperado": lambda row: per_thousand(row["expected"]),
        "observado": lambda row: f"{per_thousand(row['observed'])} ({thousandths(row)})",
        "¿lo esperado está en el intervalo?": lambda row: {True: "sí", False: "no", None: "pocas filas"}[row["inside"]],  # type: ignore[index]
    }
    head = f"De cada 1.000 estudiantes. Una décima: {MEANINGS['décima']}."
    return f"{head}\n\n{markdown(deciles.to_dicts(), cells)}"


def per_thousand(share: object) -> str:
    return number(1000 * share, 1) if isinstance(share, float) else "—"


def thousandths(row: dict[str, object]) -> str:
    return f"{per_thousand(row.get('low'))} a {per_thousand(row.get('high'))}"


def steady(table: pl.DataFrame) -> str:
    cells: dict[str, Cell] = {
        "método": method,
        "nombres nuevos": hundred("new_names"),
        "Jaccard": sure("jaccard"),
        "semanas seguidas en la lista": plain("dwell_weeks", 1),
        "ya no matriculados": hundred("off_roll"),
        "entran y su puntaje subió": hundred("risen"),
        "entran con un hecho nuevo (sin contar asistencia)": hundred("new_fact"),
        "siguen con un hecho nuevo": hundred("new_fact_of_kept"),
    }
    rows = rows_with(table, "new_names")
    return f"{steady_sentence(table)}\n\n{markdown(rows, cells)}\n\n{meanings('Jaccard')}" if rows else ""


def steady_sentence(table: pl.DataFrame) -> str:
    row = model_row(table)
    if row.get("new_names") is None:
        return ""
    return (
        f"Cada semana es nuevo el {percent(row['new_names'])} de los nombres; el {percent(row['off_roll'])} de los de "
        "la semana anterior ya no estaba matriculado, y esos lugares cambian con cualquier lista."
    )


def by_school(schools: pl.DataFrame) -> str:
    if schools.is_empty():
        return ""
    cells: dict[str, Cell] = {
        "método": method,
        "precisión": hundred("precision"),
        "cobertura": hundred("recall"),
        "instituciones alguna vez en la lista de la ciudad": lambda row: percent(row["schools_on_city_list"]),
        "lugares del décimo de instituciones con más": lambda row: percent(row["largest_share"]),
    }
    first = schools["per_school"][0]
    head = f"{'El primero' if first == 1 else f'Los primeros {first}'} de cada institución, cada semana."
    return f"{head}\n\n{markdown(schools.to_dicts(), cells)}"


def unvisited(table: pl.DataFrame) -> str:
    cells: dict[str, Cell] = {
        "método": method,
        "precisión": hundred("precision_unvisited"),
        "cobertura": hundred("recall_unvisited"),
        "AUC": plain("auc_unvisited"),
        "visitados entre los listados": hundred("visited_share"),
    }
    rows = rows_with(table, "precision_unvisited")
    return markdown(rows, cells) if rows else ""


def by_group(groups: pl.DataFrame) -> str:
    if groups.is_empty():
        return ""
    cells: dict[str, Cell] = {
        "rasgo": lambda row: GROUPED_BY.get(str(row["trait"]), str(row["trait"])),
        "grupo": count("group"),
        "salidas": lambda row: counted(row["left"]) if row["enough"] else "no hay datos suficientes",
        "dicho / ocurrido": sure("ratio", places=2),
        "AUC": plain("auc"),
        "precisión": hundred("precision"),
        "cobertura": hundred("recall"),
        "parte de la lista": lambda row: percent(row["share_listed"]),
        "parte de las salidas": lambda row: percent(row["share_left"]),
    }
    return markdown(groups.to_dicts(), cells)


def compared(comparison: pl.DataFrame) -> str:
    if comparison.is_empty():
        return ""
    cells: dict[str, Cell] = {
        "cifra": lambda row: COMPARED_NAMES.get(str(row["figure"]), str(row["figure"])),
        "esta versión": plain("model", 4),
        "la otra": plain("other", 4),
        "diferencia": plain("difference", 4),
        "intervalo 95 %": lambda row: between(row["low"], row["high"]),
    }
    return markdown(comparison.to_dicts(), cells)
