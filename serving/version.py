"""Which version of the program this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


def version() -> str:
    try:
        return installed("permanencia")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "sin instalar"
