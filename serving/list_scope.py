"""What a copy of a list is of, as its heading and in its file's name: a school, a comuna, a part, or the city."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from serving import published
from serving.published import Publication, Wanted
from serving.sentences import school_name
from serving.tables import schools
from serving.week_filters import comuna_name

CITY, PART = "Lista de la ciudad", "Lo que usted atiende"
NO_COMUNA = "Comuna sin instituciones que usted atienda"
LONGEST, OF_FILTERS = 80, 40  # characters of a file's name, before its week, and at most so many of them for filters


@dataclass(frozen=True)
class ListScope:
    """`code` and `school` where it is of one school alone; `part` where there is more of it than its reader attends.

    `filters`: in words, what else its rows have in common.
    """

    code: str = ""
    school: str = ""
    comuna: str = ""
    part: bool = False
    filters: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        told = (self.school, self.comuna, PART if self.part else "")
        return [word for word in told if word] or [CITY]

    @property
    def heading(self) -> str:
        return " · ".join([*self.words, *self.filters])

    @property
    def stem(self) -> str:
        """How its files begin: whoever sends one on reads there of which school it is. Nothing of a child."""
        told = _joined((self.code, *(word.removeprefix("IE ") for word in self.words)))
        return _joined((_cut(told, LONGEST - OF_FILTERS), self._filtered)) if self.filters else _cut(told, LONGEST)

    @property
    def _filtered(self) -> str:
        told = _joined(self.filters)
        return told if 0 < len(told) < OF_FILTERS else "con-filtros"


def _cut(text: str, most: int) -> str:
    """Whole words of it; a single one that is longer is cut."""
    return text if len(text) <= most else text[: most + 1].rpartition("-")[0] or text[:most]


def _joined(words: Iterable[str]) -> str:
    return "-".join(dict.fromkeys(filter(None, map(plain, words))))


def plain(text: str) -> str:
    """In letters and digits that every system and archive keeps as they are."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def scope_of(connection: Connection, publication: Publication, wanted: Wanted) -> ListScope:
    """One school's also where no other is within reach, as the page has it."""
    reach, comuna = wanted.reach, _comuna(connection, wanted)
    if code := wanted.institution or _only_school(connection, publication, wanted):
        return of_school(published.school_names(connection), code, comuna, not reach.covers(code))
    whole = reach.institutions is None or wanted.comuna in reach.comunas or comuna == NO_COMUNA
    return ListScope(comuna=comuna, part=not whole)


def _comuna(connection: Connection, wanted: Wanted) -> str:
    """Only one that is within reach is called by its name: what was sent is not told back as if it were there."""
    if not wanted.comuna:
        return ""
    there = connection.execute(select(schools.c.institution_id).where(schools.c.comuna == wanted.comuna)).scalars()
    return comuna_name(wanted.comuna) if any(map(wanted.reach.touches, there)) else NO_COMUNA


def of_school(named: Mapping[str, str], code: str, comuna: str = "", part: bool = False) -> ListScope:
    return ListScope(code, school_name(named.get(code, code)), comuna, part)


def _only_school(connection: Connection, publication: Publication, wanted: Wanted) -> str | None:
    found = published.schools_in(connection, publication.id, wanted.reach)
    return found[0][0] if len(found) == 1 else None
