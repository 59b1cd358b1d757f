"""What became of the rows of every file, in numbers and in sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from features.quality import Problem, by_institution, has_errors

MOST_PROBLEMS = 2000
UNKNOWN = "desconocido"


@dataclass(frozen=True)
class FileReport:
    """One file: what it is and what became of its rows."""

    file: str
    source: str
    known_on: date
    rows_in: int
    accepted: int
    quarantined: int
    unchanged: bool = False
    refused: bool = False  # it could not be opened, or not be understood

    @property
    def is_useless(self) -> bool:
        return self.refused or (self.rows_in > 0 and not self.accepted)


@dataclass
class IngestReport:
    """All files of a reading. No row is lost: rows_in = accepted + quarantined."""

    files: list[FileReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """Why a person should look before a list is made from what was read."""

    @property
    def rows_in(self) -> int:
        return sum(file.rows_in for file in self.files)

    @property
    def accepted(self) -> int:
        return sum(file.accepted for file in self.files)

    @property
    def quarantined(self) -> int:
        return sum(file.quarantined for file in self.files)

    @property
    def has_errors(self) -> bool:
        return has_errors(self.problems)

    @property
    def needs_a_look(self) -> bool:
        """No file came, or one of which nothing could be used, or so much is odd that somebody should see it first."""
        return bool(self.held) or not self.files or any(file.is_useless for file in self.files)

    def as_json(self) -> dict[str, Any]:
        return {
            "rows_in": self.rows_in,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "files": [{**asdict(file), "known_on": file.known_on.isoformat()} for file in self.files],
            "held": self.held,
            "problems": [problem.as_json() for problem in self.problems[:MOST_PROBLEMS]],
            "problems_by_institution": by_institution(self.problems),
        }


class CheckReport(IngestReport):
    """The same report of a reading that kept nothing."""
