"""Remembers, for each child, what the last export said, so that a Monday reads one export and not the past."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from features.archive import CROSS_MATCH, Archive, Entry
from features.records import Records
from features.schema import CHARACTERISATION, ENROLMENT, PERSON

KINDS = ("detallado", "anexo_6a", "anexo_5a")
"""The exports that list everyone; the first is believed before the others."""

ENROLMENT_COLUMNS = tuple(
    name for name in ENROLMENT.names if name not in ("student_id", "happened_on", "known_on", "dated_by")
)
PERSON_COLUMNS = tuple(name for name in PERSON.names if name not in ("student_id", "happened_on", "known_on"))
HOUSEHOLD_COLUMNS = ("stratum", "sisben_group")

_DTYPES = {**ENROLMENT.dtypes, **PERSON.dtypes, **CHARACTERISATION.dtypes}
_MEMORY = {"said": pl.UInt64(), "roster": pl.UInt64(), "institution": pl.String(), "seen_on": pl.Date()}

SCHEMA: dict[str, pl.DataType] = {
    "student_id": pl.String(),
    "changed_on": pl.Date(),  # when the last enrolment row happened
    **{name: _DTYPES[name] for name in (*ENROLMENT_COLUMNS, *PERSON_COLUMNS, *HOUSEHOLD_COLUMNS)},
    **{f"{kind}.{name}": dtype for kind in KINDS for name, dtype in _MEMORY.items()},
}


def no_students() -> pl.DataFrame:
    return pl.DataFrame(schema=SCHEMA)


def load(archive: Archive, entries: Iterable[Entry]) -> pl.DataFrame:
    """The state that belongs to these entries; worked out again from the archive if it is not there."""
    snapshots = [entry for entry in entries if entry.source in KINDS]
    path = _path(archive, snapshots)
    if path.exists():
        return pl.read_parquet(path)
    return _from_archive(Records.open(archive.path, without=CROSS_MATCH), snapshots) if snapshots else no_students()


def save(archive: Archive, entries: Iterable[Entry], state: pl.DataFrame) -> None:
    """Written before the entry it belongs to, under a name that only counts together with it."""
    path = _path(archive, [entry for entry in entries if entry.source in KINDS])
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    state.write_parquet(draft, compression="zstd", compression_level=1)
    draft.replace(path)


def forget_others(archive: Archive, entries: Iterable[Entry]) -> None:
    """Removes the states of earlier entries."""
    kept = _path(archive, [entry for entry in entries if entry.source in KINDS])
    for path in kept.parent.glob("*"):
        if path != kept:
            path.unlink()


def _path(archive: Archive, snapshots: Iterable[Entry]) -> Path:
    names = sorted([*(f"{entry.source}-{entry.name}" for entry in snapshots), *SCHEMA])
    return archive.path / "state" / f"{hashlib.sha256(' '.join(names).encode()).hexdigest()[:24]}.parquet"


def _from_archive(records: Records, snapshots: list[Entry]) -> pl.DataFrame:
    """What the archive itself still tells: who said it last is lost, so the preferred export is taken to have."""
    latest = _latest(records, "enrolment", ("happened_on", *ENROLMENT_COLUMNS), False)
    latest = latest.rename({"happened_on": "changed_on"})
    person = _latest(records, "person", PERSON_COLUMNS, True)
    household = _latest(records, "characterisation", HOUSEHOLD_COLUMNS, True)
    state = latest.join(person, on="student_id", how="left").join(household, on="student_id", how="left")
    return _with_memory(state, {entry.source for entry in snapshots}).collect()


def _latest(records: Records, table: str, columns: tuple[str, ...], filled: bool) -> pl.LazyFrame:
    """The last row of each child or, for tables in which an empty cell says nothing, the last of each cell."""
    ordered = records.table(table).sort("known_on", "happened_on", maintain_order=True)
    last = [pl.col(name).drop_nulls().last() if filled else pl.col(name).last() for name in columns]
    return ordered.group_by("student_id").agg(last)


def _with_memory(state: pl.LazyFrame, read: set[str]) -> pl.LazyFrame:
    private = pl.col("sector") == "PRIVATE"
    main = next((kind for kind in KINDS[:2] if kind in read), None)
    last_seen = {f"{main}.institution": ~private.fill_null(False), "anexo_5a.institution": private.fill_null(False)}
    memory = {name: pl.lit(None, dtype).alias(name) for name, dtype in SCHEMA.items() if "." in name}
    for name, belongs in last_seen.items():
        if name in memory and name.split(".")[0] in read:
            memory[name] = pl.when(belongs).then("institution_id").alias(name)
    return state.with_columns(memory.values()).select(list(SCHEMA))
