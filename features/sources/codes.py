"""The official codes and labels and what each means; the tables are the small CSV files beside this one."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


class Codes:
    """The code tables as one secretariat reads them: the official ones, and what its profile says otherwise."""

    def __init__(self, own: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._own = {name: {plain(text): value for text, value in said.items()} for name, said in (own or {}).items()}
        self._tables: dict[str, dict[str, str]] = {}

    def table(self, name: str) -> dict[str, str]:
        """The table of one column: what a file may say → what we write."""
        if name not in self._tables:
            self._tables[name] = {**official(name), **self._own.get(name, {})}
        return self._tables[name]

    def meaning(self, name: str, text: str) -> str | None:
        """What a code or label means, or None when the table does not hold it."""
        table = self.table(name)
        said = plain(text)
        if said in table or ":" not in text:
            return table.get(said)
        code, _, description = text.partition(":")
        return table.get(plain(code)) or table.get(plain(description))


@cache
def official(name: str) -> dict[str, str]:
    text = (files("features.sources") / "codes" / f"{name}.csv").read_text("utf-8")
    return {plain(row["text"]): row["value"] for row in csv.DictReader(text.splitlines())}


def table_names() -> tuple[str, ...]:
    """The code tables there are."""
    folder = files("features.sources") / "codes"
    return tuple(sorted(file.name.removesuffix(".csv") for file in folder.iterdir() if file.name.endswith(".csv")))


@cache
def plain(text: str) -> str:
    """A label without accents, signs, case or doubled spaces; a code without its leading zeros."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    words = " ".join(re.findall(r"[A-Z0-9]+", bare))
    return words.lstrip("0") or "0" if words.isdigit() else words


OFFICIAL = Codes()
code_table = OFFICIAL.table
meaning = OFFICIAL.meaning
