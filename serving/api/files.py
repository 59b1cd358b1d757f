"""The list as a file for a program: the same bytes that the page gives, with the same line in the audit."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from serving import published
from serving.api.asked_list import LATEST, date_of, reachable
from serving.api.callers import Serving, allowed, must_see_names
from serving.api.lists import Day, Names, School
from serving.api.problems import not_found, problem_answers
from serving.exports import FORMATS, read_export
from serving.pages.downloads import attached, must_be_free
from serving.people import Person
from serving.permissions import Action
from serving.published import Wanted, counted

router = APIRouter(tags=["Listas"])

Exporter = Annotated[Person, Depends(allowed(Action.EXPORT))]
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "El archivo",
        "content": dict.fromkeys(("text/csv", FORMATS["pdf"], FORMATS["xlsx"]), BINARY),
    }
}


class FileQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Annotated[Literal["csv", "xlsx", "pdf"], Field(description="Formato del archivo")] = "xlsx"
    institution: School = None
    names: Names = False


@router.get(
    "/risk-lists/{day}/file",
    operation_id="download_risk_list",
    summary="Una lista entera como archivo: CSV, Excel o PDF",
    response_class=Response,
    responses={**FILE, **problem_answers(401, 403, 404, 503)},
)
def download_risk_list(
    request: Request, service: Serving, person: Exporter, day: Day, query: Annotated[FileQuery, Query()]
) -> Response:
    if query.names:
        must_see_names(person)
    city_list_only = person.reach.institutions is None and query.institution is None
    wanted = Wanted(person.reach, query.institution, None, city_list_only)
    by = service.by(person, request)
    must_be_free(service, by)
    with service.database.looking(by, "export", f"list:{day}") as (connection, entry):
        publication = published.publication_for(connection, None if day == LATEST else date_of(day))
        if publication is None or not reachable(connection, publication, wanted):
            raise not_found()
        named = person if query.names else None
        export = read_export(connection, publication, wanted, by, named, made_up=service.settings.made_up)
        entry.thing, entry.detail = f"list:{publication.id}", counted(export.rows, export.left, export.names)
    return attached(export, query.format)
