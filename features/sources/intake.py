"""Takes in one delivery after another: good rows into the archive, bad rows into quarantine, names into the roster."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from features.archive import Archive, Entry
from features.quality import Problem
from features.records import Records, complete
from features.schema import SUPPORT, TABLES
from features.sources import quarantine as quarantined
from features.sources.compression import Content
from features.sources.doubles import Named, settled
from features.sources.institutions import TOLD, calendar_rows, institution_rows
from features.sources.marks_again import as_first_dated
from features.sources.profile import NATIONAL, Profile
from features.sources.reader import TABLE_OF
from features.sources.report import UNKNOWN, FileReport, IngestReport
from features.sources.sheet import REFUSAL, Reading
from features.sources.snapshot_changes import Changes, compare, completed
from features.sources.student_state import KINDS, forget_others, load, save
from features.sources.support_endings import support_changes
from features.sources.text_table import ROW

Roster = Callable[[pl.DataFrame], None]


class Intake:
    """What is already in the archive, and how one more delivery is laid over it."""

    def __init__(self, archive: Archive, quarantine: Path, roster: Roster, profile: Profile = NATIONAL) -> None:
        self.archive = archive
        self.profile = profile
        self.quarantine = quarantine
        self.roster = roster
        self.report = IngestReport()
        self.entries = {(entry.digest, entry.known_on): entry for entry in archive.entries()}

    @cached_property
    def state(self) -> pl.DataFrame:
        return load(self.archive, self.entries.values())

    @cached_property
    def institutions(self) -> pl.DataFrame:
        rows = Records.open(self.archive.path).table("institution").sort("known_on", maintain_order=True)
        return rows.group_by("institution_id").agg(pl.col(name).drop_nulls().last() for name in TOLD).collect()

    @cached_property
    def calendars(self) -> set[tuple[str, str | None]]:
        return set(
            Records.open(self.archive.path).table("calendar").select("school_year", "institution_id").collect().rows()
        )

    def known(self, digest: str, known_on: date | None) -> Entry | None:
        """The entry of a file read before; without a day, read on whichever."""
        if known_on is not None:
            return self.entries.get((digest, known_on))
        return next((entry for (seen, _), entry in self.entries.items() if seen == digest), None)

    def repeat(self, entry: Entry, file: str) -> None:
        """A file that was read before: its counts are told again, nothing else happens."""
        counts = (entry.rows_in, entry.accepted, entry.quarantined)
        self.report.files.append(FileReport(file, entry.source, entry.known_on, *counts, unchanged=True))

    def refuse(self, reading: Reading, known_on: date) -> None:
        """A file of which nothing can be used. It leaves no entry: a better one may come under the same day."""
        quarantined.keep(reading, known_on, self.quarantine)
        self._tell(reading, known_on, refused=True)

    def take_events(self, digest: str, reading: Reading, known_on: date) -> None:
        """A file whose rows are facts of their own, to be added to those of before."""
        table = TABLE_OF[reading.source]
        rows = reading.rows.select(name for name in TABLES[table].names if name in reading.rows.columns)
        if table == "progress" and self._has(table):
            rows = as_first_dated(rows, _scan(self.archive.path, table, self._parts()), known_on)
        fresh = self._support_changes(reading, known_on) if table == "support" else self.only_new(table, rows)
        tables = {table: fresh, "report": self._report_rows(reading, known_on)}
        quarantined.keep(reading, known_on, self.quarantine)
        self.add(digest, reading, known_on, tables)

    def take_snapshots(self, readings: list[Named], known_on: date) -> None:
        """The exports of one day that list everyone, the preferred one first."""
        by_kind = {kind: [named for named in readings if named[1].source == kind] for kind in KINDS}
        by_kind_settled = {kind: self._settled(kind, named, known_on) for kind, named in by_kind.items() if named}
        rows = {kind: kept for kind, (_, kept) in by_kind_settled.items()}
        if {"detallado", "anexo_6a"} <= set(rows) and rows["detallado"].height and rows["anexo_6a"].height:
            rows["detallado"] = completed(rows["detallado"], rows["anexo_6a"])
        for kind, (named, _) in by_kind_settled.items():
            if named:
                self._take_kind(kind, named, rows[kind], known_on)

    def _settled(self, kind: str, named: list[Named], known_on: date) -> tuple[list[Named], pl.DataFrame]:
        """One row per child over all files of a kind; files older than the newest one read are refused."""
        newest = max((entry.known_on for entry in self.entries.values() if entry.source == kind), default=known_on)
        if known_on < newest:
            for _, reading in named:
                self.refuse(_too_old(reading, newest), known_on)
            return [], pl.DataFrame()
        return settled(named)

    def _take_kind(self, kind: str, named: list[Named], rows: pl.DataFrame, known_on: date) -> None:
        glimpsed = pl.concat([reading.glimpsed for _, reading in named])
        changes = compare(self.state, rows, kind, known_on, glimpsed)
        self._warn(changes, kind, named[0][1].file)
        tables = self._snapshot_tables(changes, rows, known_on)
        if changes.roster.height:
            self.roster(changes.roster)
        entries = [_entry(digest, reading, known_on) for digest, reading in named]
        save(self.archive, [*self.entries.values(), *entries], changes.state)
        for number, (digest, reading) in enumerate(named):
            quarantined.keep(reading, known_on, self.quarantine)
            reports = {"report": self._report_rows(reading, known_on)}
            # All changes go with the first file: should the others never be written, they will be found unchanged.
            self.add(digest, reading, known_on, {**tables, **reports} if number == 0 else reports)
        self.state = changes.state
        forget_others(self.archive, self.entries.values())

    def _snapshot_tables(self, changes: Changes, rows: pl.DataFrame, known_on: date) -> dict[str, pl.DataFrame]:
        institutions = institution_rows(rows, self.institutions, known_on)
        calendars = calendar_rows(rows, self.calendars, known_on, self.profile)
        others = self.institutions.filter(~pl.col("institution_id").is_in(institutions["institution_id"].implode()))
        self.institutions = pl.concat([others, institutions.select(others.columns)])
        self.calendars |= set(calendars.select("school_year", "institution_id").rows())
        return {
            "enrolment": changes.enrolment,
            "person": changes.person,
            "characterisation": changes.characterisation,
            "institution": institutions,
            "calendar": calendars,
        }

    def _warn(self, changes: Changes, kind: str, file: str) -> None:
        for institution, enrolled in changes.silent_institutions:
            found = f"la institución {institution} no viene y tenía {enrolled} matriculados"
            self.report.problems.append(_not_believed(file, "institucion-ausente", found, institution))
        if changes.loss is not None:
            absent, before = changes.loss
            found = f"faltan {absent} de {before} matriculados de {kind}"
            self.report.problems.append(_not_believed(file, "perdida-brusca", found, None))

    def only_new(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that the archive does not have yet; the same fact told again later is no news."""
        rows = rows.unique(maintain_order=True)
        if rows.is_empty() or not self._has(table):
            return rows
        fact = [name for name in rows.columns if name != "known_on"]
        old = _scan(self.archive.path, table, self._parts()).filter(pl.col("happened_on") >= rows["happened_on"].min())
        known = old.select(_as_in(rows, name, old.collect_schema()) for name in fact).unique()
        return rows.lazy().join(known, on=fact, how="anti", nulls_equal=True, maintain_order="left").collect()

    def _support_changes(self, reading: Reading, known_on: date) -> pl.DataFrame:
        """A list of strategies also says who is no longer on it, unless a newer list was read before."""
        institution = self._institution_of_campus().alias("institution_id")
        now = reading.rows.with_columns(institution)
        if any(entry.source == reading.source and entry.known_on > known_on for entry in self.entries.values()):
            return self.only_new("support", now.select(SUPPORT.names))
        before = Records.open(self.archive.path).table("support").collect()
        schools = self.state.filter(~pl.col("student_id").is_in(reading.glimpsed.implode()))
        changes = support_changes(before, now, schools.select("student_id", "institution_id"), known_on)
        for strategy, gone, given in changes.not_believed:
            found = f"faltan {gone} de {given} estudiantes de {strategy}"
            self.report.problems.append(_not_believed(reading.file, "perdida-brusca", found, None))
        return changes.rows

    def _has(self, table: str) -> bool:
        return any(part.startswith(f"{table}/") for part in self._parts())

    def _parts(self) -> list[str]:
        return [part for entry in self.entries.values() for part in entry.parts]

    def add(self, digest: str, reading: Reading, known_on: date, tables: dict[str, pl.DataFrame]) -> None:
        """Puts a file's rows into the archive, every table with all its columns."""
        whole = {name: complete(name, rows.lazy()).collect() for name, rows in tables.items() if rows.height}
        entry = self.archive.add(_entry(digest, reading, known_on), whole)
        self.entries[digest, known_on] = entry
        self._tell(reading, known_on)

    def _tell(self, reading: Reading, known_on: date, refused: bool = False) -> None:
        bad = reading.refusals.height
        counts = (reading.rows_in, reading.rows_in - bad, bad)
        self.report.files.append(FileReport(reading.file, reading.source, known_on, *counts, refused=refused))
        self.report.problems.extend(reading.problems)

    def _report_rows(self, reading: Reading, known_on: date) -> pl.DataFrame:
        """That the export was seen, and from which schools."""
        rows = reading.rows
        institution = pl.col("institution_id") if reading.source in KINDS else self._institution_of_campus()
        counts = rows.group_by(institution.alias("institution_id")).len("rows").sort("institution_id")
        return counts.select(
            source=pl.lit(reading.source),
            happened_on=pl.lit(known_on),
            known_on=pl.lit(known_on),
            institution_id="institution_id",
            rows=pl.col("rows").cast(pl.Int64),
        )

    def _institution_of_campus(self) -> pl.Expr:
        """The school of a site, as the last export of everyone had it."""
        sites = self.state.select("campus_id", "institution_id").drop_nulls().unique("campus_id", keep="first")
        own = self.institutions["institution_id"]
        known = pl.when(pl.col("campus_id").is_in(own.implode())).then("campus_id")
        if sites.is_empty():
            return known
        by_site = pl.col("campus_id").replace_strict(sites["campus_id"], sites["institution_id"], default=None)
        return pl.coalesce(by_site, known)


