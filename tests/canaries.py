"""Names that no child has, put in the register: whatever repeats one where no name belongs has sung."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import polars as pl
import pytest

from serving.request_log import OneLine

FIRST, LAST = "Zulmarindo", "Quetzalbird"
DRAWN = r"rosa mina|juana apellido\d|\b1100000\d{3}\b|\b3120000\d{3}\b"
"""The children of `drawn_lists.draw_roster`, which most tests of the service put in the register."""
CANARY = re.compile(f"{FIRST}|{LAST}|3199{'9' * 6}|99887766|{DRAWN}", re.IGNORECASE)
WITH_NAMES = 3
"""The first so many of the register."""


def planted(roster: pl.DataFrame) -> pl.DataFrame:
    """The register with canaries in every column that is about who a child is."""
    first = pl.int_range(pl.len()) < WITH_NAMES
    told = {"first_name": FIRST.upper(), "first_surname": LAST.upper(), "phone": "3199999999"}
    return roster.with_columns(
        pl.when(first).then(pl.lit(word)).otherwise(pl.col(name)).alias(name) for name, word in told.items()
    ).with_columns(
        pl.when(first)
        .then(pl.format("99887766{}", pl.int_range(pl.len())))
        .otherwise("document_number")
        .alias("document_number")
    )


@pytest.fixture(scope="session", autouse=True)
def every_log() -> Iterator[list[str]]:
    """All that is logged in this session, as it would be written and as the program said it; none of it may sing."""
    kept = Kept()
    logging.getLogger().addHandler(kept)
    yield kept.lines
    logging.getLogger().removeHandler(kept)
    assert not [line for line in kept.lines if CANARY.search(line)], "a log line repeats the name of a child"


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(OneLine())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception:
            return self.handleError(record)  # a record that cannot be written is not ours to judge
        if CANARY.search(line):  # the others are not worth their memory
            self.lines.append(line)
        return None
