"""The published lists: which there are, their rows within the caller's reach, and each school's watchlist."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from serving import case_states, permissions, prepared, published
from serving.api import answers, examples
from serving.api.callers import ListReader, Serving, if_none_match, must_see_names
from serving.api.examples import answered
from serving.api.problems import Problem, not_found, problem_answers
from serving.case_states import StateWanted
from serving.people import Person
from serving.prepared import Page
from serving.published import Publication, Wanted, how_much, pupils_of
from serving.service import Service

router = APIRouter(tags=["Listas"])

LATEST = "latest"
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
def list_risk_lists(service: Serving, _person: ListReader, query: Annotated[PageQuery, Query()]) -> Response:
    before = _resume(service, query.cursor, "publications")
    with service.database.reading() as connection:
        day = date.fromisoformat(before) if before else None
        found = published.publications_in_force(connection, day, query.limit + 1)
    page, rest = found[: query.limit], found[query.limit :]
    cursor = service.sign(page[-1].day.isoformat(), "publications") if rest else None
    parts = b",".join(publication.body for publication in page)
    return _json(b'{"publications":[' + parts + b'],"next_cursor":' + json.dumps(cursor).encode() + b"}")


@router.get(
    "/risk-lists/{day}",
    operation_id="read_risk_list",
    summary="Filas de una lista, dentro de lo que usted atiende",
    responses={**answered(answers.RiskList, examples.RISK_LIST), **problem_answers(401, 403, 404)},
)
def read_risk_list(
    request: Request, service: Serving, person: ListReader, day: Day, query: Annotated[ListQuery, Query()]
) -> Response:
    # A school follows more students than the city has visits for, so it is shown all that was published of its own.
    city_list_only = person.reach.institutions is None
    state = StateWanted(query.state, case_states.since(service.today())) if query.state else None
    wanted = Wanted(person.reach, query.institution, query.comuna, city_list_only, state=state)
    return _answer(request, service, person, day, wanted, query, query.names)


@router.get(
    "/institutions/{dane}/watchlist",
    operation_id="read_watchlist",
    summary="La lista de seguimiento de una institución",
    responses={**answered(answers.RiskList, examples.RISK_LIST), **problem_answers(401, 403, 404)},
)
def read_watchlist(
    request: Request, service: Serving, person: ListReader, dane: Dane, query: Annotated[WatchlistQuery, Query()]
) -> Response:
    wanted = Wanted(person.reach, dane, None, city_list_only=False)
    return _answer(request, service, person, query.day, wanted, query, query.names)


def _answer(
    request: Request, service: Service, person: Person, day: str, wanted: Wanted, page: PageQuery, names: bool
) -> Response:
    if names:
        must_see_names(person)
    with service.database.looking(service.by(person, request), "see_list", f"list:{day}") as (connection, entry):
        publication, wanted = _start(connection, service, day, wanted, page)
        since = case_states.since(service.today())
        pulse = case_states.pulse(connection)
        etag = _etag(publication, wanted, page.limit, f"{pulse}-{since}")
        if not names and if_none_match(request, etag):
            entry.skip = True  # who already holds the list is told nothing new
            return Response(status_code=304, headers={"ETag": etag, **KEEP})
        found, told = _page(connection, person, publication, wanted, page.limit, names)
        states = published.states_beside(connection, publication.id, wanted, found.next_after, since)
        entry.thing, entry.detail = f"list:{publication.id}", how_much(found.rows, found.left, told)
    cursor = service.sign([publication.id, found.next_after], _view(day, wanted)) if found.next_after else None
    kept = {} if names else {"ETag": etag, **KEEP}
    return _json(_ended(found.body, cursor, told, states), kept)


def _page(
    connection: Connection, person: Person, publication: Publication, wanted: Wanted, size: int, names: bool
) -> tuple[Page, dict[str, str] | None]:
    """The page that is ready, or its rows chosen now: for who asks for names, or for other rows than most."""
    if not names and (ready := prepared.page_for(connection, publication.id, wanted, size)):
        return ready, None
    rows = prepared.rows_for(connection, publication.id, wanted, size)
    pupils = pupils_of([*rows.found[:size], *rows.left])
    told = permissions.names_among(connection, person, pupils) if names else None
    return prepared.page_of(publication, rows, size), told


KEEP = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


def _start(
    connection: Connection, service: Service, day: str, wanted: Wanted, page: PageQuery
) -> tuple[Publication, Wanted]:
    """The list to read and the rank to go on from; a cursor stays on the list it began with."""
    resumed = _resume(service, page.cursor, _view(day, wanted))
    publication = (
        published.publication_with(connection, resumed[0])
        if resumed
        else published.publication_for(connection, None if day == LATEST else _date(day))
    )
    if publication is None or not _reachable(connection, publication, wanted):
        raise not_found()
    after = resumed[1] if resumed else 0
    return publication, replace(wanted, after=after)


def _reachable(connection: Connection, publication: Publication, wanted: Wanted) -> bool:
    if wanted.institution is None:
        return True
    exists = published.has_school(connection, publication.id, wanted.institution)
    return exists and wanted.reach.covers(wanted.institution)


def _date(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise not_found() from None


def _resume(service: Service, cursor: str | None, use: str) -> Any | None:
    if cursor is None:
        return None
    resumed = service.unsign(cursor, use)
    if resumed is None:
        raise Problem(422, "El cursor no corresponde a esta consulta. Empiece de nuevo sin cursor.")
    return resumed


def _view(day: str, wanted: Wanted) -> str:
    reach = (str(wanted.reach), *sorted(wanted.reach.schools_of_comunas))  # a comuna may have other schools tomorrow
    state = wanted.state.state if wanted.state else None
    parts = (day, reach, wanted.institution, wanted.comuna, wanted.city_list_only, state)
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()


def _etag(publication: Publication, wanted: Wanted, size: int, followed: str) -> str:
    """Also of how the children are followed, which the published bytes do not tell."""
    place = f"{_view(publication.id, wanted)}-{wanted.after}-{size}-{followed}"
    return f'"{publication.content_hash[:16]}-{place}"'


def _ended(
    body: bytes, cursor: str | None, names: dict[str, str] | None, states: Mapping[str, case_states.CaseState]
) -> bytes:
    followed = json.dumps({student: state.as_dict() for student, state in states.items()}).encode()
    named = b"" if names is None else b',"names":' + json.dumps(names, ensure_ascii=False).encode()
    return body + b',"next_cursor":' + json.dumps(cursor).encode() + b',"states":' + followed + named + b"}"


def _json(content: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(content, media_type="application/json", headers=headers)
