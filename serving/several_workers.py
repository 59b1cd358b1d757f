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
