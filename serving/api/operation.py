"""Whether the service lives, whether it can serve a list, and which version it is."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.exc import OperationalError

from serving import published
from serving.api.callers import Serving
from serving.api.problems import Problem, problem_answers
from serving.version import version

router = APIRouter(tags=["Operación"])


@router.get("/livez", operation_id="livez", summary="El proceso responde")
def livez() -> dict[str, str]:
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Hay base de datos y una lista publicada",
    responses={503: problem_answers(503)[503]},
)
def readyz(service: Serving) -> dict[str, str]:
    try:
        with service.database.reading() as connection:
            publication = published.publication_for(connection, None)
    except OperationalError:
        raise Problem(503) from None
    if publication is None:
        raise Problem(503, "Todavía no hay una lista publicada. Ejecute: permanencia run-week --day FECHA")
    return {"status": "ok", "publication": publication.id}


@router.get("/version", operation_id="version", summary="Versión del servicio")
def read_version(service: Serving) -> dict[str, str]:
    return {"version": version(), "environment": service.settings.environment}
