"""Three hundred people open the service on a Monday morning: how long each kind of page takes, and what goes wrong.

`python experiments/benchmarks/monday_morning.py [--people 300] [--students 160000] [--thinks 10] [--seconds 60]
[--postgres --workers 2]`

Each person is signed in, opens one thing after another as people do, and thinks in between. Everything is on one
machine: the database, the workers, and who asks them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import quantiles

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests")]  # this folder has a features.py of its own

import drawn_lists  # noqa: E402
from drawn_lists import BY, MONDAY_MORNING, SECOND_SUNDAY, draw_list, draw_scores  # noqa: E402

from experiments.benchmarks.request_rates import free_port, serving  # noqa: E402
from serving import account_sessions  # noqa: E402
from serving.account_sessions import Stage  # noqa: E402
from serving.database import Database  # noqa: E402
from serving.people import Person, Role, add_person, issue_token, reach_of  # noqa: E402
from serving.publishing import publish  # noqa: E402
from serving.risk_lists import School  # noqa: E402
from serving.settings import BOGOTA, Settings  # noqa: E402

WEIGHTS = {"week": 30, "week, page 2": 10, "student": 25, "school": 8, "API list": 15, "contact": 8, "CSV": 4}
"""How often each thing is done, of a hundred."""


@dataclass
class Reader:
    """Somebody who is signed in, and whom they may look at."""

    person: Person
    token: str
    cookie: str
    students: list[str]
    school: str


@dataclass
class Morning:
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)


def drawn(database: Database, students: int, people: int) -> list[Reader]:
    """A published list of 92 schools and its readers: a fifth of the whole secretariat, the others of one school."""
    schools = {f"17600100{number:04d}": f"IE {number}" for number in range(92)}
    drawn_lists.SCHOOLS.clear()
    drawn_lists.SCHOOLS.update({code: School(code, name, "Comuna 1") for code, name in schools.items()})
    risk_list = draw_list(SECOND_SUNDAY, students, 300, scores=draw_scores(SECOND_SUNDAY, students, tuple(schools)))
    publish(database, risk_list, BY)
    listed = defaultdict(list)
    for line in risk_list.lines:
        listed[line.institution_id].append(line.student_id)
        if line.on_city_list:
            listed[""].append(line.student_id)
    return [reader(database, number, list(schools), listed) for number in range(people)]


def reader(database: Database, number: int, schools: list[str], listed: dict[str, list[str]]) -> Reader:
    whole, school = number % 5 == 0, schools[number % len(schools)]
    person = Person(f"persona{number}", *((Role.COVERAGE,) if whole else (Role.SCHOOL, reach_of([school]))))
    add_person(database, person, BY)
    with database.writing(BY, "sign_in", person.name) as (connection, _):
        key = account_sessions.start(connection, person.name, Stage.COMPLETE, datetime.now(BOGOTA))
    mine = listed["" if whole else school]
    return Reader(person, issue_token(database, person.name, BY), key, mine, school)


def message(kind: str, who: Reader, dice: random.Random) -> bytes:
    student = dice.choice(who.students)
    path = {
        "week": "/lista",
        "week, page 2": "/lista?desde=50",
        "student": f"/estudiantes/{student}",
        "school": f"/instituciones/{who.school}",
        "API list": "/api/v1/risk-lists/latest",
        "contact": "/api/v1/contacts",
        "CSV": "/lista/descargar?formato=csv",
    }[kind]
    api = path.startswith("/api")
    known = f"Authorization: Bearer {who.token}" if api else f"Cookie: permanencia={who.cookie}"
    head = [f"{'POST' if kind == 'contact' else 'GET'} {path} HTTP/1.1", "Host: x", known]
    body = b""
    if kind == "contact":
        body = json.dumps({"student_id": student, "kind": "CALL", "outcome": "NO_ANSWER"}).encode()
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def morning_of(who: Reader, port: int, until: float, thinks: float, into: Morning, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - what people open, no secret
    await asyncio.sleep(dice.uniform(0, thinks))
    while time.perf_counter() < until:
        kind = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        began = time.perf_counter()
        status = await answered(port, message(kind, who, dice))
        into.seconds[kind].append(time.perf_counter() - began)
        if status not in (200, 201):
            into.failures[f"{kind}: {status}"] += 1
        await asyncio.sleep(dice.expovariate(1 / thinks))


async def answered(port: int, sent: bytes) -> int:
    """On a connection of its own: while a person thinks, the server has closed the last one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**23)
    writer.write(sent)
    status = await _read(reader)
    writer.close()
    return status


