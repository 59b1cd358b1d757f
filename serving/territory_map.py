"""What the map tells of each comuna: how many are on the list and how many were contacted, never a small count."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from features.rates.sums import Sum
from features.rates.suppression import hidden_cells
from serving.contacted import OnTheList
from serving.small_counts import SMALLEST, WITHHELD, is_small
from serving.spanish_order import spanish_order
from serving.territory_file import key_of
from serving.week_filters import comuna_name

SHADES = 4
LISTED, CONTACTED, WAITING = "listed", "contacted", "waiting"
ALL = "*"
Cell = tuple[str, str]


@dataclass(frozen=True)
class Told:
    """What may be said of one comuna, or of all; None is withheld."""

    key: str
    name: str
    listed: int | None
    contacted: int | None

    @property
    def share(self) -> int | None:
        """Of each hundred on the list, how many were contacted."""
        if self.listed is None or self.contacted is None or not self.listed:
            return None
        return round(100 * self.contacted / self.listed)

    @property
    def said_listed(self) -> str:
        return WITHHELD if self.listed is None else str(self.listed)

    @property
    def said_contacted(self) -> str:
        if self.listed == 0:
            return "nadie en la lista"
        return WITHHELD if self.share is None else f"{self.contacted} de {self.listed} ({self.share} %)"

    @property
    def sentence(self) -> str:
        return f"{self.name}: en la lista, {self.said_listed}; con contacto, {self.said_contacted}"


@dataclass(frozen=True)
class Territory:
    comunas: tuple[Told, ...]
    all: Told


def territory(rows: Iterable[OnTheList], comunas: Iterable[str | None]) -> Territory:
    """Every comuna that has a school within the reader's reach, with what may be said of it."""
    rows = list(rows)
    names = {key_of(name or ""): _said(name) for name in [*comunas, *(row.comuna for row in rows)]}
    counts = _counts(rows, names)
    hidden = hidden_cells(counts, [*_sums(names)], _small(counts, names), [*_inside(names)], SMALLEST)
    told = [_told(key, name, counts, hidden) for key, name in names.items()]
    return Territory(tuple(sorted(told, key=_order)), _told(ALL, "Total", counts, hidden))


def _said(name: str | None) -> str:
    return comuna_name(name) if name else "Sin comuna"


def _order(told: Told) -> tuple[bool, int, str]:
    number = told.key.isdecimal()
    return not number, int(told.key) if number else 0, spanish_order(told.name)


def _counts(rows: Iterable[OnTheList], names: Mapping[str, str]) -> dict[Cell, int]:
    found: Counter[Cell] = Counter()
    for row in rows:
        for key in (key_of(row.comuna or ""), ALL):
            found.update([(LISTED, key), (CONTACTED if row.contacted else WAITING, key)])
    return {(what, key): found[what, key] for what in (LISTED, CONTACTED, WAITING) for key in (*names, ALL)}


def _small(counts: Mapping[Cell, int], names: Iterable[str]) -> set[Cell]:
    """Of a comuna with few on the list nothing is said, not even that none of them was contacted."""
    own = {cell for cell, count in counts.items() if is_small(count)}
    few = {key for key in (*names, ALL) if is_small(counts[LISTED, key])}
    return own | {(what, key) for what in (CONTACTED, WAITING) for key in few}


def _sums(names: Iterable[str]) -> Iterator[Sum[Cell]]:
    keys = [*names]
    for what in (LISTED, CONTACTED, WAITING):
        yield Sum((what, ALL), tuple((what, key) for key in keys))
    yield from _inside([*keys, ALL])


def _inside(names: Iterable[str]) -> Iterator[Sum[Cell]]:
    for key in names:
        yield Sum((LISTED, key), ((CONTACTED, key), (WAITING, key)))


def _told(key: str, name: str, counts: Mapping[Cell, int], hidden: set[Cell]) -> Told:
    told = {what: None if (what, key) in hidden else counts[what, key] for what in (LISTED, CONTACTED, WAITING)}
    return Told(key, name, told[LISTED], told[CONTACTED] if (WAITING, key) not in hidden else None)


@dataclass(frozen=True)
class Scale:
    """Up to four shades, from light to dark, each with what it stands for."""

    starts: tuple[int, ...]
    last: int
    unit: str = ""

    @property
    def legend(self) -> list[tuple[int, str]]:
        ends = [start - 1 for start in self.starts[1:]] + [self.last]
        spans = zip(self.starts, ends, strict=False)  # without any start there is nothing to explain
        return [(n, _span(start, end, self.unit)) for n, (start, end) in enumerate(spans, 1)]

    def shade(self, value: int) -> int:
        """0 for none; otherwise the shade, from 1 on."""
        return sum(value >= start for start in self.starts) if value else 0


def _span(start: int, end: int, unit: str) -> str:
    return f"{start}{unit}" if start == end else f"{start} a {end}{unit}"


def scale_of_counts(values: Sequence[int]) -> Scale:
    """Shades of equal width between the smallest count that may be told and the largest there is."""
    largest = max(values, default=0)
    if largest < SMALLEST:
        return Scale((), 0)
    width = math.ceil((largest - SMALLEST + 1) / SHADES)
    starts = tuple(range(SMALLEST, largest + 1, width))
    return Scale(starts, largest)


def scale_of_shares() -> Scale:
    return Scale((1, 25, 50, 75), 100, " %")
