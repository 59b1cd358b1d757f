"""A file of corrections for each school, with the documents under which its clerk finds the children in the SIMAT."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from features.quality.rules import RULES
from serving.data_quality import QualityReport
from serving.database import By, Database
from serving.roster_documents import Document, documents_of
from serving.sentences import grade_name
from serving.spreadsheets import csv_of, xlsx_of

HEADER = (
    "Hallazgo", "Qué se encontró", "Qué hacer", "PER_ID", "Tipo de documento", "Número de documento", "Grado", "Grupo",
    "Seudónimo", "Fecha de corte", "Corregido (sí o no)", "Observación",
)  # fmt: skip
OWNER_ONLY = 0o600


def write_corrections(report: QualityReport, folder: Path, format: str, database: Database, by: By) -> list[Path]:
    """One file per school with something to correct, readable by its owner alone; each leaves a line in the audit."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    by_school = report.findings.partition_by("institution_id", as_dict=True, maintain_order=True)
    return [_write_one(report, str(code), found, folder, format, database, by) for (code,), found in by_school.items()]


def _write_one(
    report: QualityReport, code: str, found: pl.DataFrame, folder: Path, format: str, database: Database, by: By
) -> Path:
    students = found["student_id"].drop_nulls().unique(maintain_order=True).to_list()
    path = folder / f"correcciones-{_safe_name(code)}-{report.day.isoformat()}.{format}"
    with database.writing(by, "export_corrections", f"school:{code}"[:120]) as (connection, entry):
        documents = documents_of(connection, students)
        entry.detail = f"hallazgos: {found.height}; estudiantes con documento: {len(documents)}"
    # The line in the audit stands before the file does: documents never leave without it.
    _keep(path, _content(report, code, found, documents, format, by))
    return path


def _content(
    report: QualityReport, code: str, found: pl.DataFrame, documents: dict[str, Document], format: str, by: By
) -> bytes:
    rows = [list(HEADER), *_rows(found, documents)]
    if format == "csv":
        return csv_of(rows)
    about = [
        ["Institución", report.name_of(code)],
        ["Código DANE", code],
        ["Fecha de corte", f"{report.day:%d/%m/%Y}"],
        ["Finalidad", "Corregir los datos en el SIMAT y en el SIMPADE. No sirve para sanciones ni evaluaciones."],
        ["Hecha por", by.who],
        ["Reserva", "Confidencial: documentos de niñas, niños y adolescentes. Destruya esta copia al terminar."],
    ]
    return xlsx_of({"Correcciones": rows, "Acerca de este archivo": about})


def _rows(found: pl.DataFrame, documents: dict[str, Document]) -> Iterator[list[Any]]:
    for row in found.iter_rows(named=True):
        document = documents.get(row["student_id"], Document())
        yield [
            RULES[row["rule"]].title,
            row["evidence"],
            row["suggestion"],
            document.per_id or "",
            document.document_type or "",
            document.document_number or "",
            grade_name(row["grade"]) if row["student_id"] else "",
            row["class_group"] or "",
            row["student_id"] or "toda la institución",
            f"{row['day']:%d/%m/%Y}",
            "",
            "",
        ]


def _safe_name(code: str) -> str:
    """A foreign register may use anything as a code; a file name may not leave its folder."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", code)[:40]
    return plain if plain == code else f"{plain}-{hashlib.blake2b(code.encode(), digest_size=4).hexdigest()}"


def _keep(path: Path, content: bytes) -> None:
    """Whole or not at all, and never for a moment readable by others."""
    draft = path.with_suffix(path.suffix + ".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY), "wb") as file:  # noqa: PTH123
        file.write(content)
    draft.replace(path)
