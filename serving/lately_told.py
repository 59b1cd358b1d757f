"""A student's last months at school in words, tables and one small drawing: absences, marks, and what help they get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from features.definitions.progress import PASS_MARK
from serving.school_words import AREA_NAMES, OTHER, SUPPORT_NAMES
from serving.sentences import MONTHS, short_date

DRAWN = 26
"""Weeks in the drawing, up to the list's: those that nobody reported stay empty."""
WIDE, HIGH, GAP = 14, 56, 4
LETTERS = 26  # how wide the three letters of a month are: they must not leave the drawing

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Bar:
    """One week: `x` and the heights, in the drawing's own units, of its days of class and of those missed."""

    x: int
    expected: int
    absent: int


@dataclass(frozen=True)
class Period:
    name: str
    mean: int  # of 100
    marks: int
    failed: int
    areas: Sequence[str]  # in which some mark is failed


class Lately:
    """What was kept of the months before a list's day (`serving.lately`), as the page tells it."""

    def __init__(self, kept: Mapping[str, Sequence[Told]], day: date) -> None:
        self._kept = kept
        self._day = day
        self._first = day - timedelta(days=day.weekday()) - timedelta(weeks=DRAWN - 1)

    @property
    def absences(self) -> str:
        weeks = self._kept["weeks"]
        if not weeks:
            return "No hay reportes de asistencia de los últimos seis meses."
        missed, days = (sum(week[name] for week in weeks) for name in ("days_absent", "days_expected"))
        if not days:
            return f"En las semanas reportadas de los últimos seis meses no hubo días de clase ({len(weeks)})."
        many = "la única semana reportada" if len(weeks) == 1 else f"las {len(weeks)} semanas reportadas"
        return f"Faltó {missed} de {days} días de clase en {many} de los últimos seis meses."

    @property
    def weeks(self) -> list[Told]:
        """The reported weeks, newest first."""
        return list(self._kept["weeks"])[::-1]

    @property
    def bars(self) -> list[Bar]:
        most = max((week["days_expected"] for week in self._kept["weeks"]), default=0) or 1
        placed = ((self._place(week["week"]), week) for week in self._kept["weeks"])
        return [_bar(place, week, most) for place, week in placed if 0 <= place < DRAWN]

    @property
    def months(self) -> list[tuple[int, str]]:
        """Where in the drawing each month begins, with its first three letters."""
        mondays = [self._first + timedelta(weeks=week) for week in range(DRAWN)]
        begun = [(n * WIDE, MONTHS[monday.month - 1][:3]) for n, monday in enumerate(mondays) if monday.day <= 7]
        return [(min(x, DRAWN * WIDE - LETTERS), month) for x, month in begun]

    @property
    def size(self) -> tuple[int, int]:
        return DRAWN * WIDE, HIGH

    @property
    def periods(self) -> list[Period]:
        """Newest first: by the last mark that was given in each."""
        found: dict[str, list[Told]] = {}
        for mark in self._kept["marks"]:
            found.setdefault(mark["period"], []).append(mark)
        newest = sorted(found, key=lambda name: (max(mark["happened_on"] for mark in found[name]), name), reverse=True)
        return [_period(name, found[name]) for name in newest]

    @property
    def support(self) -> list[str]:
        """Each help in a sentence, newest first."""
        return [_help(one, self._day) for one in self._kept["support"]][::-1]

    def _place(self, monday: str) -> int:
        return (date.fromisoformat(monday) - self._first).days // 7


def _bar(place: int, week: Told, most: int) -> Bar:
    expected, absent = (round(HIGH * week[name] / most) for name in ("days_expected", "days_absent"))
    return Bar(place * WIDE + GAP // 2, expected, min(absent, expected))


def _period(name: str, marks: Sequence[Told]) -> Period:
    failed = [AREA_NAMES.get(mark["area"], AREA_NAMES[OTHER]) for mark in marks if mark["score"] < PASS_MARK]
    mean = round(sum(mark["score"] for mark in marks) / len(marks))
    return Period(name, mean, len(marks), len(failed), list(dict.fromkeys(failed)))


def _help(one: Told, day: date) -> str:
    begins, ends = one["starts_on"], one["ends_on"]
    verb = "empieza el" if begins and begins > str(day) else "desde el"
    since = f", {verb} {short_date(begins)}" if begins else ""
    until = f", hasta el {short_date(ends)}" if ends else ""
    return f"{SUPPORT_NAMES.get(one['strategy'], SUPPORT_NAMES[OTHER])}{since}{until}."
