"""The published lists: which there are, their rows within the caller's reach, and each school's watchlist."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from serving import published
from serving.api import answers, examples
from serving.api.asked_list import KEEP, LATEST, AskedList, as_json, resume
from serving.api.callers import ListReader, Serving, if_none_match, must_see_names
from serving.api.examples import answered
from serving.api.problems import problem_answers
from serving.people import Person
from serving.service import Service

router = APIRouter(tags=["Listas"])

Day = Annotated[
    str,
    Path(
        pattern=r"^(latest|\d{4}-\d{2}-\d{2})$", description="Fecha del corte (domingo) o «latest»", examples=[LATEST]
    ),
]
Dane = Annotated[str, Path(max_length=40, description="Código DANE de la institución", examples=["176001000011"])]
Limit = Annotated[int, Field(ge=1, le=200, description="Filas por respuesta")]
Cursor = Annotated[str | None, Field(max_length=400, description="El next_cursor de la respuesta anterior")]
School = Annotated[str | None, Field(max_length=40, description="Código DANE de la institución")]
Comuna = Annotated[str | None, Field(max_length=80, description="Comuna o corregimiento, como aparece en las filas")]
State = Annotated[
    Literal["NO_CONTACT", "ASSIGNED", "CONTACTED"] | None,
    Field(description="Solo quienes no tienen contacto ni a quien los atienda, los asignados o los contactados"),
]
Names = Annotated[bool, Field(description="Añade los nombres, si su rol puede verlos; queda registrado")]


class PageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Limit = 50
    cursor: Cursor = None


class ListQuery(PageQuery):
    institution: School = None
    comuna: Comuna = None
    state: State = None
    names: Names = False


class WatchlistQuery(PageQuery):
    day: Annotated[str, Field(pattern=r"^(latest|\d{4}-\d{2}-\d{2})$", description="Fecha del corte o «latest»")] = (
        LATEST
    )
    names: Names = False


@router.get(
    "/risk-lists",
    operation_id="list_risk_lists",
    summary="Listas publicadas",
    responses={**answered(answers.Publications, examples.PUBLICATIONS), **problem_answers(401, 403)},
)
def list_risk_lists(
    request: Request, service: Serving, _person: ListReader, query: Annotated[PageQuery, Query()]
) -> Response:
    before = resume(service, query.cursor, "publications")
    with service.database.reading() as connection:
        day = date.fromisoformat(before) if before else None
        found = published.publications_in_force(connection, day, query.limit + 1)
    page, rest = found[: query.limit], found[query.limit :]
    cursor = service.sign(page[-1].day.isoformat(), "publications") if rest else None
    parts = b",".join(publication.body for publication in page)
    content = b'{"publications":[' + parts + b'],"next_cursor":' + json.dumps(cursor).encode() + b"}"
    stamped = {"ETag": f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"', **KEEP}
    if if_none_match(request, stamped["ETag"]):
        return Response(status_code=304, headers=stamped)
    return as_json(content, stamped)


@router.get(
    "/risk-lists/{day}",
    operation_id="read_risk_list",
    summary="Filas de una lista, dentro de lo que usted atiende",
    responses={**answered(answers.RiskList, examples.RISK_LIST), **problem_answers(401, 403, 404)},
)
def read_risk_list(
    request: Request, service: Serving, person: ListReader, day: Day, query: Annotated[ListQuery, Query()]
) -> Response:
    return _answer(request, service, person, AskedList(day, query, query.institution, query.comuna, query.state))


@router.get(
    "/institutions/{dane}/watchlist",
    operation_id="read_watchlist",
    summary="La lista de seguimiento de una institución",
    responses={**answered(answers.RiskList, examples.RISK_LIST), **problem_answers(401, 403, 404)},
)
def read_watchlist(
    request: Request, service: Serving, person: ListReader, dane: Dane, query: Annotated[WatchlistQuery, Query()]
) -> Response:
    return _answer(request, service, person, AskedList(query.day, query, dane, watchlist=True))


def _answer(request: Request, service: Service, person: Person, asked: AskedList) -> Response:
    if asked.page.names:
        must_see_names(person)
    with service.database.looking(service.by(person, request), "see_list", asked.thing) as (connection, entry):
        told = asked.told(service, connection, person, request.headers.get("if-none-match", ""))
        entry.thing, entry.detail, entry.skip = told.thing, told.detail, told.skip
    if not asked.page.names:  # names are fetched anew at each call
        request.state.asked = asked
    return told.response
