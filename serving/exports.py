"""The list as a file: JSON, CSV, XLSX and PDF with the same rows in the same order, where no cell becomes a formula."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from serving import export_tables as tables
from serving import permissions, published
from serving.database import By, Database
from serving.faults import Missing, WrongUsage
from serving.guides import Guide, guides_among
from serving.pack_pdf import pdf_of
from serving.people import Person
from serving.published import FoundRow, Notice, Publication, Wanted
from serving.sentences import is_stale, old_list, school_name, week_of
from serving.spreadsheets import csv_of, xlsx_of

FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


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
    taken_on: date | None = None

    @property
    def file_name(self) -> str:
        return f"lista-{self.publication.id}"

    @property
    def week(self) -> str:
        return week_of(self.publication.day)

    @property
    def footer(self) -> str:
        """What every page says of itself, so that a lost sheet tells whose it is and that it is no one else's."""
        return f"{tables.CONFIDENTIAL} {self.week.capitalize()} · Publicación {self.publication.id} · {self.taken_by}"

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the whole list first, as the page says it: an old list, a model past its time."""
        told = self.publication.header.get("model_note")
        old = self.taken_on is not None and is_stale(self.publication.day, self.taken_on)
        return [*([old_list(self.publication.day)] if old else []), *([told] if told else [])]

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
        return csv_of(tables.rows_of(self))

    def as_xlsx(self) -> bytes:
        return xlsx_of(tables.sheets_of(self), self.footer)


def read_export(
    connection: Connection, publication: Publication, wanted: Wanted, by: By, person: Person | None = None
) -> Export:
    """All the rows asked for, as `by` takes them away; with a person, also the names that this person may see."""
    rows = published.rows(connection, publication.id, wanted.whole())
    left = published.left_rows(connection, publication.id, wanted.whole())
    notices = published.notices(connection, publication.id, wanted.whole())
    pupils = published.pupils_of([*rows, *left])
    names = permissions.names_among(connection, person, pupils) if person else {}
    school = _called(connection, wanted.institution)
    return Export(publication, rows, left, names, by.who, notices, school, by.at.date())


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
        export = read_export(connection, publication, wanted, by)
        entry.thing, entry.detail = f"list:{publication.id}", f"{len(export.rows)} estudiantes, sin nombres"
    return export.content(format)
