"""What is wrong in a file, in one Spanish sentence that names no child."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

Level = Literal["error", "warning"]

_DATE = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{1,4}|\d{4}[/-]\d{1,2}[/-]\d{1,2}")
_SCIENTIFIC = re.compile(r"\d([.,]\d{1,5})?E\+?\d{1,3}", re.IGNORECASE)  # more digits would be a whole document
_SHORT_CODE = re.compile(r"-?\d{1,4}([.,]\d{1,2})?|(?=.*\d)[0-9A-Za-z]{1,4}")


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where, what was found, what is accepted and what to do about it."""

    file: str
    row: int | None
    column: str | None
    rule: str
    found: str
    accepted: str
    advice: str
    level: Level = "error"
    institution_id: str | None = None
    times: int = 1

    def sentence(self) -> str:
        """The whole of it in one line: archivo, fila, columna, encontrado, se acepta, qué hacer."""
        row = f"fila {self.row}" if self.row is not None else _rows(self.times)
        place = ", ".join(part for part in (self.file, row, f"columna {self.column}" if self.column else "") if part)
        accepted = f"; se acepta {self.accepted}" if self.accepted else ""
        return f"{place}: {self.found}{accepted}. {self.advice}".strip()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "sentence": self.sentence()}


def _rows(times: int) -> str:
    return f"{times} filas" if times > 1 else ""


def shown(value: str | None, personal: bool = False) -> str:
    """What was found, told so that it can be neither a name nor a number of a person.

    A shifted row brings names, documents and birthdays into any column, so only impossible dates, damaged numbers and
    very short codes are quoted; anything else is told by its shape. The row itself is in the quarantine, which only its
    owner can read.
    """
    text = (value or "").strip()
    if not text:
        return "está vacío"
    if not personal and (_is_no_date(text) or _SCIENTIFIC.fullmatch(text) or _SHORT_CODE.fullmatch(text)):
        return f"se encontró «{text}»"
    impossible = " que no existe" if _is_no_date(text) else ""
    return f"se encontró {_shape(text)}{impossible}"


def _is_no_date(text: str) -> bool:
    """A date that is in no calendar, and so nobody's birthday."""
    if not _DATE.fullmatch(text):
        return False
    first, month, last = (int(part) for part in re.split("[/-]", text))
    try:
        date(max(first, last), month, min(first, last))
    except ValueError:
        return True
    return False


def _shape(text: str) -> str:
    if text.isdigit():
        return f"un número de {len(text)} cifras"
    if _DATE.fullmatch(text):
        return "una fecha"
    return f"un texto de {len(text)} caracteres"


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """One problem per file, column and rule, with how many rows it touches: the form for a report."""
    first: dict[tuple[str, str | None, str], Problem] = {}
    times: Counter[tuple[str, str | None, str]] = Counter()
    for problem in problems:
        place = (problem.file, problem.column, problem.rule)
        first.setdefault(place, problem)
        times[place] += problem.times
    return [_several(first[place], count) for place, count in times.items()]


def _several(problem: Problem, times: int) -> Problem:
    row = problem.row if times == 1 else None
    return Problem(**{**asdict(problem), "row": row, "times": times})


def by_institution(problems: Iterable[Problem]) -> dict[str, int]:
    """How many rows of each institution have something wrong; the fullest inbox first."""
    counts: Counter[str] = Counter()
    for problem in problems:
        if problem.institution_id:
            counts[problem.institution_id] += problem.times
    return dict(counts.most_common())


def has_errors(problems: Sequence[Problem]) -> bool:
    return any(problem.level == "error" for problem in problems)
