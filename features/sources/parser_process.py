"""Hands a workbook to a process of its own, which may not take more than its memory and its time."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SECONDS = 60.0
MEMORY = 512 * 1024 * 1024
LARGEST_ANSWER = 256 * 1024 * 1024
_PROGRAM = Path(__file__).with_name("workbook_text.py")
_ENVIRONMENT = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8", "RUST_BACKTRACE": "0"}


@dataclass(frozen=True)
class Page:
    """One sheet as text: fields apart by ;, one line for each of its rows."""

    visible: bool
    text: bytes


class ParserGaveUpError(Exception):
    """The parser needed more memory or time than it may have."""


class ParserProcess:
    """One child that reads workbook after workbook; it starts with the first and dies with us.

    A workbook that kills the child is tried once more in a fresh one: the fault may be of those before it.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY, program: Path = _PROGRAM) -> None:
        self._program = program
        self._seconds = seconds
        self._memory = memory
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, workbook: bytes) -> list[Page]:
        """The sheets in their order; ValueError for a workbook that cannot be read."""
        with self._lock:
            used, began = self._child is not None, time.monotonic()
            answer = self._asked(workbook)
            if answer is None and used and time.monotonic() - began < self._seconds:
                answer = self._asked(workbook)
        if answer is None:
            raise ParserGaveUpError
        return answer

    def close(self) -> None:
        """Ends the child, if there is one."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.communicate()

    def _asked(self, workbook: bytes) -> list[Page] | None:
        """What the child answers, or None if it died over it."""
        child = self._child = self._child or self._started()
        late = threading.Timer(self._seconds, child.kill)
        late.start()
        try:
            return _exchange(child, workbook)
        except (OSError, EOFError):
            self.close()
            return None
        finally:
            late.cancel()

    def _started(self) -> subprocess.Popen[bytes]:
        """NOTE: it gets none of our environment, in which there may be secrets."""
        command = [sys.executable, "-I", str(self._program), str(self._memory), str(int(self._seconds) + 1)]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, env=_ENVIRONMENT)  # noqa: S603


def _exchange(child: subprocess.Popen[bytes], workbook: bytes) -> list[Page]:
    if child.stdin is None or child.stdout is None:
        raise EOFError
    child.stdin.write(len(workbook).to_bytes(8, "big"))
    child.stdin.write(workbook)
    child.stdin.flush()
    answer = _told(_exactly(child.stdout, int.from_bytes(_exactly(child.stdout, 8), "big")))
    if answer is None:
        raise ValueError("not a workbook that can be read")
    return [Page(visible, _exactly(child.stdout, size)) for visible, size in answer]


def _told(line: bytes) -> list[tuple[bool, int]] | None:
    """NOTE: a child that says anything else is out of step, and is not to be trusted with the next workbook."""
    try:
        told = json.loads(line)
        return None if told is None else [(bool(visible), int(size)) for visible, size in told]
    except (ValueError, TypeError):
        raise EOFError from None


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    if size > LARGEST_ANSWER:
        raise EOFError
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


PARSER = ParserProcess()
atexit.register(PARSER.close)
PARQUET_TRIAL = ParserProcess(memory=8 * MEMORY, program=Path(__file__).with_name("parquet_trial.py"))
"""Reads a Parquet before we do: some damage makes the reader end the whole process, and then it is this one's."""
atexit.register(PARQUET_TRIAL.close)
