"""The doubtful pairs as a file that a person fills in with «mismo» or «distinto». It holds names: guard it."""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path
from typing import Any

import polars as pl

from features.linkage import REVIEWED, Match
from features.sources.decoding import decode
from serving.faults import DataProblem, Missing
from serving.spreadsheets import csv_of

NOTICE = (
    "CONFIDENCIAL. Contiene nombres y documentos de menores de edad. No lo reenvíe; bórrelo al terminar. "
    "Escriba «mismo» o «distinto» en la columna decision."
)
ANSWERS = {"mismo": "SAME", "misma": "SAME", "distinto": "DIFFERENT", "distinta": "DIFFERENT"}
SIDES = ("a", "b")
TEXT = "id "
_NUMBER = re.compile(r"\d+(e\d+)?")
SHOWN = {
    "nombres": ("first_name", "second_name"),
    "apellidos": ("first_surname", "second_surname"),
    "documento": ("document_type", "document_number"),
    "telefono": ("phone",),
    "nacimiento": ("birth_date",),
    "institucion": ("institution_id",),
    "desde": ("first_on",),
    "hasta": ("last_on",),
}
HEADER = [
    "decision",
    "probabilidad",
    "por_que",
    *(f"{name}_{side}" for name in SHOWN for side in SIDES),
    "evidencia",
    *(f"registro_{side}" for side in SIDES),
]


def write_review(path: Path, match: Match, people: pl.DataFrame) -> None:
    """Only the owner of the file may read it, from its first byte on."""
    known = people.join(match.stays, on="student_id", how="left")
    wanted = pl.concat([match.doubtful["left"], match.doubtful["right"]]).unique()
    rows = {row["student_id"]: row for row in known.filter(pl.col("student_id").is_in(wanted.implode())).to_dicts()}
    table = [[NOTICE], HEADER, *(_line(pair, rows) for pair in match.doubtful.iter_rows(named=True))]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(csv_of(table))
    draft.replace(path)


def _line(pair: dict[str, Any], rows: dict[str, dict[str, Any]]) -> list[Any]:
    sides = [rows.get(pair[side], {}) for side in ("left", "right")]
    shown = [_joined(side, columns) for columns in SHOWN.values() for side in sides]
    chance = f"{pair['probability']:.3f}".replace(".", ",")
    return ["", chance, pair["why"], *shown, pair["evidence"], *(_as_text(pair[side]) for side in ("left", "right"))]


def _as_text(record: str) -> str:
    """One record in two thousand looks like a number, and Excel would save it rounded."""
    return f"{TEXT}{record}" if _NUMBER.fullmatch(record) else record


def _joined(row: dict[str, Any], columns: tuple[str, ...]) -> str:
    return " ".join(str(row[column]) for column in columns if row.get(column) is not None)


def read_review(path: Path) -> pl.DataFrame:
    """The pairs that somebody decided; those left empty stay open. A file that was changed in other ways is refused."""
    rows = _rows(path)
    header = next((number for number, row in enumerate(rows) if "decision" in row), None)
    if header is None or not {"registro_a", "registro_b"} <= set(rows[header]):
        raise DataProblem("El archivo de revisión no tiene las columnas decision, registro_a y registro_b.")
    place = {name: rows[header].index(name) for name in ("decision", "registro_a", "registro_b")}
    found = [
        answer for number, row in enumerate(rows[header + 1 :], header + 2) if (answer := _answer(row, place, number))
    ]
    told = pl.DataFrame(found, schema=REVIEWED, orient="row")
    if told.unique().height > told.select("left", "right").unique().height:
        raise DataProblem(
            "El archivo de revisión dice «mismo» y «distinto» de una misma pareja. Deje una sola decisión."
        )
    return told.unique(maintain_order=True)


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise Missing(f"No existe {path}. Revise la ruta.")
    text, _ = decode(path.read_bytes(), path.name)
    delimiter = max(";,\t", key=text.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter))
    except csv.Error:
        raise DataProblem("El archivo de revisión está dañado. Pídalo de nuevo con --review-out.") from None
    return [[cell.strip() for cell in row] for row in rows]


def _answer(row: list[str], place: dict[str, int], number: int) -> tuple[str, str, str] | None:
    cells = {name: row[at] if at < len(row) else "" for name, at in place.items()}
    said = cells["decision"].strip('«»" .').lower()
    if not said:
        return None
    left, right = sorted(cells[name].removeprefix(TEXT) for name in ("registro_a", "registro_b"))
    if said not in ANSWERS or not left or left == right:
        raise DataProblem(
            f"Fila {number} del archivo de revisión: se acepta «mismo», «distinto» o nada, con sus registros."
        )
    return left, right, ANSWERS[said]
