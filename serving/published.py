"""Reads what was published: a reader finds the list in force once, and everything else from that list alone."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, literal, select

from serving import case_states
from serving.case_states import CaseState, StateWanted
from serving.people import WHOLE_SECRETARIAT, Reach
from serving.permissions import AboutAPupil, Pupil
from serving.reach import GROUP
from serving.reach_filter import within
from serving.spanish_order import spanish_order
from serving.tables import departures, listed, pointers, publications, reports, schools, scores

IN_FORCE = select(publications).join(pointers, pointers.c.publication_id == publications.c.id)
OF_DAY, NEWEST = IN_FORCE.where(pointers.c.day == bindparam("day")), IN_FORCE.order_by(pointers.c.day.desc()).limit(1)
"""Asked at each call, and so written once."""
REMEMBERED = timedelta(days=366)
"""For how long a child who is on no roll any more can still be opened."""


@dataclass(frozen=True)
class Publication:
    id: str
    day: date
    content_hash: str
    horizon_weeks: int
    left_out: int
    body: bytes

    @property
    def header(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass(frozen=True)
class Wanted:
    """Which rows of a list: within a reach, perhaps one school or comuna, the city's list or all that was published."""

    reach: Reach = WHOLE_SECRETARIAT
    institution: str | None = None
    comuna: str | None = None
    city_list_only: bool = True
    after: int = 0  # rank of the last row already seen
    limit: int | None = None
    state: StateWanted | None = None  # how the follow-up stands

    def whole(self) -> Wanted:
        """The same rows from the first to the last."""
        return replace(self, after=0, limit=None)


@dataclass(frozen=True)
class FoundRow(AboutAPupil):
    student_id: str
    institution_id: str
    rank: int
    body: bytes
    campus_id: str | None = None
    grade: int | None = None
    class_group: str | None = None


def pupils_of(rows: Sequence[FoundRow]) -> list[Pupil]:
    return [row.pupil for row in rows]


def counted(rows: Sequence[FoundRow], left: Sequence[FoundRow], names: Mapping[str, str] | None) -> str:
    """How much a look at a list told, for its line in the audit."""
    return how_much(len(rows), len(left), names)


def how_much(rows: int, left: int, names: Mapping[str, str] | None) -> str:
    return f"{rows} estudiantes y {left} que salieron, {len(names or {})} con nombre"


@dataclass(frozen=True)
class FoundStudent(AboutAPupil):
    """A student on roll; `line`, `trajectory` and `lately` are there only when the student was published."""

    student_id: str
    institution_id: str
    score: float
    raw_score: float
    rank: int
    line: bytes | None = None
    trajectory: bytes | None = None
    families: bytes | None = None
    campus_id: str | None = None
    grade: int | None = None
    class_group: str | None = None
    lately: bytes | None = None


@dataclass(frozen=True)
class Notice:
    """A school that reports so little that its list may miss children."""

    institution_id: str
    institution_name: str
    reporting_quality: float
    notice: str


@dataclass(frozen=True)
class Counts:
    listed: int = 0
    entered: int = 0
    on_roll: int = 0
    by_change: dict[str, int] = field(default_factory=dict)


def publication_for(connection: Connection, day: date | None) -> Publication | None:
    """The list in force for a day, or the latest one."""
    return _publication(connection.execute(OF_DAY if day else NEWEST, {"day": day}).one_or_none())


def newer_than(connection: Connection, publication: Publication) -> date | None:
    """The day of the newest list, where this is an earlier one."""
    newest: date | None = connection.execute(select(func.max(pointers.c.day))).scalar()
    return newest if newest is not None and newest > publication.day else None


def was_withdrawn(connection: Connection, day: date) -> bool:
    """Whether a list of that day was published; asked where none is in force for it."""
    return connection.execute(select(publications.c.id).where(publications.c.day == day).limit(1)).first() is not None


def publication_with(connection: Connection, id: str) -> Publication | None:
    return _publication(connection.execute(select(publications).where(publications.c.id == id)).one_or_none())


def publications_in_force(connection: Connection, before: date | None, limit: int) -> list[Publication]:
    in_force = select(publications).join(pointers, pointers.c.publication_id == publications.c.id)
    newest = in_force.order_by(pointers.c.day.desc()).limit(limit)
    chosen = newest.where(pointers.c.day < before) if before else newest
    return [found for row in connection.execute(chosen) if (found := _publication(row))]


def _publication(row: Row[Any] | None) -> Publication | None:
    if row is None:
        return None
    return Publication(row.id, row.day, row.content_hash, row.horizon_weeks, row.left_out, row.body)


def rows(connection: Connection, id: str, wanted: Wanted) -> list[FoundRow]:
    chosen = select(listed.c.student_id, listed.c.institution_id, listed.c.rank, listed.c.body, *_group(listed.c))
    ordered = chosen.where(*_conditions(id, wanted), listed.c.rank > wanted.after).order_by(listed.c.rank)
    return [FoundRow(*row) for row in connection.execute(ordered.limit(wanted.limit))]


