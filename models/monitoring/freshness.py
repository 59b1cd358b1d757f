"""How long ago each kind of file came, in weeks with class, against how often it usually comes."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from features.calendar import WEEK, CalendarName, SchoolYear, monday_of
from models.monitoring.alarm import Alarm
from models.monitoring.seasons import Span, year_of

LEAST_FILES = 6
"""A file that came less often is not waited for."""

LAST_FILES = 12
GRACE = 1
MOST_LIST_WEEKS = 2
FIRST_HALF = 6


@dataclass(frozen=True)
class Freshness:
    """`weeks`: with class, since the file came; `limit`: the longest it usually takes and a week more, None of a file
    that comes too seldom to be waited for.
    """

    source: str
    last_on: date
    weeks: int
    limit: int | None

    @property
    def stale(self) -> bool:
        return self.limit is not None and self.weeks > self.limit

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def freshness(source: str, came_on: Sequence[date], day: date, years: Sequence[Span]) -> Freshness:
    """`came_on`: every day on which such a file came, up to the day."""
    days = sorted({one for one in came_on if one <= day})
    last = days[-LAST_FILES:]
    gaps = [class_weeks(one, other, years) for one, other in pairwise(last)]
    limit = max(gaps) + GRACE if len(days) >= LEAST_FILES else None
    return Freshness(source, days[-1], class_weeks(days[-1], day, years), limit)


def class_weeks(first: date, last: date, years: Sequence[Span]) -> int:
    """The weeks with class whose Friday lies after the first day and not after the last."""
    mondays = (monday_of(first) + WEEK * n for n in range((last - first).days // 7 + 2))
    return sum(first < monday + timedelta(days=4) <= last and in_class(monday, years) for monday in mondays)


def in_class(monday: date, years: Sequence[Span]) -> bool:
    """By the secretariat's own first and last day of class, and by the recesses of the calendar's rule."""
    year = year_of(monday, years)
    if year is None:
        return False
    calendar: CalendarName = "A" if year[0].month <= FIRST_HALF else "B"
    rule = SchoolYear(str(year[0].year), calendar)
    return rule.is_teaching(monday) or not rule.starts_on <= monday <= rule.ends_on


def stale_alarms(told: Sequence[Freshness]) -> Iterator[Alarm]:
    for one in told:
        if one.stale and one.limit is not None:
            yield Alarm("staleness", one.source, float(one.weeks), float(one.limit),
                f"«{one.source}» no llega desde el {one.last_on:%d/%m/%Y}: {one.weeks} semanas de clase; lo normal es "
                f"hasta {one.limit}. Pida el archivo y léalo con «permanencia ingest».")  # fmt: skip


def list_alarms(last_list: date | None, day: date, years: Sequence[Span]) -> Iterator[Alarm]:
    """The list itself may be what has stopped."""
    if last_list is None:
        return
    weeks = class_weeks(last_list, day, years)
    if weeks > MOST_LIST_WEEKS:
        yield Alarm("staleness", "lista", float(weeks), float(MOST_LIST_WEEKS),
            f"La última lista es la del {last_list:%d/%m/%Y}: hace {weeks} semanas de clase; lo normal es hasta "
            f"{MOST_LIST_WEEKS}. Publique la de esta semana con «permanencia run-week».")  # fmt: skip


def expiry_alarms(expires_on: date | None, day: date) -> Iterator[Alarm]:
    if expires_on is not None and day > expires_on:
        past = (day - expires_on).days
        yield Alarm("staleness", "modelo", float(past), 0.0,
            f"El modelo en uso venció el {expires_on:%d/%m/%Y}. Entrene una versión nueva y póngala en uso con "
            "«permanencia promote».")  # fmt: skip
