"""The list of the week: three numbers, filters, views to come back to, and one row per student."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from serving import case_states, published, saved_views, week_filters
from serving.case_states import CaseState
from serving.pages.asked_week import Asked, NoList, asked, looked_at
from serving.pages.places import first_place
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.published import Counts, FoundRow, Notice, Publication, Wanted
from serving.sentences import is_stale
from serving.service import service_of
from serving.week_filters import Offered, Row

router = APIRouter()

PER_PAGE = 50


@router.get("/")
def front(person: SignedIn) -> Response:
    return RedirectResponse(first_place(person), 303)


@router.get("/lista")
def week_page(request: Request, person: SignedIn, asked: Annotated[Asked, Depends(asked)]) -> Response:
    today = service_of(request).today()
    with looked_at(request, person, asked) as look:
        if isinstance(look, NoList):
            return render(request, "no_list.html", person, withdrawn=look.withdrawn)
        connection, publication = look.connection, look.publication
        page = read_page(connection, publication, look.wanted, asked, case_states.since(today))
        names = look.names(page.rows, page.left)
        schools = published.schools_in(connection, publication.id, person.reach)
        views = saved_views.seen_by(connection, person)
    return render(
        request,
        "week.html",
        person,
        publication=publication,
        asked=asked,
        newer=look.newer,
        schools=schools,
        school_name=dict(schools).get(asked.school or "", ""),
        one_school=asked.school is not None or len(schools) == 1,
        stale=is_stale(publication.day, today),
        names=names,
        views=views,
        orders=week_filters.ORDERS,
        **shown(page),
    )


@dataclass(frozen=True)
class Page:
    rows: list[FoundRow]
    told: list[Row]  # what the same rows say
    left: list[FoundRow]
    notices: list[Notice]
    counts: Counts
    states: Mapping[str, CaseState]
    waiting: int  # of all in this place, whom nobody has spoken to lately
    fitting: int  # rows that the filters leave
    seen: int  # of those, up to the end of this page
    capacity: int
    offered: dict[str, Offered]
    comunas: Offered


def read_page(connection: Connection, publication: Publication, wanted: Wanted, asked: Asked, since: date) -> Page:
    header, found = publication.header, published.rows(connection, publication.id, wanted)
    told = [dict(json.loads(row.body)) for row in found]
    states = case_states.states_of(connection, wanted.reach, [row.student_id for row in found], since)
    fitting = week_filters.narrowed(told, asked.chosen, states)
    here, by_student = fitting[asked.after : asked.after + PER_PAGE], {row.student_id: row for row in found}
    first = not asked.after and not asked.chosen.narrows
    every = replace(wanted, comuna=None)
    all_told = told if wanted.comuna is None else _told(connection, publication, every)
    return Page(
        rows=[by_student[row["student_id"]] for row in here],
        told=here,
        left=published.left_rows(connection, publication.id, wanted) if first else [],
        notices=published.notices(connection, publication.id, wanted),
        counts=published.counts(connection, publication.id, wanted),
        states=states,
        waiting=sum(week_filters.state_of(row, states) != case_states.CONTACTED for row in told),
        fitting=len(fitting),
        seen=asked.after + len(here),
        capacity=header["capacity"],
        offered=week_filters.offered(told, header["family_names"], states),
        comunas=week_filters.comunas_of(all_told),
    )


def _told(connection: Connection, publication: Publication, wanted: Wanted) -> list[Row]:
    return [dict(json.loads(row.body)) for row in published.rows(connection, publication.id, wanted)]


def shown(page: Page) -> dict[str, Any]:
    return {
        "rows": page.told,
        "left": [json.loads(row.body) for row in page.left],
        "notices": page.notices,
        "counts": page.counts,
        "states": page.states,
        "waiting": page.waiting,
        "fitting": page.fitting,
        "capacity": page.capacity,
        "offered": page.offered,
        "comunas": page.comunas,
        "next_after": page.seen if page.seen < page.fitting else None,
    }
