"""Takes the list away as a file, and leaves a line that says who did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from serving import permissions, published
from serving.api.problems import Problem, not_found
from serving.exports import FORMATS, Export
from serving.pages.sessions import SignedIn
from serving.pages.week import Asked, asked, wanted_rows
from serving.permissions import Action, why_not
from serving.service import service_of

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
    with service.database.looking(service.by(person, request), "export", "list") as (connection, entry):
        publication = published.publication_for(connection, asked.day)
        if publication is None:
            raise not_found()
        wanted = wanted_rows(connection, publication, person, asked)
        rows = published.rows(connection, publication.id, wanted.whole())
        left = published.left_rows(connection, publication.id, wanted.whole())
        notices = published.notices(connection, publication.id, wanted.whole())
        names = permissions.names_among(connection, person, published.pupils_of([*rows, *left]))
        entry.thing, entry.detail = f"list:{publication.id}", published.counted(rows, left, names)
    export = Export(publication, rows, left, names, person.name, notices)
    return Response(export.content(format), media_type=FORMATS[format], headers=_attached(export, format))


def _attached(export: Export, format: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{export.file_name}.{format}"', "Cache-Control": "no-store"}
