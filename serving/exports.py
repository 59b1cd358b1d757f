"""The list as a file: JSON, CSV, XLSX and PDF with the same rows in the same order, where no cell becomes a formula."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from serving import permissions, published
from serving.database import By, Database
from serving.faults import Missing, WrongUsage
from serving.guides import Guide, guides_among
from serving.pack_pdf import pdf_of
from serving.people import Person
from serving.published import FoundRow, Notice, Publication, Wanted
from serving.risk_lists import out_of_a_hundred
from serving.sentences import CHANGES, grade_name, school_name, shift_name, week_of
from serving.spreadsheets import csv_of, xlsx_of

FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
MOST_REASONS = 4
CONFIDENTIAL = "Confidencial: datos de niñas, niños y adolescentes."
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
    school: str = ""  # where it is the list of one school alone

    @property
    def file_name(self) -> str:
        return f"lista-{self.publication.id}"

    @property
    def week(self) -> str:
        return week_of(self.publication.day)

    @property
    def footer(self) -> str:
        """What every page says of itself, so that a lost sheet tells whose it is and that it is no one else's."""
        return f"{CONFIDENTIAL} {self.week.capitalize()} · Publicación {self.publication.id} · {self.taken_by}"

    @cached_property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(row.body) for row in self.rows]

    @cached_property
    def departed(self) -> list[dict[str, Any]]:
        return [json.loads(row.body) for row in self.left]

    @property
    def guides(self) -> list[Guide]:
        return guides_among(self.bodies)

    def content(self, format: str) -> bytes:
        return {"json": self.as_json, "csv": self.as_csv, "xlsx": self.as_xlsx, "pdf": self.as_pdf}[format]()

    def as_pdf(self) -> bytes:
        return pdf_of(self)

    def as_json(self) -> bytes:
        body = {
            "publication": self.publication.header,
            "rows": self.bodies,
            "left": self.departed,
            "notices": [asdict(notice) for notice in self.notices],
        }
        named = body | ({"names": dict(self.names)} if self.names else {})
        return json.dumps(named, ensure_ascii=False).encode()

    def as_csv(self) -> bytes:
        return csv_of(self.table())

    def as_xlsx(self) -> bytes:
        sheets = {"Lista": self.table(), "Salieron": self.gone(), "Guías de acción": self.sheets_of_guides()}
        return xlsx_of(sheets | {"Acerca de esta lista": self.about()}, self.footer)

    def table(self) -> list[list[Any]]:
        return [self.header(), *(self.cells(row) for row in self.bodies)]

    def gone(self) -> list[list[Any]]:
        named = ["Nombre"] if self.names else []
        rows = [
            [row["student_id"], *([self.names.get(row["student_id"], "")] if self.names else []), row["change"]["why"]]
            for row in self.departed
        ]
        return [["Estudiante", *named, "Por qué salió"], *rows]

    def sheets_of_guides(self) -> list[list[Any]]:
        rows = [[guide.title, part, text] for guide in self.guides for part, text in guide.parts.items()]
        return [["Guía", "Parte", "Texto"], *rows]

    def header(self) -> list[str]:
        named = ["Nombre"] if self.names else []
        reasons = [f"Razón {place + 1}" for place in range(MOST_REASONS)]
        first = ["Puesto", "Puesto en la institución", "Estudiante", *named, "Código DANE", "Institución", "Comuna"]
        middle = ["Grado", "Grupo", "Jornada", "Prioridad", "De cada 100"]
        last = ["Aviso sobre el reporte", "Semana", "Publicación", "Reserva", "Descargada por"]
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
            self.week,
            self.publication.id,
            CONFIDENTIAL,
            self.taken_by,
        ]

    def about(self) -> list[list[str]]:
        return [
            ["Lista", self.week],
            ["Publicación", self.publication.id],
            ["Fuera del cupo", str(self.publication.left_out)],
            *([["Modelo", note]] if (note := self.publication.header.get("model_note")) else []),
            ["Finalidad", PURPOSE],
            ["Descargada por", self.taken_by],
            ["Vigencia", "Una semana; después destruya esta copia."],
            ["Reserva", CONFIDENTIAL],
            *([notice.institution_name, notice.notice] for notice in self.notices),
        ]


def read_export(
    connection: Connection, publication: Publication, wanted: Wanted, taken_by: str, person: Person | None = None
) -> Export:
    """All the rows asked for; with a person, also the names that this person may see."""
    rows = published.rows(connection, publication.id, wanted.whole())
    left = published.left_rows(connection, publication.id, wanted.whole())
    notices = published.notices(connection, publication.id, wanted.whole())
    pupils = published.pupils_of([*rows, *left])
    names = permissions.names_among(connection, person, pupils) if person else {}
    return Export(publication, rows, left, names, taken_by, notices, _called(connection, wanted.institution))


def _called(connection: Connection, institution: str | None) -> str:
    """What a school is called; nothing where the list is of several."""
    if institution is None:
        return ""
    return school_name(published.school_names(connection).get(institution, institution))


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
        export = read_export(connection, publication, wanted, by.who)
        entry.thing, entry.detail = f"list:{publication.id}", f"{len(export.rows)} estudiantes, sin nombres"
    return export.content(format)
