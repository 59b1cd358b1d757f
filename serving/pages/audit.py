"""The record of who did or looked at what, for its auditor: search it, and have it walked from the first line on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import ColumnElement, Connection, Row, select
from starlette.responses import RedirectResponse

from serving import background
from serving.api.problems import Problem, not_found
from serving.audit_words import action_said, role_said
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.service import service_of
from serving.settings import BOGOTA
from serving.tables import audit

router = APIRouter()

PAGE = "/auditoria"
PER_PAGE = 100
AGAIN = 3  # seconds until a page that waits asks again


@dataclass(frozen=True)
class Search:
    """Who, what, about whom, between which days, and below which line to go on."""

    who: str = ""
    action: str = ""
    thing: str = ""
    since: date | None = None
    until: date | None = None
    below: int | None = None

    @property
    def query(self) -> dict[str, str]:
        told = {"quien": self.who, "accion": self.action, "sobre": self.thing}
        days = {"desde": self.since, "hasta": self.until}
        return {name: str(value) for name, value in (told | days).items() if value}

    def conditions(self) -> list[ColumnElement[bool]]:
        same = {audit.c.by: self.who, audit.c.action: self.action, audit.c.thing: self.thing}
        found = [column == value for column, value in same.items() if value]
        if self.since:
            found.append(audit.c.at >= _midnight(self.since))
        if self.until:
            found.append(audit.c.at < _midnight(self.until + timedelta(days=1)))
        return [*found, audit.c.id < self.below] if self.below else found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BOGOTA)


def search(
    who: Annotated[str, Query(alias="quien", max_length=80)] = "",
    action: Annotated[str, Query(alias="accion", max_length=40)] = "",
    thing: Annotated[str, Query(alias="sobre", max_length=120)] = "",
    since: Annotated[str, Query(alias="desde", max_length=10)] = "",
    until: Annotated[str, Query(alias="hasta", max_length=10)] = "",
    below: Annotated[int | None, Query(alias="antes", ge=1, le=2_000_000_000)] = None,
) -> Search:
    return Search(who.strip(), action.strip(), thing.strip(), _day(since), _day(until), below)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise not_found() from None
    if day and not 1990 <= day.year <= 2100:
        raise not_found()
    return day


@router.get(PAGE)
def audit_page(request: Request, person: SignedIn, asked: Annotated[Search, Depends(search)]) -> Response:
    _must_see(person)
    service = service_of(request)
    with service.database.reading() as connection:
        found = _lines(connection, asked)
        codes = connection.execute(select(audit.c.action).distinct()).scalars().all()
    service.database.note(service.by(person, request), "see_audit", "audit", f"{len(found)} líneas")
    jobs = background.jobs(service.settings, ("verify",), 1)
    actions = sorted(((code, action_said(code)) for code in codes), key=lambda one: one[1])
    told: dict[str, Any] = {"asked": asked, "actions": actions, "checked": jobs[0] if jobs else None}
    told |= {"action_said": action_said, "role_said": role_said}
    goes_on = found[PER_PAGE - 1].id if len(found) > PER_PAGE else None
    again = (AGAIN, PAGE) if jobs and jobs[0].state is background.State.RUNNING else None
    told |= {"lines": found[:PER_PAGE], "goes_on": goes_on, "zone": BOGOTA, "again": again}
    return render(request, "audit.html", person, **told)


def _must_see(person: Person) -> None:
    if reason := why_not(person, Action.SEE_AUDIT):
        raise Problem(403, reason)


def _lines(connection: Connection, asked: Search) -> list[Row[Any]]:
    chosen = select(audit).where(*asked.conditions()).order_by(audit.c.id.desc())
    return list(connection.execute(chosen.limit(PER_PAGE + 1)))


@router.post(f"{PAGE}/verificar")
def verify(request: Request, person: SignedIn) -> Response:
    _must_see(person)
    service = service_of(request)
    jobs = background.jobs(service.settings, ("verify",), 1)
    if not jobs or jobs[0].state is not background.State.RUNNING:
        background.start(
            service.settings, background.new_job(service.settings), "verify", person.name, service.moment()
        )
    return RedirectResponse(PAGE, 303)
