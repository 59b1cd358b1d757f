"""How the card and the datasheet write figures, days and methods, so that a headteacher can read them."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from features.definitions import CATALOGUE
from features.feature import FAMILY_NAMES
from models.evaluation_words import METHOD_NAMES
from models.fairness import TRAIT_NAMES

USES = {
    "training": "hizo crecer los árboles",
    "stopping": "dijo cuántos árboles",
    "calibration": "ajustó la probabilidad",
    "evaluation": "juzgó",
}
FATES = {
    "moved": "trasladados",
    "graduated": "graduados",
    "unknown": "de destino desconocido",
    "unripe": "todavía sin resultado",
}
TABLE_NAMES = {
    "enrolment": "matrícula",
    "person": "personas",
    "characterisation": "caracterización",
    "attendance": "inasistencia",
    "progress": "valoración",
    "support": "estrategias",
    "registered_dropout": "registro de desertores",
    "visit": "visitas",
    "institution": "instituciones",
    "calendar": "calendario",
    "report": "archivos recibidos",
    "link": "cruces de matrícula",
}
ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


def method(name: str) -> str:
    return METHOD_NAMES.get(name, name)


def use(name: str) -> str:
    return USES.get(name, name)


def fate(kind: str) -> str:
    return FATES.get(kind.lower(), kind)


def trait(name: str) -> str:
    return TRAIT_NAMES.get(name, name)


def table(name: str) -> str:
    return TABLE_NAMES.get(name, name)


def family(feature: str) -> str:
    """The side of a student's life that a feature tells about."""
    return FAMILY_NAMES[CATALOGUE[feature].family if feature in CATALOGUE else "own"]


def number(value: Any, decimals: int = 3) -> str:
    """Decimal comma, as schools write it; a dash where there is nothing to tell."""
    if value is None or isinstance(value, str):
        return value or "—"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.{decimals}f}".replace(".", ",")
    return f"{value:,.0f}".replace(",", ".")


def share(value: Any, decimals: int = 1) -> str:
    """A part as so many of a hundred."""
    return "—" if value is None else f"{100 * value + 0.0:.{decimals}f} %".replace(".", ",")


def points(value: Any, decimals: int = 1) -> str:
    """The same without its sign of percent, for the ends of an interval; no «-0,0»."""
    return "—" if value is None else f"{round(100 * value, decimals) + 0.0:.{decimals}f}".replace(".", ",")


def day(told: Any) -> str:
    """03/11/2025 for 2025-11-03, wherever days stand in a text."""
    if isinstance(told, date):
        told = told.isoformat()
    return ISO_DAY.sub(r"\3/\2/\1", str(told or "")) or "—"


def span(told: str) -> str:
    """«2022-01-30/2023-05-07 (30)» is the first day, the last one and how many."""
    first, _, rest = told.partition("/")
    last, _, count = rest.partition(" (")
    cuts = count.removesuffix(")")
    return f"{day(first)} a {day(last)}" + (f" ({cuts} {'corte' if cuts == '1' else 'cortes'})" if cuts else "")


def cell(told: Any) -> str:
    """In a table, a bar would open a column and a new line would end the row: foreign words may hold both."""
    return " ".join(str(told).replace("\\", "\\\\").replace("|", "\\|").split())


def by_method(figures: Mapping[str, float]) -> list[dict[str, Any]]:
    """`model.auc` and its like as one row per method, in the order of every table."""
    names = {name.rpartition(".")[0] for name in figures}
    order = [*(name for name in METHOD_NAMES if name in names), *sorted(names - set(METHOD_NAMES))]
    return [
        {"method": name, **{n.rpartition(".")[2]: v for n, v in figures.items() if n.rpartition(".")[0] == name}}
        for name in order
    ]


FILTERS = {
    "number": number,
    "share": share,
    "points": points,
    "day": day,
    "span": span,
    "cell": cell,
    "method": method,
    "trait": trait,
    "use": use,
    "fate": fate,
    "table": table,
    "family": family,
    "by_method": by_method,
}
