"""Publishes twenty lists under a hundred readers, and counts errors and answers that mix two lists.

`python experiments/benchmarks/readers_during_publication.py [--database postgresql] [--readers 100] [--lists 20]`

A real server of two workers; every reader walks the list by its cursors, and looks at a student, a file, or whether the
list it holds is still in force (tests/many_readers.py). What each list tells is known, so every answer is compared.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests"), str(Path(__file__).parent)]

from drawn_lists import MONDAY_MORNING  # noqa: E402
from fuzzed_calls import address  # noqa: E402
from many_readers import drawn_lists, read_while_publishing  # noqa: E402
from request_rates import free_port  # noqa: E402

from serving.database import Database  # noqa: E402
from serving.settings import Settings  # noqa: E402

PATIENCE = 300.0  # seconds, on a machine that does other things


@contextmanager
def served(port: int, folder: Path, told: Mapping[str, str]) -> Iterator[None]:
    """As an operator starts it; what it logged besides the calls is shown at the end."""
    log = folder / "log"
    command = [sys.executable, "-m", "serving.cli", "serve", "--workers", "2", "--port", str(port)]
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **told}, stdout=written, stderr=written)
    try:
        await_life(f"http://127.0.0.1:{port}/livez", PATIENCE)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        print("".join(line for line in log.read_text().splitlines(True) if '"event": "request"' not in line)[-3000:])


def await_life(address: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urlopen(address, timeout=10).close()  # noqa: S310 - our own
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def main(database: str, readers: int, lists: int, students: int, capacity: int) -> None:
    with tempfile.TemporaryDirectory() as folder, address(database) as url:
        settings = Settings(home=Path(folder) / "h", environment="demo", database_url=url)
        here = Database.open(settings.database_url, settings.keys())
        drawn = drawn_lists(here, lists, students, capacity)
        told = {
            "PERMANENCIA_HOME": str(settings.home),
            "PERMANENCIA_TODAY": MONDAY_MORNING.date().isoformat(),
            "PERMANENCIA_REQUESTS_PER_PERSON": "0",
            "PYTHONPATH": os.pathsep.join([str(HOUSE)]),
            **({"PERMANENCIA_DATABASE_URL": url} if url else {}),
        }
        with served(port := free_port(), Path(folder), told):
            began = time.monotonic()
            found = read_while_publishing(f"http://127.0.0.1:{port}", here, drawn, readers, students)
        here.engine.dispose()
    took = time.monotonic() - began
    print(f"{database}: {lists} publications under {readers} readers in {took:.0f} s; answers: {dict(found.asked)}")
    print(
        f"lists read whole: {sum(found.seen.values())}, of {len(found.seen)} publications; errors: {len(found.wrong)}"
    )
    for one in found.wrong[:20]:
        print("  ", one)
    sys.exit(bool(found.wrong))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--readers", type=int, default=100)
    parser.add_argument("--lists", type=int, default=20)
    parser.add_argument("--students", type=int, default=600)
    parser.add_argument("--capacity", type=int, default=160)
    main(**vars(parser.parse_args()))
