"""Whether the service lives, whether it can serve a list, how it does, and which version it is."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import OperationalError

from serving import metrics, published
from serving.api import answers, examples
from serving.api.callers import Serving
from serving.api.examples import answered
from serving.api.model import approved_on
from serving.api.problems import Problem, problem_answers
from serving.published import Publication
from serving.service import Service
from serving.version import version

router = APIRouter(tags=["Operación"])

NO_LIST = "Todavía no hay una lista publicada. Ejecute: permanencia run-week --day FECHA"


@router.get(
    "/livez", operation_id="livez", summary="El proceso responde", responses={**answered(answers.Alive, examples.ALIVE)}
)
async def livez() -> dict[str, str]:
    return {"status": "ok"}


def in_force(service: Serving) -> Publication | None:
    with service.database.reading() as connection:
        return published.publication_for(connection, None)


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Hay base de datos y una lista publicada; qué edad tienen la lista y el modelo",
    responses={**answered(answers.Ready, examples.READY), 503: problem_answers(503)[503]},
)
def readyz(service: Serving) -> dict[str, str | int | None]:
    """An old list is still better than none: its age is told, and whoever watches decides."""
    try:
        publication = in_force(service)
    except OperationalError:
        raise Problem(503) from None
    if publication is None:
        raise Problem(503, NO_LIST)
    found = {"publication": publication.id, "model_version": publication.header["model_version"]}
    return {"status": "ok", "database": "ok", **found, **ages(service, publication)}


def ages(service: Service, publication: Publication) -> dict[str, int | None]:
    approved = approved_on(service.settings, publication.header["model_version"])
    return {
        "list_age_days": _days(service, publication.day),
        "model_age_days": _days(service, approved) if approved else None,
    }


def _days(service: Service, since: date) -> int:
    return (service.today() - since).days


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Cifras para Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"example": "permanencia_list_age_days 1.0\n"}}}},
)
def read_metrics(service: Serving) -> Response:
    return Response(metrics.exposition(facts(service)), headers={"Content-Type": CONTENT_TYPE_LATEST})


def facts(service: Service) -> dict[str, float | None]:
    try:
        publication = in_force(service)
    except OperationalError:
        return {"database_up": 0}
    if publication is None:
        return {"database_up": 1}
    rows = {"list_rows": publication.header["listed"], "on_roll": publication.header["on_roll"]}
    return {"database_up": 1, **rows, **ages(service, publication)}


@router.get(
    "/version",
    operation_id="version",
    summary="Versión del servicio",
    responses={**answered(answers.Version, examples.VERSION)},
)
async def read_version(service: Serving) -> dict[str, str]:
    return {"version": version(), "environment": service.settings.environment}
