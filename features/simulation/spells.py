"""A spell is one row of the register: a student at an institution, from a week to a week, and how it ended."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from features.simulation.arrays import Array, Random
from features.simulation.assumptions import Assumptions
from features.simulation.people import People
from features.simulation.register import NEVER

STAYED, DROPOUT, INSIDE, OUTSIDE, PRIVATE, DEATH, AUDIT, GHOST_AUDIT = range(8)
KINDS: Final = ("STAYED", "DROPOUT", "TRANSFER_INSIDE", "TRANSFER_OUT", "TRANSFER_PRIVATE", "DEATH", "AUDIT", "AUDIT")
DESTINATIONS: Final = ("NOT_STUDYING", "SAME_CITY", "OTHER_CITY", "OTHER_COUNTRY", "PRIVATE_SCHOOL", "NONE")

MOTIVES: Final = (
    "NO APLICA",
    "DESERCION",
    "NO CONTINUÓ EN EL ESTABLECIMIENTO EDUCATIVO",
    "NO MATRICULADO",
    "CAMBIO DOMICILIO",
    "MALTRATO / ABUSO / ACOSO",
    "LIBERACION DE CUPOS",
    "TRASLADO A OTRA INST EDUCATIVA",
    "TRANSFERENCIA",
    "TRASLADO ENTRE MUNICIPIOS",
    "TRASLADO POR CAMBIO DE SECTOR",
    "FALLECIMIENTO",
    "AUDITORIA: DUPLICADO",
    "INEXISTENTE",
    "",
)
# the chance of each motive for each kind of ending; DESERCION comes from the assumptions
_MOTIVE_WEIGHTS: Final[dict[int, dict[int, float]]] = {
    DROPOUT: {2: 0.62, 3: 0.08, 4: 0.13, 5: 0.01, 6: 0.03, 14: 0.09},
    INSIDE: {7: 0.80, 8: 0.20},
    OUTSIDE: {9: 0.72, 4: 0.22, 14: 0.06},
    PRIVATE: {10: 0.9, 7: 0.1},
    DEATH: {11: 1.0},
    AUDIT: {12: 1.0},
    GHOST_AUDIT: {13: 1.0},
}


@dataclass
class Table:
    """Spells as plain columns; one entry per row of the register."""

    student: Array
    school: Array
    campus: Array
    first_week: Array
    last_week: Array  # the week in which the ending is registered; NEVER if open
    kind: Array
    motive: Array
    vanishes: Array  # taken out instead of marked
    hidden_from: Array  # the week in which a newer row of the same student replaces this one
    since: Array  # day of enrolment, as registered
    until: Array  # day on which the ending was registered


class Spells:
    """All rows of a year; ``current`` says which row is each student's latest."""

    def __init__(self, table: Table) -> None:
        self._parts = [table]
        self.now = table

    @classmethod
    def open(cls, people: People, start: Array, mondays: Array, rng: Random) -> "Spells":
        return cls(opened(people, start, mondays, rng))

    def close(self, rows: Array, kind: Array | int, week: Array, mondays: Array, rng: Random, a: Assumptions) -> None:
        now, n = self.now, len(rows)
        kinds = np.broadcast_to(np.asarray(kind), (n,))
        now.last_week[rows] = week
        now.kind[rows] = kinds
        now.motive[rows] = draw_motives(rng, kinds, a)
        now.vanishes[rows] = (kinds == DROPOUT) & (rng.random(n) < a.vanishes) | (kinds == OUTSIDE) & (
            rng.random(n) < 0.05
        )
        day = mondays[np.minimum(week, len(mondays) - 1)] + rng.integers(3, 5, n) + 7 * (week == len(mondays))
        now.until[rows] = np.where(week < NEVER, day, 0)

    def begin(self, rows: Array, people: People, week: int, mondays: Array) -> None:
        """A new row at another institution; the old one stays, closed."""
        self._parts.append(_pick(self.now, rows))
        fresh = _fresh(
            rows, people.school[rows], people.campus[rows], np.full(len(rows), week), np.full(len(rows), mondays[week])
        )
        _put(self.now, rows, fresh)

    def reopen(self, rows: Array, week: int, mondays: Array) -> None:
        """A student who is back: a new row at the same institution takes the place of the old one."""
        old = _pick(self.now, rows)
        old.hidden_from[:] = week
        self._parts.append(old)
        day = np.full(len(rows), mondays[week])
        _put(self.now, rows, _fresh(rows, old.school, old.campus, np.full(len(rows), week), day))

    def table(self) -> Table:
        names = Table.__dataclass_fields__
        return Table(**{name: np.concatenate([getattr(part, name) for part in self._parts]) for name in names})


