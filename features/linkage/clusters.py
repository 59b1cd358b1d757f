"""Gathers pairs into children: a chain of likenesses never joins two records that are known to be two children."""

from __future__ import annotations

from collections.abc import Iterable

Pair = tuple[str, str]


def gathered(pairs: Iterable[Pair], apart: Iterable[Pair]) -> list[list[str]]:
    """Groups of pseudonyms of one child, from `pairs` in order of trust; no group holds a pair that is `apart`."""
    home: dict[str, int] = {}
    members: dict[int, list[str]] = {}
    enemies = _enemies(apart)
    for left, right in pairs:
        first, second = _home(left, home, members), _home(right, home, members)
        if first != second and not _at_odds(members[first], members[second], enemies):
            members[first] += members.pop(second)
            home.update(dict.fromkeys(members[first], first))
    return sorted(sorted(group) for group in members.values() if len(group) > 1)


def _enemies(apart: Iterable[Pair]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for left, right in apart:
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return found


def _home(student: str, home: dict[str, int], members: dict[int, list[str]]) -> int:
    if student not in home:
        home[student] = len(home)
        members[home[student]] = [student]
    return home[student]


def _at_odds(ours: list[str], theirs: list[str], enemies: dict[str, set[str]]) -> bool:
    return any(not enemies.get(student, set()).isdisjoint(theirs) for student in ours)
