"""How long the Monday of a whole ministry takes: the same week read, scored and published in one home after the other.

`python -m experiments.benchmarks.many_secretariats HOME WEEK 2024-10-20 --times 50`

HOME: a home whose model is in use and whose last list was published; WEEK: the export that it has not read yet. Every
secretariat is a partition of its own, with its own archive, roster and database: none reads another's. Here each is a
copy of the one home, so that what is measured is time, memory and size, not how cities differ.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from experiments.benchmarks.monday import MEBIBYTE, Timed, machine, timed


@dataclass(frozen=True)
class Published:
    """What one Monday left in one home: the list's own digest, and the rows of everyone and of the list."""

    content_hash: str
    scores: int
    listed: int


def copied(home: Path, folder: Path) -> Path:
    """Files of the archive never change and are linked; whatever is written to is a copy."""
    to = folder / "home"
    shutil.copytree(home, to, symlinks=True, ignore=shutil.ignore_patterns("archive"))
    shutil.copytree(home / "archive", to / "archive", copy_function=os.link)
    return to


def monday(folder: Path, week: Path, day: str) -> list[Timed]:
    """The two commands of a Monday."""
    read = timed(["ingest", str(week), "--json"], folder)
    return [read] if read.exit_code else [read, timed(["run-week", "--day", day], folder)]


def left_in(home: Path, day: str) -> Published:
    asked = "select id, content_hash from publications where day = ?"
    with closing(sqlite3.connect(home / "permanencia.sqlite")) as database:
        (number, content_hash), *others = database.execute(asked, [day]).fetchall()
        if others:
            raise SystemExit(f"{len(others) + 1} publications of one day where one was to be")
        scores = database.execute("select count(*) from scores where publication_id = ?", [number]).fetchone()[0]
        listed = database.execute("select count(*) from listed where publication_id = ?", [number]).fetchone()[0]
        return Published(content_hash, scores, listed)


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("home", type=Path)
    asked.add_argument("week", type=Path)
    asked.add_argument("day", help="the Sunday of the list, AAAA-MM-DD")
    asked.add_argument("--times", type=int, default=50)
    given = asked.parse_args(arguments)

    print(f"{given.times} homes, {machine()}.", flush=True)
    wall, processor, peak, rows, listed, hashes = 0.0, 0.0, 0, 0, 0, set[str]()
    for number in range(1, given.times + 1):
        with tempfile.TemporaryDirectory(dir=given.home.parent) as scratch:
            home = copied(given.home, Path(scratch))
            steps = monday(Path(scratch), given.week, given.day)
            if steps[-1].exit_code:
                return steps[-1].exit_code
            found = left_in(home, given.day)
        wall, processor = wall + sum(s.seconds for s in steps), processor + sum(s.cpu_seconds for s in steps)
        peak, rows, listed = max(peak, *(s.peak_bytes for s in steps)), rows + found.scores, listed + found.listed
        hashes.add(found.content_hash)
        told = " + ".join(f"{one.seconds:.1f}" for one in steps)
        print(f"{number}: {told} s, load {os.getloadavg()[0]:.1f}; {rows:,} scored, {listed:,} listed", flush=True)
    print(f"\n{rows:,} scored, explained and published, {listed:,} rows of lists, {len(hashes)} content hash(es).")
    print(f"{wall / 60:.1f} min in a row, {processor / 60:.1f} of processor, {peak / MEBIBYTE:.0f} MiB at most.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
