"""The bytes of one file, what came out of opening it, and how a refusal is said."""

from __future__ import annotations

from dataclasses import dataclass

from features.quality import Problem

AS_TEXT = "Guarde el archivo como texto y reenvíelo."
_ACCEPTED = "texto .csv o .txt, o un libro .xlsx, solo o dentro de un .gz o .zip"


@dataclass(frozen=True)
class Content:
    """The bytes of one file, under the name a person would look for."""

    name: str
    data: bytes
    origin: bytes = b""  # of what is told in other bytes than it came in, a mark of those

    @property
    def identity(self) -> bytes:
        """What makes it the same file when it comes again, whoever turned it into text."""
        return self.origin or self.data


@dataclass(frozen=True)
class Opened:
    """What came out of a file, and what could not."""

    contents: tuple[Content, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def refusals(self) -> int:
        """How many files inside could not be read at all."""
        return sum(problem.level == "error" for problem in self.problems)


class RefusedFileError(Exception):
    """A file that will not be opened: what was found, and what to do about it."""

    def __init__(self, found: str, advice: str = AS_TEXT) -> None:
        super().__init__(found)
        self.advice = advice

    def problem(self, name: str) -> Problem:
        return Problem(name, None, None, "archivo-cerrado", str(self), _ACCEPTED, self.advice)
