"""How much of a list has been contacted: any contact that somebody logged lately counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from serving.contact_words import MISTAKE
from serving.contacts import standing
from serving.people import Reach
from serving.published import Publication, Wanted
from serving.reach_filter import within
from serving.small_counts import WITHHELD, is_small
from serving.tables import listed


@dataclass(frozen=True)
class OnTheList:
    """One child of the list, without a name: where, and whether anybody has been in touch."""

    institution_id: str
    comuna: str | None
    contacted: bool


@dataclass(frozen=True)
class Share:
    """How many are on the list, and how many of them were contacted."""

    listed: int = 0
    contacted: int = 0

    @property
    def is_small(self) -> bool:
        """Told to a role that sees no names, it might give one child away."""
        return any(is_small(count) for count in (self.listed, self.contacted, self.listed - self.contacted))

    def said(self, every: bool) -> str:
        """`every`: whether this reader may be told of few children too."""
        if not self.listed:
            return "nadie en la lista"
        return WITHHELD if self.is_small and not every else f"{self.contacted} de {self.listed}"


def on_the_list(connection: Connection, publication: Publication, wanted: Wanted, since: date) -> list[OnTheList]:
    """Everyone on the list within a reach, and whether they were contacted from `since` on."""
    here = listed.c
    chosen = select(here.student_id, here.institution_id, here.comuna).where(
        here.publication_id == publication.id, *within(here, wanted.reach)
    )
    if wanted.city_list_only:
        chosen = chosen.where(here.on_city_list.is_(True))
    if wanted.institution is not None:
        chosen = chosen.where(here.institution_id == wanted.institution)
    reached = contacted_since(connection, wanted.reach, since)
    rows = connection.execute(chosen)
    return [OnTheList(row.institution_id, row.comuna, row.student_id in reached) for row in rows]


def contacted_since(connection: Connection, reach: Reach, since: date) -> frozenset[str]:
    """Whoever somebody spoke to, as `serving.case_states` counts it."""
    here = standing().subquery().c
    found = (
        select(here.student_id)
        .where(here.contacted_on >= since, here.outcome != MISTAKE, *within(here, reach))
        .distinct()
    )
    return frozenset(connection.execute(found).scalars())


def shares(rows: Iterable[OnTheList]) -> Mapping[str, Share]:
    """By school."""
    told: dict[str, Share] = {}
    for row in rows:
        before = told.get(row.institution_id, Share())
        told[row.institution_id] = Share(before.listed + 1, before.contacted + row.contacted)
    return told
