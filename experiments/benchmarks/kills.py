"""Kills the weekly run at random moments of its writing, and looks at what the next reader would find.

`python experiments/benchmarks/kills.py [--times 100] [--database sqlite|postgresql] [--safely] [--students 400]`

Each time: the real command (`permanencia run-week`) in a process of its own on a database with one published week,
ended by SIGKILL some milliseconds after one of the statements that it writes, any of them as likely as the others,
from before the first to a little after the last. Then every list is worked out anew from its rows
(tests/whole_lists.py) and the audit is walked. A run that was killed is followed by the next on the same database,
which is killed as well, until one is done; that one is run again, and then comes a fresh database. The processes are
forked from one that has loaded the program, so that a hundred of them take minutes.
`--safely`: PostgreSQL waits for the disk, as in production; the tests' own server does not.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests"), str(Path(__file__).parent)]

from kill_ground import FIRST, SECOND, VISITS, Ground, ground  # noqa: E402
from sqlalchemy import event  # noqa: E402
from sqlalchemy.engine import Engine  # noqa: E402
from whole_lists import whole_lists  # noqa: E402

import models.explanation  # noqa: E402, F401 - what the run needs is loaded here, before the fork
import serving.weekly  # noqa: E402, F401
from serving.cli import main as permanencia  # noqa: E402

BEGINS = b"Publicando la lista"
WROTE = b"\x01"
LATEST = 0.01  # seconds
BEFORE, DURING, AFTER = "before it wrote", "while it wrote", "after it was done"


@dataclass
class Run:
    """One weekly run in a process of its own; `told`: where it says how far it is."""

    process: int
    told: int

    def until(self, words: bytes, times: int = 1, seen: bytes = b"") -> bytes:
        """What was told until these words were told so often, or until the run ended."""
        while seen.count(words) < times:
            more = os.read(self.told, 4096)
            if not more:
                break
            seen += more
        return seen

    def rest(self) -> bytes:
        with os.fdopen(self.told, "rb") as pipe:
            return pipe.read()

    def ended(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def started(place: Ground, url: str) -> Run:
    here, there = os.pipe()
    if process := os.fork():
        os.close(there)
        return Run(process, here)
    os.dup2(there, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ |= {"PERMANENCIA_HOME": str(place.home), "PERMANENCIA_DATABASE_URL": url}
    tell_what_is_written()
    code = 1
    try:
        permanencia(["run-week", "--day", SECOND.isoformat(), "--capacity", VISITS])
    except SystemExit as ending:
        code = int(ending.code or 0)
    finally:
        os._exit(code)


def tell_what_is_written() -> None:
    """A letter for each statement that changes something: how far the run had come is known after its death."""

    def tell(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            os.write(2, WROTE)

    event.listen(Engine, "before_cursor_execute", tell)


def kill_once(place: Ground, url: str, statement: int, late: float) -> tuple[str, int]:
    """Where the kill fell, and how many statements the run had sent; an error where anything is not whole.

    So many seconds `late` after that statement was sent; none was for 0.
    """
    run = started(place, url)
    said = run.until(WROTE, statement, run.until(BEGINS).partition(BEGINS)[2])
    time.sleep(late)
    os.kill(run.process, signal.SIGKILL)
    written = (said + run.rest()).count(WROTE)
    code = run.ended()
    place.quiet(url)
    found = seen(place, url)
    if code == 0 and SECOND not in found:
        raise AssertionError("the run ended well and its list is not there")
    return (AFTER if SECOND in found else DURING if written else BEFORE), written


def seen(place: Ground, url: str) -> dict[date, str]:
    database = place.database(url)
    try:
        return whole_lists(database)
    finally:
        database.engine.dispose()


def again(place: Ground, url: str, before: dict[date, str]) -> None:
    """The next run ends well, and what was there before is still there."""
    run = started(place, url)
    told = run.until(BEGINS) + run.rest()
    code = run.ended()
    if SECOND not in before:
        place.statements = told.count(WROTE)
    found = seen(place, url)
    assert code == 0, told.decode()
    assert set(found) == {FIRST, SECOND} and before.items() <= found.items()


def main(times: int, database: str, safely: bool, students: int, seed: int) -> None:
    moments = random.Random(seed)  # noqa: S311 - no secret
    fell: Counter[str] = Counter()
    depth: list[int] = []
    with tempfile.TemporaryDirectory() as folder, ground(Path(folder), database, students, safely) as place:
        again(place, place.copied(new(folder, "first")), {})
        url = ""
        for number in range(times):
            url = url or place.copied(new(folder, str(number)))
            where, written = kill_once(place, url, moments.randint(0, place.statements), moments.uniform(0, LATEST))
            fell[where] += 1
            depth += [written] if where == DURING else []
            if where == AFTER or number == times - 1:
                again(place, url, seen(place, url))
                url = ""
            if number % 10 == 9:
                print(f"{number + 1}: {dict(fell)}", flush=True)
    print(f"{times} kills on {database}: " + ", ".join(f"{fell[one]} {one}" for one in (BEFORE, DURING, AFTER)))
    print(f"statements sent before a kill while it wrote: {sorted(depth)}")
    print("0 partial or mixed lists; every audit whole; every run that was let be ended well")


def new(folder: str, name: str) -> Path:
    made_here = Path(folder) / name
    made_here.mkdir()
    return made_here


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--safely", action="store_true")
    parser.add_argument("--students", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    main(**vars(parser.parse_args()))
