"""How long each step of a Monday takes, and how much memory, on a made-up city of a given size."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.calendar import next_sunday

PERMANENCIA = Path(sys.executable).with_name("permanencia")
QUIET = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0", "MLFLOW_DISABLE_TELEMETRY": "true"}
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Timed:
    """One command, run as a person runs it: a process of its own, from its start to its end."""

    command: tuple[str, ...]
    exit_code: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    answer: str

    def row(self, folder: Path) -> str:
        told = " ".join(self.command).replace(str(folder), "…")
        failed = "" if self.exit_code == 0 else f" (exit {self.exit_code})"
        times = f"{self.seconds:.1f} s | {self.cpu_seconds:.1f} s"
        return f"| `permanencia {told}`{failed} | {times} | {self.peak_bytes / MEBIBYTE:.0f} MiB |"


def timed(command: Sequence[str], folder: Path) -> Timed:
    """NOTE: wait4 tells the peak of this one child, or of its largest own child; getrusage only that of all so far."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as answer,
        tempfile.TemporaryFile("w+", encoding="utf-8") as messages,
    ):
        began = time.perf_counter()
        environment = {**os.environ, **QUIET, "PERMANENCIA_HOME": str(folder / "home")}
        child = subprocess.Popen([PERMANENCIA, *command], stdout=answer, stderr=messages, env=environment)
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        answer.seek(0)
        if child.returncode:
            messages.seek(0)
            sys.stderr.writelines(messages.readlines()[-5:])
        return Timed(
            tuple(command),
            child.returncode,
            seconds,
            used.ru_utime + used.ru_stime,
            used.ru_maxrss * 1024,
            answer.read(),
        )


def steps(folder: Path, students: int, years: str, seed: int) -> Iterator[Timed]:
    """The steps in their order; each waits for the one before, and the first that fails is the last."""
    exports = folder / "exports"
    yield timed(
        ["simulate", "--out", str(exports), "--students", str(students), "--years", years, "--seed", str(seed)], folder
    )
    day = last_sunday(exports).isoformat()
    yield timed(["ingest", str(exports), "--json"], folder)
    yield timed(["features", "--day", day, "--out", str(folder / "features.parquet")], folder)
    train = timed(["train", "--truth", str(exports / "truth"), "--json"], folder)
    yield train
    yield timed(["promote", str(json.loads(train.answer)["version"])], folder)
    yield timed(["run-week", "--day", day], folder)
    yield timed(["run-week", "--day", day], folder)


def last_sunday(exports: Path) -> date:
    """The Sunday after the last export but one: still in class time, with a whole city on roll."""
    folders = sorted(path.name for path in exports.iterdir() if path.name[0].isdigit())
    return next_sunday(date.fromisoformat(folders[-2]))


def machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in lines_of("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = f"{os.cpu_count()} cores ({model or platform.machine()})"
    return f"{cores}, {memory:.0f} GiB, Python {platform.python_version()}, load at the start {os.getloadavg()[0]:.1f}"


def lines_of(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def archive_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "home" / "archive").rglob("*") if path.is_file())


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--students", type=int, default=20_000)
    asked.add_argument("--years", default="2021:2024")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--keep", type=Path, help="a new folder for the city and its home, instead of a temporary one")
    given = asked.parse_args(arguments)

    print(f"{given.students:,} students, school years {given.years}, seed {given.seed}; {machine()}.\n")
    print("| command | wall time | processor time | peak memory |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        for step in steps(folder, given.students, given.years, given.seed):
            print(step.row(folder), flush=True)
            if step.exit_code:
                return step.exit_code
        print(f"\nThe archive takes {archive_bytes(folder) / MEBIBYTE:.0f} MiB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