def opened(people: People, start: Array, mondays: Array, rng: Random) -> Table:
    """A row for each student, as enrolled before the year or on arrival."""
    early = mondays[0] + 4 - rng.integers(0, 60, len(people))
    since = np.where(start > 0, mondays[start] + rng.integers(0, 5, len(people)), early)
    return _fresh(np.arange(len(people)), people.school, people.campus, start, since)


def _fresh(student: Array, school: Array, campus: Array, week: Array, since: Array) -> Table:
    n = len(student)
    return Table(
        student=student.copy(),
        school=school.copy(),
        campus=campus.copy(),
        first_week=week.astype(np.int16),
        last_week=np.full(n, NEVER, np.int16),
        kind=np.zeros(n, np.int8),
        motive=np.zeros(n, np.int8),
        vanishes=np.zeros(n, bool),
        hidden_from=np.full(n, NEVER, np.int16),
        since=since.astype(np.int64),
        until=np.zeros(n, np.int64),
    )


def _pick(table: Table, rows: Array) -> Table:
    return Table(**{name: getattr(table, name)[rows] for name in Table.__dataclass_fields__})


def _put(table: Table, rows: Array, fresh: Table) -> None:
    for name in Table.__dataclass_fields__:
        getattr(table, name)[rows] = getattr(fresh, name)


def draw_motives(rng: Random, kinds: Array, a: Assumptions) -> Array:
    motives = np.zeros(len(kinds), np.int8)
    for kind, weights in _MOTIVE_WEIGHTS.items():
        rows = np.flatnonzero(kinds == kind)
        chances = np.array(list(weights.values()))
        motives[rows] = rng.choice(list(weights), size=len(rows), p=chances / chances.sum())
    says = (kinds == DROPOUT) & (rng.random(len(kinds)) < a.says_dropout)
    return np.where(says, 1, motives).astype(np.int8)


@dataclass
class Exits:
    """Every departure of the year with its true cause, in the order in which it happened."""

    student: list[Array] = field(default_factory=list)
    week: list[Array] = field(default_factory=list)
    weekday: list[Array] = field(default_factory=list)
    registered: list[Array] = field(default_factory=list)
    kind: list[Array] = field(default_factory=list)
    driver: list[Array] = field(default_factory=list)
    destination: list[Array] = field(default_factory=list)
    _latest: Array | None = None

    def add(self, rows: Array, week: int, registered: Array, kind: int, driver: Array, weekday: Array) -> None:
        self.student.append(rows)
        self.week.append(np.full(len(rows), week, np.int16))
        self.weekday.append(weekday)
        self.registered.append(registered)
        self.kind.append(np.full(len(rows), kind, np.int8))
        self.driver.append(driver.astype(np.int8))
        self.destination.append(_destinations(rows, kind))
        if self._latest is not None:
            self._latest[rows] = kind

    def forget(self, rows: Array) -> None:
        if self._latest is not None:
            self._latest[rows] = AUDIT

    def latest_kind(self, students: int) -> Array:
        if self._latest is None:
            self._latest = np.zeros(students, np.int8)
            for rows, kind in zip(self.student, self.kind, strict=True):
                self._latest[rows] = kind
        return self._latest

    def columns(self) -> dict[str, Array]:
        names = ("student", "week", "weekday", "registered", "kind", "driver", "destination")
        return {name: np.concatenate(getattr(self, name)) if self.week else np.zeros(0, int) for name in names}


def _destinations(rows: Array, kind: int) -> Array:
    n = len(rows)
    if kind == OUTSIDE:
        return np.where(rows % 7 < 5, 2, 3).astype(np.int8)
    place = {DROPOUT: 0, INSIDE: 1, PRIVATE: 4, DEATH: 5}[kind]
    return np.full(n, place, np.int8)
