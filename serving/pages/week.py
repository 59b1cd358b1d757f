"""The list of the week: three numbers, a filter by school, and one row per student."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from serving import permissions, published
from serving.api.problems import Problem, not_found
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.published import Counts, FoundRow, Notice, Publication, Wanted
from serving.sentences import is_stale
from serving.service import service_of

router = APIRouter()

PER_PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a day, a school, and where to go on."""

    day: date | None
    school: str | None
    after: int

    @property
    def query(self) -> dict[str, str]:
        chosen = {"dia": self.day.isoformat() if self.day else "", "colegio": self.school or ""}
        return {name: value for name, value in chosen.items() if value}


def asked(
    day: Annotated[str, Query(alias="dia", max_length=10)] = "",
    school: Annotated[str, Query(alias="colegio", max_length=40)] = "",
    after: Annotated[int, Query(alias="desde", ge=0, le=10_000_000)] = 0,
) -> Asked:
    try:
        chosen = date.fromisoformat(day) if day else None
    except ValueError:
        raise not_found() from None
    return Asked(chosen, school or None, after)


@router.get("/")
def front() -> Response:
    return RedirectResponse("/lista", 303)


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
        page = read_page(connection, publication, wanted)
        names = permissions.names_among(connection, person, published.pupils_of([*page.rows, *page.left]))
        entry.thing, entry.detail = f"list:{publication.id}", published.counted(page.rows, page.left, names)
        schools = published.schools_in(connection, publication.id, person.reach)
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
        **shown(page),
    )


def wanted_rows(connection: Connection, publication: Publication, person: Person, asked: Asked) -> Wanted:
    """The whole city sees its list; one school sees every student it should follow."""
    if asked.school is not None:
        exists = published.has_school(connection, publication.id, asked.school)
        if not exists or not person.reach.covers(asked.school):
            raise not_found()
    whole_city = person.reach.institutions is None and asked.school is None
    return Wanted(person.reach, asked.school, None, whole_city, asked.after, PER_PAGE + 1)


@dataclass(frozen=True)
class Page:
    rows: list[FoundRow]
    left: list[FoundRow]
    notices: list[Notice]
    counts: Counts
    goes_on: bool


def read_page(connection: Connection, publication: Publication, wanted: Wanted) -> Page:
    found = published.rows(connection, publication.id, wanted)
    left = [] if wanted.after else published.left_rows(connection, publication.id, replace(wanted, limit=None))
    notices = published.notices(connection, publication.id, wanted)
    counts = published.counts(connection, publication.id, wanted)
    return Page(found[:PER_PAGE], left, notices, counts, len(found) > PER_PAGE)


def shown(page: Page) -> dict[str, Any]:
    return {
        "rows": [json.loads(row.body) for row in page.rows],
        "left": [json.loads(row.body) for row in page.left],
        "notices": page.notices,
        "counts": page.counts,
        "next_after": page.rows[-1].rank if page.goes_on else None,
    }
