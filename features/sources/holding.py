"""Says when what came in one day should be looked at by a person before a list is made from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from features.archive import Entry
from features.sources.report import FileReport
from features.sources.source_names import SOURCES
from features.sources.student_state import KINDS

MOST_QUARANTINED = 0.05
LARGEST_CHANGE = 0.10
LEAST_ROWS = 10
"""Fewer rows than this are any share of a small register."""
A_WEEK_OR_SO = timedelta(days=10)
"""An export further back is of another season, and says nothing about how many rows this one should have."""


@dataclass(frozen=True)
class Intaken:
    """All files of one kind that came on one day."""

    source: str
    known_on: date
    rows_in: int
    quarantined: int

    @property
    def place(self) -> str:
        return f"{SOURCES.get(self.source, self.source)}, corte del {self.known_on:%d/%m/%Y}"


def why_held(files: Iterable[Entry | FileReport], day: date = date.max) -> list[str]:
    """A sentence for each kind of file whose last reading up to the day asks for a person's eye; none, none."""
    history = _by_source(file for file in files if file.known_on <= day)
    return [reason for source in sorted(history) for reason in _reasons(history[source])]


def _by_source(files: Iterable[Entry | FileReport]) -> dict[str, list[Intaken]]:
    rows: dict[tuple[str, date], dict[str, Entry | FileReport]] = defaultdict(dict)
    for file in files:
        same = rows[file.source, file.known_on]
        same[file.file] = min(same.get(file.file, file), file, key=_share)  # sent again, it was mended
    found: dict[str, list[Intaken]] = defaultdict(list)
    for (source, known_on), by_name in sorted(rows.items()):
        counts = sum(file.rows_in for file in by_name.values()), sum(file.quarantined for file in by_name.values())
        found[source].append(Intaken(source, known_on, *counts))
    return found


def _share(file: Entry | FileReport) -> float:
    return file.quarantined / max(file.rows_in, 1)


def _reasons(history: list[Intaken]) -> list[str]:
    last, before = history[-1], history[-2] if len(history) > 1 else None
    reasons = [_too_many_bad(last)]
    if before is not None and last.source in KINDS and last.known_on - before.known_on <= A_WEEK_OR_SO:
        reasons.append(_too_great_a_change(last, before))
    return [reason for reason in reasons if reason]


def _too_many_bad(last: Intaken) -> str | None:
    if last.quarantined < LEAST_ROWS or last.quarantined <= MOST_QUARANTINED * last.rows_in:
        return None
    share = f"{last.quarantined} de {last.rows_in} filas quedaron en cuarentena"
    return f"{last.place}: {share}, más del {MOST_QUARANTINED:.0%}. Revise el archivo antes de publicar la lista."


def _too_great_a_change(last: Intaken, before: Intaken) -> str | None:
    change = last.rows_in - before.rows_in
    if abs(change) < LEAST_ROWS or abs(change) <= LARGEST_CHANGE * before.rows_in:
        return None
    rows = f"trae {last.rows_in} filas y el corte anterior, del {before.known_on:%d/%m/%Y}, traía {before.rows_in}"
    return f"{last.place}: {rows}; es un cambio de más del {LARGEST_CHANGE:.0%}. Revíselo antes de publicar la lista."
