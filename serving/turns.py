"""Answers all who ask for a list at one moment in one go: what each is told, and the line that says so, together."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from serving.database import Database, Entry
from serving.unchanged import watch_of

Thing = TypeVar("Thing")
MOST_PEOPLE, MOST_ANSWERS = 2_000, 100  # an answer may have some hundred thousand bytes
MOST_ROUNDS = 3  # of the loop, in each of which somebody came


@dataclass(frozen=True)
class Outcome:
    """What one is told, or why not; and its line in the audit, where there is something to tell of."""

    told: Any
    entry: Entry | None = None


class Shelf(Generic[Thing]):
    """What was found once; emptied rather than let grow without end."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Any, Thing] = {}

    def get(self, key: Any, find: Callable[[], Thing]) -> Thing:
        """A failure to find is not kept."""
        if key not in self._kept:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[key] = find()
        return self._kept[key]

    def find(self, key: Any) -> Thing | None:
        return self._kept.get(key)

    def clear(self) -> None:
        self._kept.clear()


class Memory:
    """What was read, until anybody writes: then nothing of it may still be believed."""

    def __init__(self) -> None:
        self.people: Shelf[Any] = Shelf(MOST_PEOPLE)
        self.answers: Shelf[Any] = Shelf(MOST_ANSWERS)

    def clear(self) -> None:
        self.people.clear()
        self.answers.clear()


Question = Callable[[Connection, Memory], Outcome]


@dataclass
class _Asked:
    question: Question
    loop: AbstractEventLoop
    answer: Future[Any]
    outcome: Outcome | None = None


class Turns:
    """While one transaction ends, the next ones gather: lines of the audit are written by one at a time.

    What was read holds until anybody writes (see `serving.unchanged`): a token taken back is refused at the very next
    call.
    """

    def __init__(self, database: Database) -> None:
        self._watch = watch_of(database)
        self._memory = Memory()
        self._left: list[_Asked] = []
        self._door = Lock()
        self._thread = ThreadPoolExecutor(1, "answers")

    async def answer(self, question: Question) -> Any:
        """What the question comes to, once its line is in the database; what went wrong is raised."""
        loop = asyncio.get_running_loop()
        asked = _Asked(question, loop, loop.create_future())
        with self._door:
            self._left.append(asked)
            first = len(self._left) == 1
        if first:
            loop.call_soon(self._begin, loop, 1)
        return await asked.answer

    def _begin(self, loop: AbstractEventLoop, before: int, rounds: int = MOST_ROUNDS) -> None:
        """After all who come in the same rounds of the loop; who is alone waits for none."""
        now = len(self._left)
        if now > before and rounds:
            loop.call_soon(self._begin, loop, now, rounds - 1)
        else:
            self._thread.submit(self._answer_all)

    def _answer_all(self) -> None:
        with self._door:
            taken, self._left = self._left, []
        try:
            self._in_one_transaction(taken)
        except Exception as error:
            for asked in taken:
                asked.outcome = Outcome(error)
            self._memory.clear()
            self._watch.leave()
        for loop in {asked.loop for asked in taken}:
            _hand_over(loop, [asked for asked in taken if asked.loop is loop])

    def _in_one_transaction(self, taken: Iterable[_Asked]) -> None:
        with self._watch.turn() as turn:
            if turn.news:
                self._memory.clear()
            for asked in taken:
                asked.outcome = asked.question(turn.connection, self._memory)
            self._watch.note(turn, [one.outcome.entry for one in taken if one.outcome and one.outcome.entry])


def _hand_over(loop: AbstractEventLoop, answered: list[_Asked]) -> None:
    try:
        loop.call_soon_threadsafe(_tell, answered)
    except RuntimeError:  # the loop has ended, and nobody waits any more
        return


def _tell(answered: Iterable[_Asked]) -> None:
    for asked in answered:
        told = asked.outcome.told if asked.outcome else None
        if asked.answer.done():  # who asked has gone
            continue
        if isinstance(told, Exception):
            asked.answer.set_exception(told)
        else:
            asked.answer.set_result(told)
