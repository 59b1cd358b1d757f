"""The archive on disk: what each export added, kept for good and never rewritten."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

CROSS_MATCH = "cruce"
"""The source of what `link` adds: no export says it, so no export is compared with it."""


@dataclass(frozen=True)
class Entry:
    """One file that was read: what it was, when it was known, and what became of its rows."""

    digest: str
    source: str
    known_on: date
    file: str
    rows_in: int
    accepted: int
    quarantined: int
    parts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.known_on.isoformat()}-{self.digest[:16]}"


class Archive:
    """Parquet parts, and a manifest that names the ones that count.

    A part is only read once its manifest entry stands, and the entry is written last by a rename: a machine that dies
    half-way leaves parts that nobody reads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def has(self, digest: str, known_on: date | None = None) -> Entry | None:
        """The entry of a file already read, by its content and, where given, the day it was known."""
        for entry in self.entries():
            if entry.digest == digest and known_on in (None, entry.known_on):
                return entry
        return None

    def entries(self) -> list[Entry]:
        """What has been read so far, oldest first."""
        return [_read_entry(path) for path in sorted((self.path / "manifest").glob("*.json"))]

    def add(self, entry: Entry, tables: Mapping[str, pl.DataFrame]) -> Entry:
        """Writes the rows a file added and then, in one step, makes them count."""
        filled = {name: table for name, table in tables.items() if table.height}
        parts = tuple(self._write(name, entry, table) for name, table in sorted(filled.items()))
        entry = replace(entry, parts=parts)
        _write_entry(self.path / "manifest" / f"{entry.name}.json", entry)
        return entry

    def _write(self, name: str, entry: Entry, table: pl.DataFrame) -> str:
        part = f"{name}/{entry.name}.parquet"
        target = self.path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".draft")
        table.write_parquet(draft, compression="zstd", statistics=True)
        draft.replace(target)
        return part


def parts_of(entries: Iterable[Entry]) -> list[str]:
    return [part for entry in entries for part in entry.parts]


def _read_entry(path: Path) -> Entry:
    told = json.loads(path.read_text("utf-8"))
    return Entry(**{**told, "known_on": date.fromisoformat(told["known_on"]), "parts": tuple(told["parts"])})


def _write_entry(path: Path, entry: Entry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        json.dump({**asdict(entry), "known_on": entry.known_on.isoformat()}, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
