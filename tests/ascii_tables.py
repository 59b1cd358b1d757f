"""Tables drawn in a test, read as frames: what a person can check at a glance."""

from datetime import date

import polars as pl

from features.schema import TABLES


def drawn(table: str, text: str) -> pl.DataFrame:
    """The rows of one of our tables, drawn with ``|`` between cells; an empty cell is unknown.

    ``seen`` may stand for both ``happened_on`` and ``known_on``. Days of 2024 may be written as ``03-08``.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    header, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    cells = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    if "seen" in cells:
        seen = cells.pop("seen")
        cells |= {"happened_on": seen, "known_on": seen}
    return pl.DataFrame({name: _column(table, name, values) for name, values in cells.items()})


def answers(text: str) -> list[tuple[str, ...]]:
    """A drawn table of expected answers, header left out."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[1:]]


def day(text: str) -> date:
    """``03-08`` is 8 March 2024, the tests' year."""
    return date.fromisoformat(text if len(text) > 5 else f"2024-{text}")


def _column(table: str, name: str, values: list[str]) -> pl.Series:
    own = name.startswith("x_")
    dtype = pl.String() if own else TABLES[table][name].dtype
    read = [None if value == "" else _cell(value, dtype) for value in values]
    return pl.Series(name, read, dtype)


def _cell(value: str, dtype: pl.DataType) -> object:
    if dtype == pl.Date:
        return day(value)
    if dtype == pl.Boolean:
        return value == "yes"
    return value if dtype == pl.String else float(value) if dtype == pl.Float64 else int(value)