async def _read(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
    return int(head.split(b" ", 2)[1])


def told(morning: Morning, seconds: float) -> None:
    total = sum(len(one) for one in morning.seconds.values())
    print(
        f"\n{total} answers in {seconds:g} s, {total / seconds:.1f} each second; failures: {dict(morning.failures)}\n"
    )
    print("| what | answers | p50 ms | p99 ms | slowest |\n|---|---|---|---|---|")
    for kind in WEIGHTS:
        took = morning.seconds[kind]
        cut = quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
        print(
            f"| {kind} | {len(took)} | {1e3 * cut[49]:.0f} | {1e3 * cut[98]:.0f} | {1e3 * max(took, default=0):.0f} |"
        )


def memory_of(pid: int) -> str:
    """A process and its workers, in megabytes: resident, and with what they share counted once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return "; ".join(_memory(int(one)) for one in [str(pid), *children])


def _memory(pid: int) -> str:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines[1:]}
    return f"RSS {sizes['Rss']} MB, PSS {sizes['Pss']} MB"


@contextmanager
def database_at(home: Path, postgres: bool) -> Iterator[tuple[str, Database]]:
    if not postgres:
        settings = Settings(home=home, environment="demo")
        yield settings.database_url, Database.open(settings.database_url, settings.keys())
        return
    from postgres_server import KEYS, running

    with running() as server:
        url = server.url(server.fresh())
        yield url, Database.open(url, KEYS)


def main(people: int, students: int, thinks: float, seconds: float, postgres: bool, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder, database_at(Path(folder) / "home", postgres) as (url, database):
        began = time.perf_counter()
        readers = drawn(database, students, people)
        database.engine.dispose()
        print(f"{students} students, {people} people, drawn in {time.perf_counter() - began:.0f} s", flush=True)
        own = {
            "PERMANENCIA_HOME": str(Path(folder) / "home"),
            "PERMANENCIA_TODAY": MONDAY_MORNING.date().isoformat(),
            "PERMANENCIA_DATABASE_URL": url,
            "PERMANENCIA_ENVIRONMENT": "demo",
            "PYTHONPATH": str(HOUSE),
            "WEB_CONCURRENCY": str(workers),
        }
        if postgres:
            own["PERMANENCIA_ROSTER_KEY"] = bytes(range(32)).hex()
        port = free_port()
        with serving("serving.app:create_app", port, Path(folder), **own) as pid:
            print(f"memory at the start: {memory_of(pid)}")
            for name, length in (("warm", min(5.0, seconds)), ("measured", seconds)):
                morning = Morning()
                asyncio.run(everybody(readers, port, length, thinks if name == "measured" else 1.0, morning))
            told(morning, seconds)
            print(f"\nmemory after all this: {memory_of(pid)}; load of the machine {os.getloadavg()[0]:.1f}")
            if morning.failures:
                print((Path(folder) / f"{port}.log").read_text("utf-8")[-2000:])


async def everybody(readers: list[Reader], port: int, length: float, thinks: float, into: Morning) -> None:
    until = time.perf_counter() + length
    await asyncio.gather(*(morning_of(who, port, until, thinks, into, seed) for seed, who in enumerate(readers)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--students", type=int, default=160_000)
    parser.add_argument("--thinks", type=float, default=10, help="seconds between two things, on average")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--postgres", action="store_true", help="a private PostgreSQL, as the tests start it")
    parser.add_argument("--workers", type=int, default=1)
    main(**vars(parser.parse_args()))
