"""What the run of every question does alike: it finds the public data, prints what it found, and writes it down."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from experiments.written import write_answer

BESIDE = Path(__file__).parents[2] / "shared" / "data"


class DataMissing(FileNotFoundError):  # noqa: N818 - says what is wrong
    """The data of a question are not on this machine."""


def data_folder(name: str, file: str, said: str) -> Path:
    """The folder `name` of the public data, if `file` is in it; `said` is what people call these data."""
    folder = Path(os.environ.get("PERMANENCIA_DATA", BESIDE)) / name
    if not (folder / file).is_file():
        raise DataMissing(f"{said} is not here: set PERMANENCIA_DATA to the folder that holds {name}.")
    return folder


def run(question: str | None, answer: Path, find: Callable[[], Mapping[str, str]]) -> None:
    """Prints what `find` tells, and with --write puts each part between its marks in the answer."""
    parser = argparse.ArgumentParser(description=question)
    parser.add_argument("--write", action="store_true", help="write the tables into answer.md")
    asked = parser.parse_args()
    started = time.perf_counter()
    try:
        told = dict(find())
    except DataMissing as missing:
        raise SystemExit(str(missing)) from None
    print("\n\n".join(told.values()), f"{time.perf_counter() - started:.0f} s", sep="\n\n")
    if asked.write:
        write_answer(answer, told)
