"""What the web server is told: to log without addresses, and where several workers add up their figures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from serving.metrics import SHARED
from serving.request_log import LOGGING

QUIETLY: dict[str, Any] = {"log_config": LOGGING, "access_log": False, "server_header": False}
"""The server's own line for each call would tell the address that was sent: it may hold a pseudonym."""

PATIENTLY: dict[str, Any] = {
    "timeout_worker_healthcheck": 60,
    "timeout_keep_alive": 75,
    "timeout_graceful_shutdown": 30,
}
"""Seconds. A worker that is busy for longer than the first is ended and replaced, and whoever it was answering gets
nothing: on a machine that also runs Monday's list, the server's own five are too few. An idle connection is kept for
longer than browsers, programs and proxies keep theirs, or they ask on one that is just being closed, and get nothing
either. A worker that is asked to stop has the last to finish what it is answering."""


@contextmanager
def shared_figures(workers: int) -> Iterator[None]:
    """A folder for the figures of all workers, unless the environment already names one."""
    if workers == 1 or SHARED in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="permanencia-figures-") as folder:
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            del os.environ[SHARED]