def _entry(digest: str, reading: Reading, known_on: date) -> Entry:
    bad = reading.refusals.height
    return Entry(digest, reading.source, known_on, reading.file, reading.rows_in, reading.rows_in - bad, bad)


def _scan(archive: Path, table: str, parts: Iterable[str]) -> pl.LazyFrame:
    scans = [pl.scan_parquet(archive / part) for part in parts if part.startswith(f"{table}/")]
    return pl.concat(scans, how="diagonal_relaxed")


def _as_in(rows: pl.DataFrame, name: str, old: pl.Schema) -> pl.Expr:
    """A column of the archive in the type of the new rows; one the archive never had is empty there."""
    dtype = rows.schema[name]
    return pl.col(name).cast(dtype, strict=False) if name in old else pl.lit(None, dtype).alias(name)


def _too_old(reading: Reading, newest: date) -> Reading:
    found = f"el corte es más antiguo que el último leído ({newest:%d/%m/%Y})"
    accepted = "cortes en orden de fecha"
    advice = "Empiece un archivo nuevo si quiere leer la historia."
    problem = Problem(reading.file, None, None, "corte-antiguo", found, accepted, advice, times=reading.rows_in)
    rows = reading.rows.select(
        ROW, column=pl.lit(None, pl.String), rule=pl.lit("corte-antiguo"), message=pl.lit(problem.sentence())
    )
    refusals = pl.concat([reading.refusals, rows.cast(REFUSAL)]).sort(ROW)  # type: ignore[arg-type]
    return replace(reading, rows=reading.rows.clear(), refusals=refusals, problems=(*reading.problems, problem))


def _not_believed(file: str, rule: str, found: str, institution: str | None) -> Problem:
    advice = "No se registró ninguna ausencia por ello; revise si el archivo está completo."
    return Problem(file, None, None, rule, found, "un corte completo", advice, "warning", institution)


def digest_of(content: Content) -> str:
    return hashlib.sha256(content.identity).hexdigest()


def is_usable(reading: Reading) -> bool:
    """Whether anything was understood of a file; a known kind without good rows still counts as seen."""
    return reading.source != UNKNOWN and reading.rows.width > 0
