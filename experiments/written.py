"""Keeps the tables of an answer between marks, so that a run can write them and a test can compare them."""

from __future__ import annotations

import re
from pathlib import Path

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def marks(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->", f"<!-- /{name} -->"


def written(answer: Path, name: str) -> str:
    """What the answer says between its marks."""
    begin, end = marks(name)
    return answer.read_text("utf-8").partition(begin)[2].partition(end)[0].strip()


def write_answer(answer: Path, told: dict[str, str]) -> None:
    text = answer.read_text("utf-8")
    for name, part in told.items():
        begin, end = marks(name)
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{part}\n\n{end}{rest.partition(end)[2]}"
    answer.write_text(text, "utf-8")


def row_of(answer: Path, name: str, heading: str, method: str) -> list[float]:
    """The numbers of one row of the table under a heading."""
    section = written(answer, name).partition(heading)[2]
    row = next(one for one in section.splitlines() if one.startswith(f"| {method} |"))
    return [float(number) for number in NUMBER.findall(row.removeprefix(f"| {method} |"))]
