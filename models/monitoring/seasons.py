"""Which earlier weeks a week is compared with: those of the same time of the school year, in the years before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from features.calendar import WEEK

REACH_WEEKS = 3
"""Easter, the start of a year and the marks of a period move by so many weeks from one year to another."""

MOST_YEARS = 3
RECENT = 2
"""How many of the lists just before a day's it is compared with."""

RECENT_WITHIN = 6 * WEEK
Span = tuple[date, date, str]


@dataclass(frozen=True)
class Season:
    """A day; by name the earlier school years with their days of the same time of the year, the oldest first; and of
    each of all these days the two right before it in its own year.
    """

    day: date
    earlier: Mapping[str, tuple[date, ...]]
    recent: Mapping[date, tuple[date, ...]] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, ...]:
        """All that are needed, in order."""
        told = {day for days in (*self.earlier.values(), *self.recent.values()) for day in days}
        return tuple(sorted({*told, self.day}))


def same_season(
    day: date, days: Sequence[date], years: Sequence[Span], taught: Sequence[date] = (), reach: int = REACH_WEEKS
) -> Season:
    """`days`: of all lists that could be made; `years`: first class, last class and name of each school year.

    `taught`: the days the model was taught on. Of an old model the years that taught and judged it are compared with:
    what matters is whether today is like what it has seen, not like last year.
    """
    ours = year_of(day, years)
    if ours is None:
        return Season(day, {})
    earlier: dict[str, tuple[date, ...]] = {}
    for start, end, name in seen_by_model([year for year in sorted(years) if year[1] < ours[0]], taught):
        there = [one for one in days if start <= one <= end and near_in_year(one, start, day, ours[0], reach)]
        if there:
            earlier[name] = tuple(there)
    kept = dict(list(earlier.items())[-MOST_YEARS:])
    asked = [day, *(one for there in kept.values() for one in there)]
    return Season(day, kept, {one: just_before(one, days, years) for one in asked})


def just_before(day: date, days: Sequence[date], years: Sequence[Span]) -> tuple[date, ...]:
    """The lists before a day's in the same school year, unless a long recess lies between."""
    ours = year_of(day, years)
    start = ours[0] if ours else day
    return tuple(sorted(one for one in days if max(start, day - RECENT_WITHIN) <= one < day)[-RECENT:])


def near_in_year(one: date, start: date, day: date, other_start: date, reach: int) -> bool:
    return abs((one - start) - (day - other_start)) <= reach * WEEK


def seen_by_model(years: Sequence[Span], taught: Sequence[date]) -> list[Span]:
    """Up to the year after the last that taught, which judged; all of them where none of them did."""
    last = max((place for place, year in enumerate(years) if any(year[0] <= d <= year[1] for d in taught)), default=-1)
    return list(years) if last < 0 else list(years[: last + 2])


def year_of(day: date, years: Sequence[Span]) -> Span | None:
    """The school year in class on a day."""
    return max((year for year in years if year[0] <= day <= year[1]), default=None)
