"""The engine for little memory: DuckDB reads the archive where it lies and spills to disk what does not fit."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from itertools import count

import duckdb
import narwhals as nw
import polars as pl

from features.engines.steps import Frame, Steps
from features.records import TIMELESS, Records

Settings = dict[str, str | bool | int | float | list[str]]

MEMORY = "PERMANENCIA_DUCKDB_MEMORY"
"""How much memory DuckDB may take before it spills, as it writes it (``4GB``); its own default where unset."""
THREADS = "POLARS_MAX_THREADS"


class DuckDB(Steps):
    """A database of its own per engine; it goes, with what it spilled, when the engine does."""

    name = "duckdb"

    def __init__(self) -> None:
        self._numbers = count()

    @cached_property
    def _database(self) -> duckdb.DuckDBPyConnection:
        spill = tempfile.mkdtemp(prefix="permanencia-duckdb-")
        weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
        settings: Settings = {"temp_directory": spill, "preserve_insertion_order": False}
        if memory := os.environ.get(MEMORY):
            settings["memory_limit"] = memory
        if threads := os.environ.get(THREADS):
            settings["threads"] = threads
        return duckdb.connect(config=settings)

    def scan(self, records: Records, table: str) -> Frame:
        files = records.files(table)
        if files is None:
            return self._of(self._database.from_arrow(records.table(table).collect().to_arrow()))
        rows = self._database.read_parquet([str(file) for file in files], union_by_name=True)
        columns = ", ".join(_typed(name, dtype, name in rows.columns) for name, dtype in records.columns(table).items())
        rows = rows.project(columns)
        if records.until is not None and table not in TIMELESS:
            rows = rows.filter(f"known_on <= DATE '{records.until.isoformat()}'")
        return self._of(rows)

    def days(self, days: Sequence[date]) -> Frame:
        return self._of(self._database.from_arrow(pl.DataFrame({"day": list(days)}, {"day": pl.Date}).to_arrow()))

    def settled(self, frame: Frame) -> Frame:
        name = f"kept_{next(self._numbers)}"
        frame.to_native().create(name)
        return self._of(self._database.table(name))

    def collected(self, frame: Frame) -> pl.DataFrame:
        return frame.to_native().pl()  # type: ignore[no-any-return]

    def numbers(self, column: str) -> nw.Expr:
        return nw.col(column)

    def dates(self, column: str) -> nw.Expr:
        return nw.col(column)

    def _of(self, rows: duckdb.DuckDBPyRelation) -> Frame:
        return nw.from_native(rows)


_TYPES = {
    pl.String: "VARCHAR",
    pl.Date: "DATE",
    pl.Boolean: "BOOLEAN",
    pl.Float64: "DOUBLE",
    pl.Float32: "FLOAT",
    pl.Int8: "TINYINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
}


def _typed(name: str, dtype: pl.DataType, present: bool) -> str:
    kind = _TYPES[type(dtype)]
    return f"CAST({_quoted(name) if present else 'NULL'} AS {kind}) AS {_quoted(name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
