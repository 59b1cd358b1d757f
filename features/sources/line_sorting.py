"""Sorts the lines of an export: those the fast reader may have, those that need care, and those that do not fit."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

LONGEST_QUOTED = 20
"""Lines that one quoted field may span."""
LONGEST_LINE = 100_000
"""Letters of a line that may still be a row; a spreadsheet's fullest cell holds 32,767."""

QUOTED = r'"[^"]*"'
_MARK = "\x1f"


@dataclass
class SortedLines:
    """The lines after the header, each with its number: plain ones as they are, careful ones as their fields."""

    plain: list[tuple[int, str]] = field(default_factory=list)
    parsed: list[tuple[int, list[str]]] = field(default_factory=list)
    misfits: list[tuple[int, str]] = field(default_factory=list)
    spans: dict[int, int] = field(default_factory=dict)
    """How many lines a row takes, where it takes more than one."""


@dataclass(frozen=True)
class LineSorter:
    """The lines of one file, and what a row of it looks like."""

    lines: Sequence[str]
    separator: str
    width: int

    def sort(self, first: int) -> SortedLines:
        """Everything from the line after the header on. A line that says nothing is no row."""
        found, quoted, awkward = SortedLines(), [], []
        empty, separators = f' "{self.separator}\t\u00a0', self.width - 1
        for row, line in enumerate(self.lines[first:], first + 1):
            if line[:1] in empty and not line.strip(empty):
                continue
            count = line.count(self.separator)
            if '"' in line:
                quoted.append((row, line))
            elif count == separators and len(line) <= LONGEST_LINE:
                found.plain.append((row, line))
            elif count == self.width and line.endswith(self.separator):
                found.plain.append((row, line.removesuffix(self.separator)))
            else:
                awkward.append((row, line))
        if quoted:
            awkward = sorted([*awkward, *self._sort_quoted(quoted, found)])
        self.read_with_care(awkward, found)
        return found

    def _sort_quoted(self, quoted: list[tuple[int, str]], found: SortedLines) -> list[tuple[int, str]]:
        """Lines whose quotes stand around whole fields are plain; the others are given back."""
        lines = pl.DataFrame(quoted, schema={"row": pl.Int64, "text": pl.String}, orient="row")
        bare = pl.col("text").str.replace_all(QUOTED, _MARK)
        beside = f"[^{re.escape(self.separator)}{_MARK}]"
        width = bare.str.count_matches(self.separator, literal=True) + 1
        spare = (width == self.width + 1) & pl.col("text").str.ends_with(self.separator)
        usual = ~bare.str.contains(f'"|{beside}{_MARK}|{_MARK}{beside}') & (
            pl.col("text").str.len_bytes() <= LONGEST_LINE
        )
        shape = lines.with_columns(
            plain=usual & ((width == self.width) | spare),
            text=pl.when(usual & spare).then(pl.col("text").str.strip_suffix(self.separator)).otherwise("text"),
        )
        found.plain = sorted([*found.plain, *shape.filter("plain").select("row", "text").rows()])
        return shape.filter(~pl.col("plain")).select("row", "text").rows()

    def read_with_care(self, awkward: list[tuple[int, str]], found: SortedLines) -> None:
        """Sorts lines one by one. A field over several lines takes those lines from where they were."""
        taken: set[int] = set()
        for row, line in awkward:
            if row in taken:
                continue
            fields, used = (None, 1) if len(line) > LONGEST_LINE else self._fields(row, line)
            taken.update(range(row, row + used))
            if used > 1:
                found.spans[row] = used
            if fields is None:
                found.misfits.append((row, line))
            else:
                found.parsed.append((row, fields))
        if taken:
            found.plain = [(row, line) for row, line in found.plain if row not in taken]

    def _fields(self, row: int, line: str) -> tuple[list[str] | None, int]:
        """The fields of a line with quotes: as quotes should work, else over several lines, else taken as letters."""
        fields = self._record([line]) or self._literal(line)
        if fields is not None or line.count('"') % 2 == 0:
            return fields, 1
        return self._over_several_lines(row)

    def _over_several_lines(self, row: int) -> tuple[list[str] | None, int]:
        """A quoted field with line breaks in it; a line that is a whole row by itself is never swallowed."""
        for used in range(2, LONGEST_QUOTED + 1):
            taken = self.lines[row - 1 : row - 1 + used]
            if len(taken) < used or self._record(taken[-1:]):
                break
            if (fields := self._record(taken)) is not None:
                return fields, used
        return None, 1

    def _record(self, lines: Sequence[str]) -> list[str] | None:
        """The fields of lines that are exactly one record."""
        if sum(line.count('"') for line in lines) % 2:
            return None
        try:
            records = list(csv.reader([f"{line}\n" for line in lines], delimiter=self.separator))
        except csv.Error:
            return None
        return records[0] if len(records) == 1 and len(records[0]) == self.width else None

    def _literal(self, line: str) -> list[str] | None:
        """Quotes taken as letters."""
        fields = line.split(self.separator)
        return [part.strip('"') for part in fields] if len(fields) == self.width else None
