"""What a call for the rows of a list asks for, and the bytes that it is answered with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from fastapi import Response
from sqlalchemy import Connection

from serving import case_states, permissions, prepared, published
from serving.api.again import Told
from serving.api.callers import holds
from serving.api.problems import Problem, not_found
from serving.case_states import StateWanted
from serving.people import Person
from serving.prepared import Page
from serving.published import Publication, Wanted, how_much, pupils_of
from serving.service import Service

LATEST = "latest"


class PageAsked(Protocol):
    """How much of the rows, from where on, and whether with names."""

    limit: int
    cursor: str | None
    names: bool


@dataclass(frozen=True, eq=False)
class AskedList:
    """What a call for rows asks for."""

    day: str
    page: PageAsked
    institution: str | None
    comuna: str | None = None
    state: str | None = None
    watchlist: bool = False

    @property
    def thing(self) -> str:
        return f"list:{self.day}"

    def told(self, service: Service, connection: Connection, person: Person, held: str) -> Told:
        publication, wanted = _start(connection, service, self.day, self.wanted(service, person), self.page)
        since = case_states.since(service.today())
        pulse = case_states.pulse(connection, person.reach)
        etag = _etag(publication, wanted, self.page.limit, f"{pulse}-{since}")
        if not self.page.names and holds(held, etag):
            return Told(Response(status_code=304, headers={"ETag": etag, **KEEP}), self.thing, skip=True)
        found, names = _page(connection, person, publication, wanted, self.page.limit, self.page.names)
        states = published.states_beside(connection, publication.id, wanted, found.next_after, since)
        going_on = found.next_after and service.sign([publication.id, found.next_after], _view(self.day, wanted))
        body = _ended(found.body, going_on or None, names, states)
        kept = {} if self.page.names else {"ETag": etag, **KEEP}
        return Told(as_json(body, kept), f"list:{publication.id}", how_much(found.rows, found.left, names))

    def wanted(self, service: Service, person: Person) -> Wanted:
        # A school follows more students than the city has visits for, so it is shown all that was published of its own.
        city_list_only = person.reach.institutions is None and not self.watchlist
        state = StateWanted(self.state, case_states.since(service.today())) if self.state else None
        return Wanted(person.reach, self.institution, self.comuna, city_list_only, state=state)


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
    connection: Connection, service: Service, day: str, wanted: Wanted, page: PageAsked
) -> tuple[Publication, Wanted]:
    """The list to read and the rank to go on from; a cursor stays on the list it began with."""
    resumed = resume(service, page.cursor, _view(day, wanted))
    publication = (
        published.publication_with(connection, resumed[0])
        if resumed
        else published.publication_for(connection, None if day == LATEST else date_of(day))
    )
    if publication is None or not reachable(connection, publication, wanted):
        raise not_found()
    after = resumed[1] if resumed else 0
    return publication, replace(wanted, after=after)


def reachable(connection: Connection, publication: Publication, wanted: Wanted) -> bool:
    if wanted.institution is None:
        return True
    exists = published.has_school(connection, publication.id, wanted.institution)
    return exists and wanted.reach.touches(wanted.institution)


def date_of(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise not_found() from None


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


def resume(service: Service, cursor: str | None, use: str) -> Any | None:
    if cursor is None:
        return None
    resumed = service.unsign(cursor, use)
    if resumed is None:
        raise Problem(422, "El cursor no corresponde a esta consulta. Empiece de nuevo sin cursor.", rule=True)
    return resumed


def as_json(content: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(content, media_type="application/json", headers=headers)
