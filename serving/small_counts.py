"""Counts of so few children that one of them might be known by it: not told to roles that see no names."""

from __future__ import annotations

SMALLEST = 10
"""A count of fewer children than this is not told."""
WITHHELD = "reservado"


def is_small(count: int) -> bool:
    return 0 < count < SMALLEST


def said_count(count: int, every: bool) -> str:
    """`every`: whether this reader may be told of few children too."""
    return WITHHELD if is_small(count) and not every else f"{count:,}".replace(",", ".")
