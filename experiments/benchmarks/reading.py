"""How long a whole city's exports take to be read and checked, beside a bare Polars read of the same bytes."""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import xlsxwriter

STUDENTS = 4_000
"""Children that are made up; the others are these under other numbers."""
ALLOWED = 3, 5.0
"""An ingest may take so many times the bare read, and so many seconds more."""
KEY = b"a key for a benchmark only, and for nothing else"
KINDS = ("detallado_alumnos.csv", "inasistencia.csv")


@dataclass(frozen=True)
class Measured:
    what: str
    seconds: float
    processor: float
    peak: int
    counts: str

    def row(self) -> str:
        return f"| {self.what} | {self.seconds:.1f} s | {self.processor:.1f} s | {self.peak} MiB | {self.counts} |"


def made(folder: Path, rows: int) -> list[Path]:
    """Two weeks of exports of so many rows each, with all the damage that the made-up city plants."""
    from features.simulation import simulate

    simulate(folder / "city", STUDENTS, (2024,), 3, weeks_of_last_year=10)
    weeks = sorted(path for path in (folder / "city").iterdir() if path.name[0].isdigit())[-3:-1]
    return [_tiled(week, folder / "exports" / week.name, rows) for week in weeks]


def _tiled(week: Path, out: Path, rows: int) -> Path:
    out.mkdir(parents=True)
    for name in KINDS:
        one = pl.read_csv(week / name, separator=";", infer_schema=False, encoding="latin-1")
        numbers = [column for column in ("PER_ID", "DOC") if column in one.columns]
        copies = -(-rows // one.height)
        tiles = [
            one.with_columns(pl.concat_str(column, pl.lit(f"{copy:03d}")) for column in numbers)
            for copy in range(copies)
        ]
        (out / name).write_bytes(pl.concat(tiles).head(rows).write_csv(separator=";").encode("latin-1"))
    return out


def workbook_of(csv: Path, rows: int) -> Path:
    """The first rows of an export as Excel saves them."""
    table = pl.read_csv(csv, separator=";", infer_schema=False, encoding="latin-1", n_rows=rows)
    path = csv.with_name("libro.xlsx")
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([table.columns, *table.iter_rows()]):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell) if cell else None
    return path


def bare(path: Path) -> str:
    data = path.read_bytes()
    return f"{pl.read_csv(io.BytesIO(data), separator=';', infer_schema=False, encoding='utf8-lossy').height} rows"


def ingested(path: Path, home: Path) -> str:
    from features.archive import Archive
    from features.sources import ingest

    report = ingest(path, Archive(home / "archive"), home / "quarantine", KEY, lambda _: None, date(2025, 12, 31))
    return f"{report.accepted} good, {report.quarantined} set aside"


def opened(path: Path) -> str:
    from features.sources.compression import open_file

    return f"{sum(content.data.count(10) for content in open_file(path, path.name).contents)} lines"


def measured(what: str, act: Callable[..., str], *arguments: Path) -> Measured:
    """In a process of its own, whose libraries are already there."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(_timed, what, act, arguments).result()


def _timed(what: str, act: Callable[..., str], arguments: tuple[Path, ...]) -> Measured:
    import_module("features.sources")
    began, spent = time.perf_counter(), time.process_time()
    counts = act(*arguments)
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)
    seconds, processor = time.perf_counter() - began, time.process_time() - spent
    return Measured(what, seconds, processor, peak, counts)


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=165_000)
    asked.add_argument("--workbook-rows", type=int, default=40_000)
    given = asked.parse_args(arguments)

    print(f"{given.rows:,} rows, {os.cpu_count()} cores, load at the start {os.getloadavg()[0]:.1f}.\n")
    print("| what | wall time | processor time | peak memory | rows |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        first, second = made(folder, given.rows)
        detallado, weeks = (first / name for name in KINDS)
        plain = measured("bare Polars read of the Detallado, as text", bare, detallado)
        whole = measured("ingest of it, checked, into an empty archive", ingested, detallado, folder / "home")
        again = measured("the Detallado a week later", ingested, second / KINDS[0], folder / "home")
        for step in (plain, whole, again):
            print(step.row(), flush=True)
        print(measured("bare Polars read of the attendance", bare, weeks).row())
        print(measured("ingest of the attendance", ingested, weeks, folder / "home").row())
        print(measured("the attendance a week later", ingested, second / KINDS[1], folder / "home").row())
        book = workbook_of(detallado, given.workbook_rows)
        print(measured(f"a workbook of {given.workbook_rows:,} rows to text", opened, book).row())
    times, more = ALLOWED
    bar = times * plain.processor + more  # in processor time, which does not depend on who else is at work
    print(
        f"\nAllowed for the first ingest: {times} × {plain.processor:.1f} s + {more:.0f} s = {bar:.1f} s of processor."
    )
    return 0 if whole.processor <= bar else 1


if __name__ == "__main__":
    sys.exit(main())
