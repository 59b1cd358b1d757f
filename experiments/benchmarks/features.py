"""How long the catalogue takes on each engine, beside the same features written by hand and by other tools."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

MEBIBYTE = 2**20
LAST_SUNDAY = date(2024, 9, 15)
ENGINES = ("polars", "duckdb", "pandas", "spark")
OTHERS = ("hand_written", "featuretools", "postgresql")
QUIET = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0", "PYTHONWARNINGS": "ignore"}


@dataclass(frozen=True)
class Timed:
    """One way of working it out, in a process of its own: from its start to the frame in memory."""

    way: str
    days: int
    features: int
    rows: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    note: str = ""

    def row(self, beside: Timed) -> str:
        each, other = self.seconds / self.features, beside.seconds / beside.features
        memory = self.peak_bytes / beside.peak_bytes
        size = f"| {self.way} | {self.days} | {self.features} | {self.rows:,} "
        cost = f"| {self.seconds:.1f} | {self.cpu_seconds:.1f} | {self.peak_bytes / MEBIBYTE:,.0f} "
        return f"{size}{cost}| {self.seconds / beside.seconds:.2f} | {each / other:.2f} | {memory:.2f} |"


def timed(way: str, days: int, archive: Path) -> Timed | str:
    """NOTE: wait4 tells the peak of this one child; getrusage only that of all so far."""
    # This file is called as the package is: without -P its folder would hide it.
    python = os.environ.get("FEATURETOOLS_PYTHON", sys.executable) if way == "featuretools" else sys.executable
    command = [python, "-P", __file__, "--child", way, "--days", str(days), "--archive", str(archive)]
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **QUIET})
    assert child.stdout is not None
    said = child.stdout.read().strip().splitlines()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode or not said:
        return f"{way}, {days} days: {said[-1] if said else f'exit {child.returncode}'}"
    rows, features, inside = said[-1].split()
    inner = float(inside) if float(inside) else seconds
    return Timed(way, days, int(features), int(rows), inner, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def child(way: str, days: int, archive: Path) -> None:
    """Prints rows, features, and the seconds that count (0: all of the process, as for our own engines)."""
    looked_from = [LAST_SUNDAY - timedelta(weeks=week) for week in range(days)]
    if way in ENGINES:
        from features import Records, build_frame

        frame = build_frame(Records.open(archive), looked_from, way)
        print(frame.height, frame.width - 3, 0)
    else:
        sys.path.append(str(Path(__file__).parent))
        import features_elsewhere

        print(*getattr(features_elsewhere, way)(archive, looked_from[0]))


def wanted(arguments: argparse.Namespace) -> Iterator[tuple[str, int]]:
    yield from ((way, 1) for way in arguments.ways)
    yield from (("polars", days) for days in arguments.many_days)


def report(archive: Path, arguments: argparse.Namespace) -> None:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}")
    print(
        "| way | days | features | rows | s | cpu s | peak MiB | time ÷ first | per feature ÷ first | memory ÷ first |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    first: Timed | None = None
    for way, days in wanted(arguments):
        answer = timed(way, days, archive)
        if isinstance(answer, str):
            print(answer, flush=True)
            continue
        first = first or answer
        print(answer.row(first), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="of a city made with `simulate` and `ingest`")
    parser.add_argument("--ways", nargs="*", default=[*ENGINES[:3], "hand_written"], choices=[*ENGINES, *OTHERS])
    parser.add_argument("--many-days", nargs="*", type=int, default=[16])
    parser.add_argument("--child", choices=[*ENGINES, *OTHERS], help=argparse.SUPPRESS)
    parser.add_argument("--days", type=int, default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.days, arguments.archive)
    else:
        report(arguments.archive, arguments)


if __name__ == "__main__":
    main()
