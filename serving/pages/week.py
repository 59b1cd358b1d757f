"""The list of the week: three numbers, filters, views to come back to, and one row per student."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from serving import case_states, permissions, published, saved_views, week_filters
from serving.api.problems import Problem, not_found
from serving.case_states import CaseState
from serving.pages.places import first_place
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.published import Counts, FoundRow, Notice, Publication, Wanted
from serving.sentences import is_stale
from serving.service import service_of
from serving.week_filters import Chosen, Offered, Row

router = APIRouter()

PER_PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a day, a school or comuna, finer filters, and how many rows were already seen."""

    day: date | None
    school: str | None
    after: int
    chosen: Chosen = field(default_factory=Chosen)

    @property
    def query(self) -> dict[str, str]:
        """The address of this view, without the page one is on."""
        return self.place | self.chosen.query

    @property
    def place(self) -> dict[str, str]:
        """The day and the place alone: what a download takes."""
        told = {"dia": self.day.isoformat() if self.day else "", "colegio": self.school or ""}
        told["comuna"] = self.chosen.comuna
        return {name: value for name, value in told.items() if value}


Word = Annotated[str, Query(max_length=80)]


def chosen(
    comuna: Word = "",
    sede: Word = "",
    grado: Word = "",
    jornada: Word = "",
    razon: Word = "",
    cambio: Word = "",
    contacto: Word = "",
    orden: Word = "",
) -> Chosen:
    return Chosen(comuna, sede, grado, jornada, razon, cambio, contacto, orden)


def asked(
    chosen: Annotated[Chosen, Depends(chosen)],
    day: Annotated[str, Query(alias="dia", max_length=10)] = "",
    school: Annotated[str, Query(alias="colegio", max_length=40)] = "",
    after: Annotated[int, Query(alias="desde", ge=0, le=10_000_000)] = 0,
) -> Asked:
    try:
        told = date.fromisoformat(day) if day else None
    except ValueError:
        raise not_found() from None
    return Asked(told, school or None, after, chosen)


@router.get("/")
def front(person: SignedIn) -> Response:
    return RedirectResponse(first_place(person), 303)


@router.get("/lista")
def week_page(request: Request, person: SignedIn, asked: Annotated[Asked, Depends(asked)]) -> Response:
    if reason := why_not(person, Action.SEE_LIST):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_list", "list") as (connection, entry):
        publication = published.publication_for(connection, asked.day)
        if publication is None:
            entry.skip = True
            return render(request, "no_list.html", person)
        wanted = wanted_rows(connection, publication, person, asked)
        page = read_page(connection, publication, wanted, asked, case_states.since(service.today()))
        names = permissions.names_among(connection, person, published.pupils_of([*page.rows, *page.left]))
        entry.thing, entry.detail = f"list:{publication.id}", published.counted(page.rows, page.left, names)
        schools = published.schools_in(connection, publication.id, person.reach)
        views = saved_views.seen_by(connection, person)
    return render(
        request,
        "week.html",
        person,
        publication=publication,
        asked=asked,
        schools=schools,
        school_name=dict(schools).get(asked.school or "", ""),
        one_school=asked.school is not None or len(schools) == 1,
        stale=is_stale(publication.day, service.today()),
        names=names,
        views=views,
        orders=week_filters.ORDERS,
        **shown(page),
    )


def wanted_rows(connection: Connection, publication: Publication, person: Person, asked: Asked) -> Wanted:
    """The whole city sees its list; one school sees every student it should follow."""
    if asked.school is not None:
        exists = published.has_school(connection, publication.id, asked.school)
        if not exists or not person.reach.touches(asked.school):
            raise not_found()
    whole_city = person.reach.institutions is None and asked.school is None
    return Wanted(person.reach, asked.school, asked.chosen.comuna or None, whole_city)


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
