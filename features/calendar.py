"""School years and their weeks: when classes begin, when they pause and when they end."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from dateutil.easter import easter

WEEK = timedelta(days=7)
TEACHING_WEEKS = 40
"""Weeks with students that a school year must have (Ley 115 de 1994, art. 86)."""

MID_YEAR_WEEKS = 3
CHRISTMAS_WEEKS = 3

CalendarName = Literal["A", "B"]


def monday_of(day: date) -> date:
    """The Monday of the week that holds the day."""
    return day - timedelta(days=day.weekday())


def sunday_before(monday: date) -> date:
    """The day from which a Monday's list looks."""
    return monday_of(monday) - timedelta(days=1)


def next_sunday(day: date) -> date:
    """The first Sunday on or after the day: the day from which what arrived on ``day`` is first looked at."""
    return day + timedelta(days=6 - day.weekday())


@dataclass(frozen=True)
class SchoolYear:
    """A school year of calendar A (January to November) or B (late August to June).

    The start is a rule, not a decree: each secretariat publishes its own calendar, and a ``calendar`` table in the
    records overrides this one.
    """

    name: str
    calendar: CalendarName = "A"

    @property
    def starts_on(self) -> date:
        first = date(int(self.name), 1, 22) if self.calendar == "A" else date(int(self.name), 8, 22)
        return _monday_on_or_after(first)

    @property
    def ends_on(self) -> date:
        """The Friday of the last teaching week."""
        return self.weeks[-1] + timedelta(days=4)

    @cached_property
    def weeks(self) -> tuple[date, ...]:
        """The Mondays of the teaching weeks, recesses left out."""
        recess = self._recess()
        mondays: list[date] = []
        monday = self.starts_on
        while len(mondays) < TEACHING_WEEKS:
            if monday not in recess:
                mondays.append(monday)
            monday += WEEK
        return tuple(mondays)

    def is_teaching(self, monday: date) -> bool:
        return monday in self.weeks

    def week_number(self, day: date) -> int:
        """Teaching weeks begun by the day: 0 before the first, 40 after the last."""
        return sum(monday <= day for monday in self.weeks)

    def _recess(self) -> set[date]:
        years = (int(self.name), int(self.name) + 1)
        mondays = {monday_of(easter(year)) for year in years}
        mondays |= {_october_recess(year) for year in years}
        if self.calendar == "A":
            return mondays | _run(_monday_on_or_after(date(years[0], 6, 15)), MID_YEAR_WEEKS)
        return mondays | _run(_monday_on_or_after(date(years[0], 12, 13)), CHRISTMAS_WEEKS)


def school_year_of(day: date, calendar: CalendarName = "A") -> SchoolYear | None:
    """The school year in class on the day, or None in the holidays between two."""
    for name in (day.year, day.year - 1):
        year = SchoolYear(str(name), calendar)
        if year.starts_on <= day <= year.ends_on:
            return year
    return None


def _run(monday: date, weeks: int) -> set[date]:
    return {monday + WEEK * number for number in range(weeks)}


def _october_recess(year: int) -> date:
    """The week before the October holiday, which is kept on the Monday on or after the 12th."""
    return _monday_on_or_after(date(year, 10, 12)) - WEEK


def _monday_on_or_after(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)
