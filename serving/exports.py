"""The list as a file: JSON, CSV, XLSX and PDF with the same rows in the same order, where no cell becomes a formula."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from serving import case_states, last_contact, permissions, published, week_filters
from serving import export_tables as tables
from serving.case_states import CaseState
from serving.database import By, Database
from serving.export_json import json_of
from serving.faults import Missing, WrongUsage
from serving.guides import Guide, guides_among
from serving.list_scope import ListScope, scope_of
from serving.pack_pdf import pdf_of
from serving.people import Person
from serving.published import FoundRow, Notice, Publication, Wanted
from serving.sentences import MADE_UP, is_stale, old_list, week_of
from serving.spreadsheets import csv_of, xlsx_of
from serving.week_filters import Chosen

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
    scope: ListScope = field(default_factory=ListScope)
    taken_on: date | None = None
    states: Mapping[str, CaseState] = field(default_factory=dict)  # how the follow-up stands on that day
    order: str = ""  # one of week_filters.ORDERS; empty: the list's own
    made_up: bool = False
    of: int = 0  # how many the list has where its filters were not asked for

    @property
    def file_name(self) -> str:
        """With the Monday it serves."""
        return f"{self.scope.stem}-{self.publication.day + timedelta(days=1)}"

    @property
    def week(self) -> str:
        return week_of(self.publication.day)

    @property
    def footer(self) -> str:
        """What every page says of itself, so that a lost sheet tells whose it is and that it is no one else's."""
        told = f"{tables.CONFIDENTIAL} {self.week.capitalize()} · Publicación {self.publication.id} · {self.taken_by}"
        return f"{MADE_UP[0]} {told}" if self.made_up else told

    @property
    def notes(self) -> list[str]:
        """What a reader must know first, as the page says it: invented, with filters, old, of an old model."""
        told = self.publication.header.get("model_note")
        old = self.taken_on is not None and is_stale(self.publication.day, self.taken_on)
        invented, aged = " ".join(MADE_UP) if self.made_up else "", old_list(self.publication.day) if old else ""
        return [note for note in (invented, self._filtered, aged, told) if note]

    @property
    def _filtered(self) -> str:
        """Lest a part be taken for all there is."""
        told = " · ".join(self.scope.filters)
        return f"Esta copia lleva filtros ({told}). Los cumplen {len(self.rows)} de {self.of}." if told else ""

    @cached_property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(row.body) for row in self.rows]

    @cached_property
    def departed(self) -> list[dict[str, Any]]:
        return [json.loads(row.body) for row in self.left]

    @property
    def guides(self) -> list[Guide]:
        return guides_among(self.bodies)

    def place(self, row: Mapping[str, Any]) -> int:
        """The number that the page shows: within the school where the list is of one school alone."""
        return int(row["rank_in_institution"] if self.scope.code else row["rank"])

    def last_contact(self, row: Mapping[str, Any]) -> str:
        return last_contact.last_contact(row, self.states.get(row["student_id"]))

    @property
    def contacts_until(self) -> str:
        return last_contact.counted_until(self.taken_on)

    @property
    def order_said(self) -> str:
        """After "so many students"."""
        return week_filters.order_said(self.order)

    def content(self, format: str) -> bytes:
        return {"json": self.as_json, "csv": self.as_csv, "xlsx": self.as_xlsx, "pdf": self.as_pdf}[format]()

    def as_pdf(self) -> bytes:
        return pdf_of(self)

    def as_json(self) -> bytes:
        return json_of(self)

    def as_csv(self) -> bytes:
        return csv_of(tables.rows_of(self))

    def as_xlsx(self) -> bytes:
        return xlsx_of(tables.sheets_of(self), self.footer)


def read_export(
    connection: Connection,
    publication: Publication,
    wanted: Wanted,
    by: By,
    person: Person | None = None,
    *,
    chosen: Chosen | None = None,
    made_up: bool = False,
) -> Export:
    """All the rows asked for, as `by` takes them away; with a person, also the names that this person may see.

    `chosen`: the filters and the order of the page it is taken from; who left is told of a list without filters.
    """
    chosen, day = chosen or Chosen(), by.at.date()
    found = published.rows(connection, publication.id, wanted.whole())
    students = [row.student_id for row in found]
    states = case_states.states_of(connection, wanted.reach, students, case_states.since(day))
    rows, filters = _narrowed(publication, found, chosen, states)
    left = [] if chosen.narrows else published.left_rows(connection, publication.id, wanted.whole())
    pupils = published.pupils_of([*rows, *left])
    return Export(
        publication,
        rows,
        left,
        permissions.names_among(connection, person, pupils) if person else {},
        by.who,
        published.notices(connection, publication.id, wanted.whole()),
        replace(scope_of(connection, publication, wanted), filters=filters),
        day,
        states,
        chosen.orden,
        made_up,
        len(found),
    )


def _narrowed(
    publication: Publication, found: Sequence[FoundRow], chosen: Chosen, states: Mapping[str, CaseState]
) -> tuple[Sequence[FoundRow], tuple[str, ...]]:
    """The rows that the page shows, in its order, and its filters in words."""
    told = [json.loads(row.body) for row in found]
    by_student = {row.student_id: row for row in found}
    rows = [by_student[row["student_id"]] for row in week_filters.narrowed(told, chosen, states)]
    offered = week_filters.offered(told, publication.header["family_names"], states)
    return rows, week_filters.in_words(chosen, offered)


def exported_list(
    database: Database, day: date | None, institution: str | None, format: str, by: By, made_up: bool = False
) -> bytes:
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
        export = read_export(connection, publication, wanted, by, made_up=made_up)
        entry.thing, entry.detail = f"list:{publication.id}", f"{len(export.rows)} estudiantes, sin nombres"
    return export.content(format)
