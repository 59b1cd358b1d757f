"""The official codes and labels and what each means; the tables are the small CSV files beside this one."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files


@cache
def code_table(name: str) -> dict[str, str]:
    """The table of one column: what a file may say → what we write."""
    text = (files("features.sources") / "codes" / f"{name}.csv").read_text("utf-8")
    return {plain(row["text"]): row["value"] for row in csv.DictReader(text.splitlines())}


@cache
def plain(text: str) -> str:
    """A label without accents, signs, case or doubled spaces; a code without its leading zeros."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    words = " ".join(re.findall(r"[A-Z0-9]+", bare))
    return words.lstrip("0") or "0" if words.isdigit() else words


def meaning(name: str, text: str) -> str | None:
    """What a code or label means, or None when the table does not hold it."""
    table = code_table(name)
    said = plain(text)
    if said in table or ":" not in text:
        return table.get(said)
    code, _, description = text.partition(":")
    return table.get(plain(code)) or table.get(plain(description))
