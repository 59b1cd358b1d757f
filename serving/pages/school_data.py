"""The children of a school whose data have to be put right, for whoever registers them: on a page and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import Connection

from serving import permissions, published
from serving.api.problems import Problem, not_found
from serving.data_to_mend import ToMend, table_of, to_mend
from serving.list_scope import of_school
from serving.pages.downloads import must_be_free
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.published import Publication
from serving.school_figures import figures_of
from serving.sentences import MADE_UP
from serving.service import service_of
from serving.spreadsheets import csv_of

router = APIRouter()

SHOWN = 200
Dane = Annotated[str, Path(max_length=40)]


@dataclass(frozen=True)
class Found:
    """What is to be put right, with the names that its reader may see."""

    publication: Publication
    schools: Mapping[str, str]
    rows: Sequence[ToMend]
    names: Mapping[str, str]
    reviewed_on: date | None


@router.get("/instituciones/{dane}/datos")
def data_page(request: Request, person: SignedIn, dane: Dane) -> Response:
    with _looked_at(request, person, dane, "see_data", SHOWN) as found:
        rows, school = found.rows, found.schools.get(dane, dane)
    told: dict[str, Any] = {"rows": rows[:SHOWN], "many": len(rows), "names": found.names, "on": found.reviewed_on}
    return render(request, "school_data.html", person, publication=found.publication, dane=dane, school=school, **told)


@router.get("/instituciones/{dane}/datos/descargar")
def data_file(request: Request, person: SignedIn, dane: Dane) -> Response:
    """Counts among the files of the hour, as the copies of lists do."""
    _must_see_names(person)
    service = service_of(request)
    must_be_free(service, service.by(person, request))
    with _looked_at(request, person, dane, "export") as found:
        scope = of_school(found.schools, dane)
    notice, today = " ".join(MADE_UP) if service.settings.made_up else "", service.today()
    content = csv_of(table_of(found.rows, found.names, scope.school, person.name, today, notice))
    headers = {"Content-Disposition": f'attachment; filename="{scope.stem}-datos-por-corregir-{today}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers | {"Cache-Control": "no-store"})


def _must_see_names(person: Person) -> None:
    if reason := why_not(person, Action.SEE_NAMES):
        raise Problem(403, reason)


@contextmanager
def _looked_at(request: Request, person: Person, dane: str, action: str, shown: int | None = None) -> Iterator[Found]:
    """`shown`: so many rows are read with their names, and told to the audit; None: all."""
    _must_see_names(person)
    service = service_of(request)
    with service.database.looking(service.by(person, request), action, "list") as (connection, entry):
        publication = published.publication_for(connection, None)
        if publication is None or not _reached(connection, publication, person, dane):
            raise not_found()
        rows = to_mend(connection, person, publication.id, dane, service.today())
        names = permissions.names_among(connection, person, [row.pupil for row in rows[:shown]])
        entry.thing = f"list:{publication.id}"
        entry.detail = f"datos por corregir: {len(rows)} filas, {len(names)} con nombre"
        figures = figures_of(connection, dane)
        yield Found(publication, published.school_names(connection), rows, names, figures.day if figures else None)


def _reached(connection: Connection, publication: Publication, person: Person, dane: str) -> bool:
    return published.has_school(connection, publication.id, dane) and person.reach.touches(dane)
