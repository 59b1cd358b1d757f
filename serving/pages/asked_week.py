"""Which list the address of a page asks for, and the look at it that leaves its line in the audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy import Connection

from serving import permissions, published
from serving.api.problems import Problem, not_found
from serving.database import Entry
from serving.people import Person
from serving.permissions import Action, why_not
from serving.published import FoundRow, Publication, Wanted
from serving.service import service_of
from serving.week_filters import Chosen


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a day, a school or comuna, finer filters, and how many rows were already seen."""

    day: date | None
    school: str | None
    after: int
    chosen: Chosen = field(default_factory=Chosen)

    @property
    def query(self) -> dict[str, str]:
        """The address of this view, without the page one is on: also of its copy."""
        return self.place | self.chosen.query

    @property
    def view(self) -> dict[str, str]:
        """The same of whatever list is the newest: what is kept to come back to."""
        return {name: value for name, value in self.query.items() if name != "dia"}

    @property
    def place(self) -> dict[str, str]:
        """The day and the place alone."""
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


def wanted_rows(connection: Connection, publication: Publication, person: Person, asked: Asked) -> Wanted:
    """The whole city sees its list; one school sees every student it should follow."""
    if asked.school is not None:
        exists = published.has_school(connection, publication.id, asked.school)
        if not exists or not person.reach.touches(asked.school):
            raise not_found()
    whole_city = person.reach.institutions is None and asked.school is None
    return Wanted(person.reach, asked.school, asked.chosen.comuna or None, whole_city)


@dataclass(frozen=True)
class Look:
    """A list that one person looks at. The names they are shown are told here, and so is what the audit keeps of it."""

    connection: Connection
    entry: Entry
    person: Person
    publication: Publication
    wanted: Wanted
    newer: date | None  # the day of the newest list, where this is an earlier one

    def names(self, rows: Sequence[FoundRow], left: Sequence[FoundRow] = ()) -> Mapping[str, str] | None:
        names = permissions.names_among(self.connection, self.person, published.pupils_of([*rows, *left]))
        self.entry.detail = published.counted(rows, left, names)
        return names


@dataclass(frozen=True)
class NoList:
    """No list is in force for the day that was asked for; perhaps there was one, and it was taken back."""

    withdrawn: bool


@contextmanager
def looked_at(request: Request, person: Person, asked: Asked) -> Iterator[Look | NoList]:
    if reason := why_not(person, Action.SEE_LIST):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_list", "list") as (connection, entry):
        publication = published.publication_for(connection, asked.day)
        if publication is None:
            entry.skip = True
            yield NoList(asked.day is not None and published.was_withdrawn(connection, asked.day))
            return
        wanted = wanted_rows(connection, publication, person, asked)
        entry.thing = f"list:{publication.id}"
        newer = published.newer_than(connection, publication) if asked.day else None
        yield Look(connection, entry, person, publication, wanted, newer)
