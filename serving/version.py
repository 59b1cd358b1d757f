"""Which version of the program this is."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


@cache
def version() -> str:
    """Read once: what is installed is found among all that is, and a process never changes its own."""
    try:
        return installed("permanencia")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "sin instalar"
