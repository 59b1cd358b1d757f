"""How a test takes up an experiment: its script, and what it answers where its data are there."""

import importlib.util
import sys
from pathlib import Path

import pytest

from experiments.running import DataMissing

ROOM = Path(__file__).parent.parent / "experiments"


def script(folder):
    """Each folder has its own run.py: they are loaded under names of their own, and `run` stays free for 0001's."""
    where = ROOM / folder / "run.py"
    spec = importlib.util.spec_from_file_location(f"run_{folder[:4]}", where)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with pytest.MonkeyPatch.context() as there:
        there.syspath_prepend(where.parent)
        spec.loader.exec_module(module)
    return module


def asked(read, *what):
    try:
        return read(*what)
    except DataMissing as missing:
        pytest.skip(str(missing))
