"""Takes the list away as a file, and leaves a line that says who did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from serving import published
from serving.api.problems import Problem, not_found, too_many
from serving.database import By
from serving.download_limits import TooManyFiles, must_not_be_too_many
from serving.exports import FORMATS, Export, read_export
from serving.faults import Missing
from serving.pages.asked_week import Asked, asked, wanted_rows
from serving.pages.sessions import SignedIn
from serving.permissions import Action, why_not
from serving.service import Service, service_of
from serving.week_filters import Chosen

router = APIRouter()


@router.get("/lista/descargar")
def download(
    request: Request,
    person: SignedIn,
    asked: Annotated[Asked, Depends(asked)],
    format: Annotated[str, Query(alias="formato", max_length=10)] = "xlsx",
) -> Response:
    if reason := why_not(person, Action.EXPORT):
        raise Problem(403, reason)
    if format not in FORMATS:
        raise Problem(422, "Los formatos son: " + ", ".join(FORMATS) + ".")
    service = service_of(request)
    by = service.by(person, request)
    must_be_free(service, by)
    with service.database.looking(by, "export", "list") as (connection, entry):
        publication = published.publication_for(connection, asked.day)
        if publication is None:
            raise not_found()
        wanted = wanted_rows(connection, publication, person, asked)
        chosen, made_up = asked.chosen, service.settings.made_up
        export = read_export(connection, publication, wanted, by, person, chosen=chosen, made_up=made_up)
        entry.thing, entry.detail = f"list:{publication.id}", _counted(export, chosen)
    return attached(export, format)


def _counted(export: Export, chosen: Chosen) -> str:
    """NOTE: which filters, and never what was asked of them: the audit is read by others."""
    told = published.counted(export.rows, export.left, export.names)
    return f"{told}; con filtros: {', '.join(chosen.finer)}" if chosen.narrows else told


def must_be_free(service: Service, by: By) -> None:
    try:
        must_not_be_too_many(service.database, by, service.settings.downloads_per_hour)
    except TooManyFiles as wait:
        raise too_many(wait.seconds, str(wait)) from None


def attached(export: Export, format: str) -> Response:
    try:
        content = export.content(format)
    except Missing as missing:
        raise Problem(503, str(missing)) from None
    headers = {"Content-Disposition": f'attachment; filename="{export.file_name}.{format}"'}
    return Response(content, media_type=FORMATS[format], headers=headers | {"Cache-Control": "no-store"})
