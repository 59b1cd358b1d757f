"""A reach as a condition on rows, so that a school's reader is not even sent another school's children."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from serving.reach import FIELDS, GROUP, Part, Reach


def knows_campuses(columns: Any) -> bool:
    """Whether these rows tell campus and group; where they do not, such a reach gets no row."""
    return all(name in columns for name in GROUP)


def within(columns: Any, reach: Reach) -> list[ColumnElement[bool]]:
    """The conditions that keep the rows a reach covers; none for the whole secretariat."""
    schools = reach.institutions
    if schools is None:
        return []
    pieces = reach.pieces if knows_campuses(columns) else ()
    return [or_(columns.institution_id.in_(sorted(schools)), *(and_(*_same(columns, part)) for part in pieces))]


def _same(columns: Any, part: Part) -> Iterator[ColumnElement[bool]]:
    for field in FIELDS[part.scope]:
        told = getattr(part, field)
        if field != "grade":
            yield columns[field] == told
        else:
            yield columns.grade == int(told)
