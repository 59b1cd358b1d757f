"""Long work, such as reading a file or making a list, goes on in a process of its own while its page can be left."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from serving.faults import Refused
from serving.settings import Settings

ASKED, SAID = "asked.json", "said.txt"
PROGRAM = "serving.background_job"
BUSY = "Ese trabajo ya está en curso. Espere a que termine."
IDS = 12  # letters of a job's name


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Job:
    """One piece of work: its folder holds what was asked, by whom, and in the end what came of it."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def asked(self) -> dict[str, Any]:
        return _read(self.folder / ASKED) or {}

    @cached_property
    def answer(self) -> dict[str, Any] | None:
        return _read(answer_in(self.folder, self.kind))

    @property
    def kind(self) -> str:
        return str(self.asked.get("kind", ""))

    @property
    def who(self) -> str:
        return str(self.asked.get("who", ""))

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.asked["at"])

    @cached_property
    def state(self) -> State:
        # NOTE: the lock is asked before the answer is read: a job that ends between the two is found done.
        alive = _is_held(_lock_in(self.folder, self.kind))
        if self.answer is not None:
            return State.DONE if self.answer.get("fault") is None else State.FAILED
        return State.RUNNING if alive else State.INTERRUPTED

    @property
    def fault(self) -> str | None:
        """Why it failed, for who can mend it."""
        return (self.answer or {}).get("fault")


def jobs_folder(settings: Settings) -> Path:
    return settings.home / "jobs"


def answer_in(folder: Path, kind: str) -> Path:
    """Each kind of work in a folder has its own answer: one that begins never shows that of the one before."""
    return folder / f"answer.{kind}.json"


def _lock_in(folder: Path, kind: str) -> Path:
    return folder / f"lock.{kind}"


def start(settings: Settings, folder: Path, kind: str, who: str, at: datetime, **told: Any) -> Job:
    """Starts the work. The process holds the folder's lock for as long as it lives, so that its end is never missed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock_in(folder, kind).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(BUSY) from None
        write(folder / ASKED, {"kind": kind, "who": who, "at": at.isoformat(), **told})
        _run(settings, folder, lock.fileno())
    return Job(folder)


def _run(settings: Settings, folder: Path, lock: int) -> None:
    command = [sys.executable, "-m", PROGRAM, str(folder)]
    with os.fdopen(os.open(folder / SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as said:
        child = subprocess.Popen(  # noqa: S603 - our own program, and a folder that we named
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=_environment(settings),
            pass_fds=(lock,),
            start_new_session=True,
        )
    # Somebody has to take note of its end, or it stays in the system's table for as long as the service runs.
    threading.Thread(target=child.wait, daemon=True).start()


def _environment(settings: Settings) -> dict[str, str]:
    own = {
        "PERMANENCIA_HOME": str(settings.home),
        "PERMANENCIA_DATABASE_URL": settings.database_url,
        "PERMANENCIA_ENVIRONMENT": settings.environment,
    }
    return {**os.environ, **own}


def new_job(settings: Settings) -> Path:
    return jobs_folder(settings) / secrets.token_hex(IDS // 2)


def find(settings: Settings, id: str) -> Job | None:
    """Ids are ours: letters and figures of a fixed length, and never a way to another folder."""
    if len(id) != IDS or not all(letter in "0123456789abcdef" for letter in id):
        return None
    job = Job(jobs_folder(settings) / id)
    return job if (job.folder / ASKED).exists() else None


def jobs(settings: Settings, kinds: tuple[str, ...], most: int = 50) -> list[Job]:
    """The newest first."""
    found = [Job(path.parent) for path in jobs_folder(settings).glob(f"*/{ASKED}")]
    return sorted((job for job in found if job.kind in kinds), key=_age, reverse=True)[:most]


def _age(job: Job) -> tuple[datetime, float]:
    """In a demonstration the clock may stand still: of two jobs of one moment the file tells which came later."""
    asked = job.folder / ASKED
    return job.at, asked.stat().st_mtime if asked.exists() else 0


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all, and for its owner alone."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, default=str)
    draft.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return None


def _is_held(lock: Path) -> bool:
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
