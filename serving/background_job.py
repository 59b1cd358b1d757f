"""The process in which long work is done, one at a time on a machine: `python -m serving.background_job FOLDER`."""

from __future__ import annotations

import fcntl
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from serving import background
from serving.background import Job
from serving.database import By, Database
from serving.faults import Fault, Missing
from serving.settings import Settings, read_settings
from serving.tenancy import job as job_context

BROKEN = "El trabajo se interrumpió por un error del programa. Avise a quien administra el servicio."
GENTLY = 10  # the pages go first


@dataclass(frozen=True)
class Work:
    job: Job
    settings: Settings
    database: Database

    @property
    def by(self) -> By:
        return By(self.job.who, self.job.at, job_context(self.job.who), f"página: {self.job.kind}")

    def say(self, message: str) -> None:
        """How far it is, for the operator who looks into its folder."""
        sys.stderr.write(f"{message}\n")


def trial(work: Work) -> dict[str, Any]:
    from serving.imports import tried

    return tried(work.job.folder, work.settings, work.job.at.date())


def accept(work: Work) -> dict[str, Any]:
    from serving.imports import accepted

    return accepted(work.job.folder, work.settings, work.database, work.by)


def run(work: Work) -> dict[str, Any]:
    from features import Records
    from serving.weekly import run_this_week

    asked, records = work.job.asked, _records(work.settings, Records)
    where = (None, work.database, work.by, work.say, bool(asked["reviewed"]), str(asked["decision"]))
    done = run_this_week(records, work.settings, date.fromisoformat(asked["day"]), *where)
    return {"sentence": done.sentence(), **asdict(done)}


def monitor(work: Work) -> dict[str, Any]:
    from features import Records
    from serving.runs_shown import keep_watched
    from serving.watching import watch

    day = date.fromisoformat(work.job.asked["day"])
    told = watch(_records(work.settings, Records), work.database, work.settings, day, work.say).as_dict()
    keep_watched(told, work.settings)
    return {"alarms": len(told["alarms"])}


def verify(work: Work) -> dict[str, Any]:
    from serving.audit_checkpoint import checked_chain, checkpoints_of

    verdict = checked_chain(work.database, checkpoints_of(work.settings), work.job.at)
    return {"whole": verdict.whole, "lines": verdict.lines, "first_bad": verdict.first_bad, "wrong": verdict.wrong}


WORKS: dict[str, Callable[[Work], dict[str, Any]]] = {
    "trial": trial,
    "accept": accept,
    "run": run,
    "monitor": monitor,
    "verify": verify,
}


def _records(settings: Settings, kind: Any) -> Any:
    if not (settings.archive / "manifest").exists():
        raise Missing("Todavía no se ha leído ningún archivo. Cargue primero los reportes.")
    return kind.open(settings.archive)


def answer_of(folder: Path) -> dict[str, Any]:
    """What came of it. A fault is a sentence; what broke is written for the operator and told to nobody else."""
    try:
        settings = read_settings()
        database = Database.open(settings.database_url, settings.keys())
        try:
            with in_turn(settings.home / "jobs.lock"):
                job = Job(folder)
                return WORKS[job.kind](Work(job, settings, database))
        finally:
            database.engine.dispose()
    except Fault as fault:
        return {"fault": str(fault)}
    except Exception as error:
        # NOTE: the frames without the message: what it quotes may be a cell of a file.
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + "\n")
        return {"fault": BROKEN}


@contextmanager
def in_turn(lock: Path) -> Iterator[None]:
    """Two lists made at once would need twice the memory: the second waits."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(folder: Path) -> None:
    os.nice(GENTLY)
    kind = Job(folder).kind
    background.write(background.answer_in(folder, kind), answer_of(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