def left_rows(connection: Connection, id: str, wanted: Wanted) -> list[FoundRow]:
    """Who left the list, unless they are still shown further down it."""
    here = departures.c
    still = select(listed.c.student_id).where(*_conditions(id, replace(wanted, state=None)))
    chosen: Select[Any] = select(here.student_id, here.institution_id, literal(0), here.body, *_group(here)).where(
        here.publication_id == id, here.student_id.not_in(still), *_where(here, wanted), *_standing(here, wanted)
    )
    found = connection.execute(chosen.order_by(here.student_id))
    return [FoundRow(*row) for row in found]


def notices(connection: Connection, id: str, wanted: Wanted) -> list[Notice]:
    """The warnings of the schools asked for, by name: also of a school of which the list has no row at all."""
    here = reports.c
    chosen = (
        select(here.institution_id, schools.c.name, here.quality, here.notice)
        .join_from(reports, schools, schools.c.institution_id == here.institution_id)
        .where(here.publication_id == id, here.notice.is_not(None), *_where(here, wanted))
    )
    found = [Notice(*row) for row in connection.execute(chosen)]
    return sorted(found, key=lambda one: (spanish_order(one.institution_name), one.institution_id))


def counts(connection: Connection, id: str, wanted: Wanted) -> Counts:
    by = (
        select(listed.c.change, func.count().label("students"))
        .where(*_conditions(id, wanted))
        .group_by(listed.c.change)
    )
    found: dict[str, int] = {row.change: row.students for row in connection.execute(by)}
    on_roll = select(func.count()).where(scores.c.publication_id == id, *_in_schools(scores.c, wanted))
    total = connection.execute(on_roll).scalar_one()
    return Counts(sum(found.values()), found.get("entered", 0), total, found)


def states_beside(
    connection: Connection, id: str, wanted: Wanted, until: int | None, since: date
) -> dict[str, CaseState]:
    """How the followed children stand on the page that ends at that rank; the others have no contact."""
    page = [listed.c.rank > wanted.after, *([listed.c.rank <= until] if until else [])]
    followed = case_states.followed(listed.c, wanted.reach, since)
    chosen = select(listed.c.student_id).where(*_conditions(id, wanted), *page, followed).order_by(listed.c.rank)
    students = list(connection.execute(chosen).scalars())
    return case_states.states_of(connection, wanted.reach, students, since) if students else {}


def student(connection: Connection, id: str, student_id: str) -> FoundStudent | None:
    same = (listed.c.publication_id == scores.c.publication_id) & (listed.c.student_id == scores.c.student_id)
    chosen = select(
        scores.c.student_id,
        scores.c.institution_id,
        scores.c.score,
        scores.c.raw_score,
        scores.c.rank,
        listed.c.body,
        listed.c.trajectory,
        scores.c.families,
        *_group(scores.c),
        listed.c.lately,
    )
    one = chosen.outerjoin(listed, same).where(scores.c.publication_id == id, scores.c.student_id == student_id)
    row = connection.execute(one).one_or_none()
    return FoundStudent(*row) if row else None


def last_with(connection: Connection, reach: Reach, student_id: str, latest: Publication) -> Publication | None:
    """Of the lists in force in the year before the latest, the last on whose roll this reach finds the student."""
    same = (scores.c.publication_id == publications.c.id) & (scores.c.student_id == student_id)
    since = latest.day - REMEMBERED
    lately = IN_FORCE.where(pointers.c.day < latest.day, pointers.c.day >= since, *within(scores.c, reach))
    return _publication(connection.execute(lately.join(scores, same).order_by(pointers.c.day.desc()).limit(1)).first())


def unpacked(order: Sequence[str], weights: bytes) -> dict[str, float]:
    """The family weights kept beside a score: four bytes each, in the order that the publication tells."""
    return dict(zip(order, struct.unpack(f"<{len(order)}f", weights), strict=True))


def schools_in(connection: Connection, id: str, reach: Reach) -> list[tuple[str, str]]:
    """The schools with students on this list's roll, by name, of which a reach covers at least a group."""
    here = select(scores.c.institution_id).where(scores.c.publication_id == id).distinct()
    named = school_names(connection)
    found = [code for code in connection.execute(here).scalars() if reach.touches(code)]
    return sorted(((code, named.get(code, code)) for code in found), key=lambda pair: (spanish_order(pair[1]), pair[0]))


def school_names(connection: Connection) -> dict[str, str]:
    """What every school is called; no child's record."""
    return {row.institution_id: row.name for row in connection.execute(select(schools))}


def has_school(connection: Connection, id: str, institution_id: str) -> bool:
    here = select(scores.c.student_id).where(scores.c.publication_id == id, scores.c.institution_id == institution_id)
    return connection.execute(here.limit(1)).first() is not None


def _group(columns: Any) -> Iterator[ColumnElement[Any]]:
    return (columns[name] for name in GROUP)


def _conditions(id: str, wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    city = [listed.c.on_city_list.is_(True)] if wanted.city_list_only else []
    return [listed.c.publication_id == id, *city, *_where(listed.c, wanted), *_standing(listed.c, wanted)]


def _standing(columns: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    return [case_states.condition(columns, wanted.state, wanted.reach)] if wanted.state is not None else []


def _where(columns: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    comuna = [columns.comuna == wanted.comuna] if wanted.comuna is not None else []
    return [*_in_schools(columns, wanted), *comuna]


def _in_schools(columns: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    one = [columns.institution_id == wanted.institution] if wanted.institution is not None else []
    return [*within(columns, wanted.reach), *one]
