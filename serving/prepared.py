"""The pages of a list as they will be sent: written when it is published, so that a reader waits for one fetch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from serving import published
from serving.prepared_tables import prepared
from serving.published import FoundRow, Notice, Publication, Wanted
from serving.reach import WHOLE_SECRETARIAT, reach_of

SIZES = (50, 200)  # what a call asks for when it says nothing, and the most that it may ask for
CITY = ""
READY = select(prepared.c.rows, prepared.c.left, prepared.c.next_after, prepared.c.body).where(
    prepared.c.publication_id == bindparam("list"),
    prepared.c.institution_id == bindparam("school"),
    prepared.c.size == bindparam("size"),
    prepared.c.after == bindparam("after"),
)


@dataclass(frozen=True)
class Page:
    """`body`: the JSON of the answer up to its cursor. `next_after`: the rank to go on from; None on the last page."""

    rows: int
    left: int
    next_after: int | None
    body: bytes


def whose(wanted: Wanted) -> str | None:
    """The city's list or one school's, when no other condition is asked for; None where the rows must be chosen."""
    plain = Wanted(wanted.reach, wanted.institution, None, wanted.city_list_only, wanted.after, wanted.limit)
    if wanted != plain:
        return None
    if wanted.city_list_only:
        return CITY if wanted.institution is None and wanted.reach.institutions is None else None
    return _school(wanted)


def _school(wanted: Wanted) -> str | None:
    own = wanted.reach.institutions or frozenset()
    only = next(iter(own)) if len(own) == 1 and not wanted.reach.pieces else None
    school = wanted.institution or only
    return school if school and wanted.reach.covers(school) else None


def page_for(connection: Connection, publication_id: str, wanted: Wanted, size: int) -> Page | None:
    """None where no such page was made ready; then it is put together row by row, to the same bytes."""
    school = whose(wanted)
    if school is None or size not in SIZES:
        return None
    told = {"list": publication_id, "school": school, "size": size, "after": wanted.after}
    row = connection.execute(READY, told).one_or_none()
    return Page(*row) if row else None


def prepare(connection: Connection, publication_id: str, schools: Sequence[str]) -> None:
    """Makes every page of the city's list and of each school's, from the rows as they now stand in the database."""
    publication = published.publication_with(connection, publication_id)
    if publication is None:
        return
    for school in (CITY, *schools):
        reach = reach_of([school]) if school else WHOLE_SECRETARIAT
        wanted = Wanted(reach, school or None, city_list_only=not school)
        named = {"publication_id": publication.id, "institution_id": school}
        for size in SIZES:
            for page in _pages(connection, publication, wanted, size):
                connection.execute(insert(prepared).values(**named, size=size, **page))


def _pages(connection: Connection, publication: Publication, wanted: Wanted, size: int) -> Iterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        page = page_of(publication, rows_for(connection, publication.id, replace(wanted, after=after), size), size)
        yield {"after": after, **asdict(page)}
        after = page.next_after


@dataclass(frozen=True)
class Rows:
    """What a page is put together from; one row more than its size tells that it goes on."""

    found: list[FoundRow]
    left: list[FoundRow] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def rows_for(connection: Connection, publication_id: str, wanted: Wanted, size: int) -> Rows:
    """The rows of a page; who left and what the schools are warned of stand on the first page alone."""
    found = published.rows(connection, publication_id, replace(wanted, limit=size + 1))
    if wanted.after:
        return Rows(found)
    left = published.left_rows(connection, publication_id, wanted)
    return Rows(found, left, published.notices(connection, publication_id, wanted))


def page_of(publication: Publication, rows: Rows, size: int) -> Page:
    shown = rows.found[:size]
    more = len(rows.found) > size
    warned = json.dumps([asdict(notice) for notice in rows.notices], ensure_ascii=False).encode()
    body = b"".join(
        (
            b'{"publication":' + publication.body,
            b',"rows":[' + b",".join(row.body for row in shown),
            b'],"left":[' + b",".join(row.body for row in rows.left),
            b'],"notices":' + warned,
        )
    )
    return Page(len(shown), len(rows.left), shown[-1].rank if more else None, body)
