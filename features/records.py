"""The tables we keep about students, each row with the day it happened and the day we learnt of it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd
import polars as pl

from features.archive import Archive, Entry, parts_of
from features.schema import TABLES

__all__ = ["Archive", "Entry", "Records"]

OWN_COLUMN = "x_"
"""Prefix of the columns a foreign register brings of its own."""


TIMELESS = ("calendar",)


class Records:
    """All tables together, unchangeable and read only when asked for.

    A table always has every column of its schema, in the schema's order, then its own ``x_`` columns; what a supplier
    did not give is null.
    """

    def __init__(
        self,
        tables: Mapping[str, pl.LazyFrame],
        digest: str,
        files: Mapping[str, Sequence[Path]] | None = None,
        until: date | None = None,
    ) -> None:
        self._tables = dict(tables)
        self._digest = digest
        self._files = dict(files or {})
        self.until = until

    @classmethod
    def from_frames(cls, tables: Mapping[str, pl.DataFrame | pd.DataFrame]) -> "Records":
        """Records from frames in memory; columns left out are completed with nulls."""
        unknown = sorted(set(tables) - set(TABLES))
        if unknown:
            raise KeyError(f"no hay una tabla {unknown}; las tablas son {sorted(TABLES)}")
        frames = {name: pl.from_pandas(t) if isinstance(t, pd.DataFrame) else t for name, t in tables.items()}
        return cls({name: complete(name, frame.lazy()) for name, frame in frames.items()}, _digest(frames))

    @classmethod
    def open(cls, archive: Path, without: str = "") -> "Records":
        """The archive on disk, as far as its manifest says it is whole; ``without`` what one source added."""
        entries = [entry for entry in Archive(archive).entries() if entry.source != without]
        by_table: dict[str, list[Path]] = {}
        for part in sorted(parts_of(entries)):
            by_table.setdefault(part.split("/")[0], []).append(archive / part)
        seal = hashlib.sha256("".join(sorted(f"{e.known_on}{e.digest}" for e in entries)).encode())
        tables = {name: complete(name, _scan(paths)) for name, paths in by_table.items()}
        return cls(tables, seal.hexdigest(), by_table)

    def table(self, name: str) -> pl.LazyFrame:
        return self._tables.get(name, pl.LazyFrame(schema=_schema(name)))

    def has(self, name: str) -> bool:
        return name in self._tables

    def files(self, name: str) -> Sequence[Path] | None:
        """The Parquet parts of a table, for an engine that reads them itself; None where it lies in memory.

        They hold rows of every day: whoever reads them leaves out what was known after ``until``.
        """
        return self._files.get(name)

    def columns(self, name: str) -> dict[str, pl.DataType]:
        """The columns of a table and their types: those of its schema, then its own."""
        return self._schemas.get(name) or _schema(name)

    def own_columns(self, name: str) -> dict[str, pl.DataType]:
        """The ``x_`` columns of a table and their types."""
        schema = self._schemas.get(name, {})
        return {column: dtype for column, dtype in schema.items() if column.startswith(OWN_COLUMN)}

    def known_by(self, day: date) -> "Records":
        """The records as they stood at the end of a day. A calendar is a rule set beforehand and is always known."""
        seen = {
            name: table if name in TIMELESS else table.filter(pl.col("known_on") <= day)
            for name, table in self._tables.items()
        }
        until = day if self.until is None else min(day, self.until)
        return Records(seen, f"{self._digest}@{day}", self._files, until)

    def share(self, place: int, of: int) -> "Records":
        """The rows of one of so many shares of the students, and whatever is no student's."""
        if of == 1:
            return self
        ours = pl.col("student_id").hash(seed=0) % of == place
        shared = {n: t.filter(ours) if "student_id" in self.columns(n) else t for n, t in self._tables.items()}
        return Records(shared, f"{self._digest}#{place}/{of}", None, self.until)

    def last_known_on(self) -> date | None:
        """The last day on which anything was learnt."""
        dated = [t.select(pl.col("known_on").max()) for name, t in self._tables.items() if name not in TIMELESS]
        days = [frame.item() for frame in pl.collect_all(dated)]
        return max((day for day in days if day is not None), default=None)

    def last_report_on(self) -> date | None:
        """The last day on which a file came in: after it nobody could have been seen to come back."""
        day: date | None = self.table("report").select(pl.col("known_on").max()).collect().item()
        return day

    def digest(self) -> str:
        return self._digest

    @cached_property
    def _schemas(self) -> dict[str, dict[str, pl.DataType]]:
        return {name: dict(table.collect_schema()) for name, table in self._tables.items()}


def complete(name: str, table: pl.LazyFrame) -> pl.LazyFrame:
    """The table with every column of its schema, in order and of the right type."""
    present = table.collect_schema()
    schema = _schema(name)
    columns = [
        pl.col(column).cast(dtype) if column in present else pl.lit(None, dtype).alias(column)
        for column, dtype in schema.items()
    ]
    return table.select(*columns, *(pl.col(c) for c in present if c.startswith(OWN_COLUMN) and c not in schema))


def _schema(name: str) -> dict[str, pl.DataType]:
    return {column.name: column.dtype for column in TABLES[name].columns}


def _scan(paths: Iterable[Path]) -> pl.LazyFrame:
    return pl.concat([pl.scan_parquet(path) for path in paths], how="diagonal_relaxed")


def _digest(frames: Mapping[str, pl.DataFrame]) -> str:
    seal = hashlib.sha256()
    for name in sorted(frames):
        rows = frames[name].hash_rows(seed=7).sort() if frames[name].height else pl.Series([0])
        seal.update(name.encode() + rows.to_numpy().tobytes())
    return seal.hexdigest()
