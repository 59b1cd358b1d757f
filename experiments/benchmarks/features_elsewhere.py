"""The features of one day by other means: SQL written by hand for DuckDB, PostgreSQL group by group, featuretools."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl

from features.archive import Archive, parts_of

HERE = Path(__file__).parent
BINARIES = Path("/usr/lib/postgresql/15/bin")  # of Debian's package postgresql-15
KEYS = 1
Answer = tuple[int, int, float]


def hand_written(archive: Path, day: date) -> Answer:
    frame = hand_written_frame(archive, day)
    return frame.height, frame.width - KEYS, 0.0


def hand_written_frame(archive: Path, day: date) -> pl.DataFrame:
    """What a person who knows DuckDB would write, over the same archive."""
    import duckdb

    database = duckdb.connect()
    for name, files in parts_by_table(archive).items():
        known = "" if name == "calendar" else f"WHERE known_on <= DATE '{day}'"
        rows = f"read_parquet({[str(file) for file in files]}, union_by_name=true)"
        database.execute(f"CREATE VIEW {name} AS SELECT * FROM {rows} {known}")  # noqa: S608 - our own names
    frame: pl.DataFrame = database.sql((HERE / "features_hand_written.sql").read_text(), params={"day": day}).pl()
    return frame


def parts_by_table(archive: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for part in parts_of(Archive(archive).entries()):
        found.setdefault(part.split("/")[0], []).append(archive / part)
    return found


# --- PostgreSQL: one query per group of features, as triage works --------------------------------------------------


def postgresql(archive: Path, day: date) -> Answer:
    """The tables are loaded beforehand and not timed; each group makes its own table, and one join gathers them."""
    import psycopg

    with _server() as address, psycopg.connect(address, autocommit=True) as database:
        _load(database, archive, day)
        began = time.perf_counter()
        for statement in (HERE / "features_by_group.sql").read_text().replace(":day", f"DATE '{day}'").split(";"):
            if statement.strip():
                database.execute(statement)
        cursor = database.execute("SELECT * FROM gathered")
        rows, columns = len(cursor.fetchall()), len(cursor.description or ())
        return rows, columns - KEYS, time.perf_counter() - began


@contextmanager
def _server() -> Iterator[str]:
    """A server of its own, with room to work, that goes when the measuring is done."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        data = f"{folder}/data"
        settings = "-c shared_buffers=1GB -c work_mem=256MB -c fsync=off -c listen_addresses='' -k " + folder
        _as_postgres(f"{BINARIES}/initdb -D {data} -A trust -U postgres")
        _as_postgres(f'{BINARIES}/pg_ctl -D {data} -w -l {folder}/log -o "{settings}" start')
        try:
            yield f"host={folder} user=postgres dbname=postgres"
        finally:
            _as_postgres(f"{BINARIES}/pg_ctl -D {data} -m immediate stop")


def _as_postgres(command: str) -> None:
    subprocess.run(["su", "postgres", "-c", command], check=True, stdout=subprocess.DEVNULL)


def _load(database, archive: Path, day: date) -> None:  # type: ignore[no-untyped-def]
    kinds = {pl.String: "text", pl.Date: "date", pl.Boolean: "boolean", pl.Float64: "float8"}
    for name, files in parts_by_table(archive).items():
        table = pl.concat([pl.read_parquet(file) for file in files], how="diagonal_relaxed")
        table = table if name == "calendar" else table.filter(pl.col("known_on") <= day)
        columns = ", ".join(f"{c} {kinds.get(type(t), 'integer')}" for c, t in table.schema.items())
        database.execute(f"CREATE TABLE {name} ({columns})")
        with database.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
            copy.write(table.write_csv(include_header=False))
        if "student_id" in table.columns:
            database.execute(f"CREATE INDEX ON {name} (student_id)")
        database.execute(f"ANALYZE {name}")


# --- featuretools: an entity set, a cut-off, and a window for each age of the rows ------------------------------------


def featuretools(archive: Path, day: date) -> Answer:
    """What its primitives can say; it has no leave-one-out shares, so those of the school are left out.

    featuretools 1.31 does not run with pandas 3: FEATURETOOLS_PYTHON names a Python that has it, pandas 2 and ours.
    """
    from features_featuretools import feature_matrix

    tables = {
        name: pl.concat([pl.read_parquet(file) for file in files], how="diagonal_relaxed")
        for name, files in parts_by_table(archive).items()
    }
    roll = hand_written_frame(archive, day).select("student_id")
    began = time.perf_counter()
    matrix = feature_matrix(tables, roll, day)
    return matrix.shape[0], matrix.shape[1], time.perf_counter() - began
