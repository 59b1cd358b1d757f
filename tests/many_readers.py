"""A hundred people who read while lists are published: each answer is checked against the list it says it is of."""

from __future__ import annotations

import asyncio
import csv
import io
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from drawn_lists import BY, FIRST_SUNDAY, SECOND_SUNDAY, bearer, draw_list, draw_scores

from serving.changes import LastList
from serving.database import Database
from serving.people import Person, Role, add_person, issue_token
from serving.publishing import last_list_before, publish
from serving.risk_lists import RiskList

LIST, FILE = "/api/v1/risk-lists/latest", "/api/v1/risk-lists/latest/file?format=csv"
SIZE = 50


def drawn_lists(database: Database, number: int, students: int, capacity: int) -> list[RiskList]:
    """So many lists of one Sunday, each with other scores and after the same list of the week before."""
    publish(database, draw_list(FIRST_SUNDAY, students, capacity), BY)
    last = last_list_before(database, SECOND_SUNDAY)
    return [drawn(seed, students, capacity, last) for seed in range(number)]


def drawn(seed: int, students: int, capacity: int, last: LastList | None) -> RiskList:
    scores = draw_scores(SECOND_SUNDAY, students, seed=seed)
    return draw_list(SECOND_SUNDAY, students, capacity, last, scores=scores)


@dataclass
class Truth:
    """What each list tells, by its id."""

    lists: dict[str, RiskList]
    rows: dict[str, list[str]] = field(init=False)
    raw: dict[str, dict[str, float]] = field(init=False)

    def __post_init__(self) -> None:
        told = self.lists.items()
        self.rows = {id: [line.student_id for line in one.lines if line.on_city_list] for id, one in told}
        self.raw = {id: dict(one.scores.select("student_id", "raw_score").iter_rows()) for id, one in told}


@dataclass
class Readers:
    """`seen`: how often each list was read whole; `asked`: answers by kind; `wrong`: what should not have been."""

    address: str
    tokens: Sequence[str]
    truth: Truth
    done: threading.Event = field(default_factory=threading.Event)
    seen: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    sizes: int = 0

    async def all(self) -> None:
        await asyncio.gather(*(self.one(seed) for seed in range(len(self.tokens))))

    async def one(self, seed: int) -> None:
        draw, over = random.Random(seed), False
        async with httpx.AsyncClient(base_url=self.address, headers=bearer(self.tokens[seed]), timeout=120) as client:
            while not over:
                over = self.done.is_set()  # and once more, of the last list
                for look in (self.walk, draw.choice((self.file, self.student, self.again))):
                    await look(client, draw)

    async def get(self, client: httpx.AsyncClient, kind: str, path: str, **headers: str) -> httpx.Response | None:
        self.asked[kind] += 1
        try:
            answer = await client.get(path, headers=headers)
        except httpx.HTTPError as error:
            self.wrong.append(f"{kind}: {type(error).__name__}")
            return None
        if answer.status_code not in (200, 304):
            self.wrong.append(f"{kind}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer

    async def walk(self, client: httpx.AsyncClient, _draw: random.Random) -> None:
        """From the first page to the last: all of one list, and all of it."""
        ids, rows, cursor = set(), [], ""
        while cursor is not None:
            answer = await self.get(client, "page", f"{LIST}?limit={SIZE}" + (f"&cursor={cursor}" if cursor else ""))
            if answer is None:
                return
            body = answer.json()
            ids.add(body["publication"]["id"])
            rows += [row["student_id"] for row in body["rows"]]
            cursor = body["next_cursor"]
        self.expect(len(ids) == 1 and rows == self.truth.rows[min(ids)], "a walk of two lists")
        self.seen[min(ids)] += 1

    async def file(self, client: httpx.AsyncClient, _draw: random.Random) -> None:
        if answer := await self.get(client, "file", FILE):
            rows = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";")
            students = [
                cell for row in rows for cell in row if len(cell) == 16 and set(cell) <= set("0123456789abcdef")
            ]
            found = [id for id, expected in self.truth.rows.items() if expected == students[: len(expected)]]
            self.expect(len(found) == 1, "a file of two lists")

    async def student(self, client: httpx.AsyncClient, draw: random.Random) -> None:
        number = draw.randint(1, self.sizes)
        if answer := await self.get(client, "student", f"/api/v1/students/{number:016x}"):
            body = answer.json()
            raw = self.truth.raw[body["publication"]][body["student_id"]]
            same = abs(body["raw_score"] - raw) < 1e-6 and (
                not body["row"] or body["row"]["raw_score"] == body["raw_score"]
            )
            self.expect(same, "a student of two lists")

    async def again(self, client: httpx.AsyncClient, _draw: random.Random) -> None:
        """Who holds a list asks whether it is still the one: 304 only while it is."""
        first = await self.get(client, "list", LIST)
        if first and (second := await self.get(client, "again", LIST, **{"If-None-Match": first.headers["etag"]})):
            kept = second.status_code == 304
            self.expect(
                second.headers["etag"] == first.headers["etag"] if kept else second.json() != first.json(), "ETag"
            )

    def await_answers(self, number: int) -> None:
        """So that every list is in force for a while, however fast it was written."""
        while self.asked.total() < number and not self.wrong:
            time.sleep(0.01)

    def expect(self, so: bool, otherwise: str) -> None:
        if not so:
            self.wrong.append(otherwise)


def token_of(database: Database, name: str) -> str:
    """Each reader is a person of their own: how much one may ask for is limited."""
    add_person(database, Person(name, Role.COVERAGE), BY)
    return issue_token(database, name, BY)


def read_while_publishing(
    address: str, database: Database, lists: Sequence[RiskList], readers: int, students: int
) -> Readers:
    """Publishes the lists one after another under so many readers, who begin on the first of them."""
    first, *others = lists
    publish(database, first, BY)
    tokens = [token_of(database, f"lectora{number}") for number in range(readers)]
    looking = Readers(address, tokens, Truth({one.id: one for one in lists}), sizes=students)

    def publish_others() -> None:
        try:
            for number, one in enumerate(others, 1):
                looking.await_answers(number * readers)
                publish(database, one, BY)
        finally:
            looking.done.set()

    publisher = threading.Thread(target=publish_others)
    publisher.start()
    asyncio.run(looking.all())
    publisher.join()
    return looking
