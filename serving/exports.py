"""The list as a file: JSON, CSV and XLSX with the same rows, where no cell can become a formula."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from serving import published
from serving.database import By, Database
from serving.faults import Missing, WrongUsage
from serving.published import FoundRow, Notice, Publication, Wanted
from serving.risk_lists import out_of_a_hundred
from serving.sentences import CHANGES, grade_name, shift_name, week_of
from serving.spreadsheets import csv_of, xlsx_of

FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_REASONS = 4
PURPOSE = "Ordenar a quién ofrecer apoyo primero. No sirve para sanciones, cupos ni evaluaciones."


@dataclass(frozen=True)
class Export:
    """A list, the names its reader may see, and who took it away."""

    publication: Publication
    rows: Sequence[FoundRow]
    left: Sequence[FoundRow]
    names: Mapping[str, str]
    taken_by: str
    notices: Sequence[Notice] = ()

    @property
    def file_name(self) -> str:
        return f"lista-{self.publication.id}"

    def content(self, format: str) -> bytes:
        return {"json": self.as_json, "csv": self.as_csv, "xlsx": self.as_xlsx}[format]()

    def as_json(self) -> bytes:
        body = {
            "publication": self.publication.header,
            "rows": [json.loads(row.body) for row in self.rows],
            "left": [json.loads(row.body) for row in self.left],
            "notices": [asdict(notice) for notice in self.notices],
        }
        named = body | ({"names": dict(self.names)} if self.names else {})
        return json.dumps(named, ensure_ascii=False).encode()

    def as_csv(self) -> bytes:
        return csv_of(self.table())

    def as_xlsx(self) -> bytes:
        return xlsx_of({"Lista": self.table(), "Acerca de esta lista": self.about()})

    def table(self) -> list[list[Any]]:
        return [self.header(), *(self.cells(json.loads(row.body)) for row in self.rows)]

    def header(self) -> list[str]:
        named = ["Nombre"] if self.names else []
        reasons = [f"Razón {place + 1}" for place in range(MOST_REASONS)]
        first = ["Puesto", "Puesto en la institución", "Estudiante", *named, "Código DANE", "Institución", "Comuna"]
        middle = ["Grado", "Grupo", "Jornada", "Prioridad", "De cada 100"]
        last = ["Aviso sobre el reporte", "Semana", "Publicación"]
        return [*first, *middle, *reasons, "Factor protector", "Cambio", "Qué cambió", *last]

    def cells(self, row: dict[str, Any]) -> list[Any]:
        student = row["student_id"]
        reasons = [reason["sentence"] for reason in row["reasons"][:MOST_REASONS]]
        return [
            row["rank"],
            row["rank_in_institution"],
            student,
            *([self.names.get(student, "")] if self.names else []),
            row["institution"],
            row["institution_name"] or "",
            row["comuna"] or "",
            grade_name(row["grade"]),
            row["class_group"] or "",
            shift_name(row["shift"]),
            row["band"],
            row.get("frequency") or out_of_a_hundred(row["score"], self.publication.horizon_weeks),
            *(reasons + [""] * (MOST_REASONS - len(reasons))),
            row["protective"][0]["sentence"] if row["protective"] else "",
            CHANGES[row["change"]["kind"]],
            row["change"]["why"],
            row.get("reporting_notice") or "",
            week_of(self.publication.day),
            self.publication.id,
        ]

    def about(self) -> list[list[str]]:
        return [
            ["Lista", week_of(self.publication.day)],
            ["Publicación", self.publication.id],
            ["Fuera del cupo", str(self.publication.left_out)],
            *([["Modelo", note]] if (note := self.publication.header.get("model_note")) else []),
            ["Finalidad", PURPOSE],
            ["Descargada por", self.taken_by],
            ["Vigencia", "Una semana; después destruya esta copia."],
            ["Reserva", "Confidencial: datos de niñas, niños y adolescentes."],
            *([notice.institution_name, notice.notice] for notice in self.notices),
        ]


def exported_list(database: Database, day: date | None, institution: str | None, format: str, by: By) -> bytes:
    """The list for whoever runs the machine: pseudonyms only, and a line in the audit."""
    if format not in FORMATS:
        raise WrongUsage("Los formatos son: " + ", ".join(FORMATS) + ".")
    wanted = Wanted(institution=institution, city_list_only=institution is None)
    with database.looking(by, "export", "list:latest") as (connection, entry):
        publication = published.publication_for(connection, day)
        if publication is None:
            raise Missing("No hay una lista publicada para esa fecha. Ejecute: permanencia run-week --day FECHA")
        if institution is not None and not published.has_school(connection, publication.id, institution):
            raise Missing("Esa institución no está en la lista. Revise el código DANE.")
        rows = published.rows(connection, publication.id, wanted)
        left = published.left_rows(connection, publication.id, wanted)
        notices = published.notices(connection, publication.id, wanted)
        entry.thing, entry.detail = f"list:{publication.id}", f"{len(rows)} estudiantes, sin nombres"
    return Export(publication, rows, left, {}, by.who, notices).content(format)
