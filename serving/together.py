"""Writes what many readers leave at one moment in one go, and lets none of them pass before it is on the disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


@dataclass
class _Left(Generic[Thing]):
    thing: Thing
    written: bool = False


class Together(Generic[Thing]):
    """Who comes while another writes waits for their turn; the first whose turn it is writes what all have left.

    Nobody waits for company: who is alone writes alone. `write` takes all of it or nothing.
    """

    def __init__(self, write: Callable[[Sequence[Thing]], None]) -> None:
        self._write = write
        self._left: list[_Left[Thing]] = []
        self._door = Lock()
        self._turn = Lock()

    def add(self, thing: Thing) -> None:
        """Returns once the thing is written; an error of the writing is raised to whoever left it."""
        mine = _Left(thing)
        with self._door:
            self._left.append(mine)
        with self._turn:
            if not mine.written:
                self._write_for_all(mine)

    def _write_for_all(self, mine: _Left[Thing]) -> None:
        with self._door:
            taken, self._left = self._left, []
        others = [left for left in taken if left is not mine]
        try:
            self._write([left.thing for left in (*others, mine)])
        except Exception:
            with self._door:
                self._left = [*others, *self._left]  # each in its own turn: what is wrong with one is not told to all
            self._write([mine.thing])
            others = []
        for left in (*others, mine):
            left.written = True
