"""How many readers the service answers: the list and the scores beside an answer of the same size that is nothing else.

`python experiments/benchmarks/request_rates.py [--students 160000] [--model FOLDER] [--seconds 4] [--rounds 3]
[--database postgresql] [--only list]`

Everything in one run on this machine: the server of one worker, its database, and who asks it, on its cores.
The city's list is drawn without a model (tests/drawn_lists.py): what is measured is how a list is answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests")]  # this folder has a features.py of its own

import drawn_lists  # noqa: E402
from drawn_lists import BY, MONDAY_MORNING, PEOPLE, SECOND_SUNDAY, draw_list  # noqa: E402
from postgres_server import address  # noqa: E402
from small_school import given, grown_model  # noqa: E402

from serving import risk_lists  # noqa: E402
from serving.database import Database  # noqa: E402
from serving.people import add_person, issue_token  # noqa: E402
from serving.publishing import publish  # noqa: E402
from serving.settings import Settings  # noqa: E402

LIST = "/api/v1/risk-lists/latest"
BARE = """
from fastapi import FastAPI, Response
import os, pathlib
CONTENT = pathlib.Path(os.environ["CONTENT"]).read_bytes()
app = FastAPI()
@app.get("/")
async def bare() -> Response:
    return Response(CONTENT, media_type="application/json")
"""


@dataclass
class Figures:
    """`seconds`: of each answer. `processor`: seconds of the server's processors for an answer, in each round."""

    name: str
    per_second: list[float]
    seconds: list[float]
    processor: list[float]

    def line(self, beside: Figures) -> str:
        cut = quantiles(self.seconds, n=100)
        share = median(one / other for one, other in zip(self.per_second, beside.per_second, strict=True))
        busy = median(other / one for one, other in zip(self.processor, beside.processor, strict=True))
        told = f"{median(self.per_second):,.0f} | {1e3 * cut[49]:.1f} | {1e3 * cut[98]:.1f} | {share:.2f}"
        return f"| {self.name} | {told} | {1e6 * median(self.processor):,.0f} | {busy:.2f} |"


def drawn_city(home: Path, students: int, schools: int = 92, database_url: str = "") -> tuple[Settings, str]:
    """A home with one published list of so many students, and a token of the coverage team."""
    kept: dict[str, str] = {"database_url": database_url} if database_url else {}
    settings = Settings(home=home, environment="demo", today=MONDAY_MORNING.date(), requests_per_person=0, **kept)  # type: ignore[arg-type]
    database = Database.open(settings.database_url, settings.keys())
    codes = {f"17600100{number:04d}": f"IE {number}" for number in range(schools)}
    drawn_lists.SCHOOLS.clear()
    drawn_lists.SCHOOLS.update({code: risk_lists.School(code, name, "Comuna 1") for code, name in codes.items()})
    scores = drawn_lists.draw_scores(SECOND_SUNDAY, students, tuple(codes))
    publish(database, draw_list(SECOND_SUNDAY, students, 300, scores=scores), BY)
    add_person(database, PEOPLE[0], BY)
    token = issue_token(database, PEOPLE[0].name, BY)
    database.engine.dispose()
    return settings, token


@contextmanager
def serving(application: str, port: int, folder: Path, **environment: str) -> Iterator[int]:
    """A server of one worker; gives its process number."""
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        application,
        "--port",
        str(port),
        "--no-access-log",
        *(["--factory"] if "create_app" in application else []),
    ]
    told = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", **environment}
    quiet = (folder / f"{port}.log").open("wb")
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=folder, env=told, stdout=quiet, stderr=quiet)
    try:
        await_port(port)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        quiet.close()


def await_port(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def request(path: str, token: str = "", body: bytes = b"", holding: str = "") -> bytes:
    method = "POST" if body else "GET"
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *([f"Authorization: Bearer {token}"] if token else [])]
    lines += [f"If-None-Match: {holding}"] if holding else []
    lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"] if body else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def ask(port: int, message: bytes, until: float, took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    while (began := time.perf_counter()) < until:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")):
            raise SystemExit(head.decode())
        await reader.readexactly(int(header(head, "content-length") or 0))
        took.append(time.perf_counter() - began)
    writer.close()


def asked(
    name: str, server: tuple[int, int], message: bytes, seconds: float, clients: int, into: dict[str, Figures]
) -> None:
    """`server`: its process and its port."""
    pid, port = server

    async def all_at_once(length: float) -> list[float]:
        took: list[float] = []
        until = time.perf_counter() + length
        await asyncio.gather(*(ask(port, message, until, took) for _ in range(clients)))
        return took

    asyncio.run(all_at_once(0.5))  # warm
    before, began = worked(pid), time.perf_counter()
    took = asyncio.run(all_at_once(seconds))
    lasted = time.perf_counter() - began  # with what was still under way when the time was up
    figures = into.setdefault(name, Figures(name, [], [], []))
    figures.processor.append((worked(pid) - before) / len(took))
    figures.per_second.append(len(took) / lasted)
    figures.seconds.extend(took)


def header(head: bytes, name: str) -> str:
    lines = (line.partition(":") for line in head.decode().split("\r\n"))
    return next((value.strip() for found, _, value in lines if found.lower() == name), "")


def etag_of(port: int, message: bytes) -> str:
    return header(fetched(port, message)[0], "etag")


def fetched(port: int, message: bytes) -> tuple[bytes, bytes]:
    """The head and the body of an answer."""

    async def once() -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(header(head, "content-length") or 0))
        writer.close()
        return head, body

    return asyncio.run(once())


def resident(pid: int) -> float:
    """Megabytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def worked(pid: int) -> float:
    """Seconds of processor that a process has used: on a busy machine they tell more than the clock."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(
    students: int, model: Path | None, seconds: float, rounds: int, clients: int, database: str, only: str
) -> None:
    with tempfile.TemporaryDirectory() as folder, address(database) as url:
        where = Path(folder)
        settings, token = drawn_city(where / "home", students, database_url=url)
        if model:
            settings.champion.parent.mkdir(parents=True, exist_ok=True)
            settings.champion.symlink_to(model.absolute())
        else:
            grown_model().save(settings.champion)
        (where / "bare.py").write_text(BARE, encoding="utf-8")
        measured(where, settings, token, seconds, rounds, clients, only)


def measured(where: Path, settings: Settings, token: str, seconds: float, rounds: int, clients: int, only: str) -> None:
    city, fifty = request(f"{LIST}?limit=200", token), request(LIST, token)
    few, many = (request("/api/v1/score", token, json.dumps(given(count)).encode()) for count in (3, 500))
    mine, bare = free_port(), free_port()
    own = {
        "PERMANENCIA_HOME": str(settings.home),
        "PERMANENCIA_TODAY": MONDAY_MORNING.date().isoformat(),
        "PERMANENCIA_REQUESTS_PER_PERSON": "0",
        "PYTHONPATH": str(HOUSE),
        "PERMANENCIA_DATABASE_URL": settings.database_url,
    }
    found: dict[str, Figures] = {}
    load = os.getloadavg()[0]
    with serving("serving.app:create_app", mine, where, **own) as worker:
        before = resident(worker)
        calls = {"list, 200 rows": city, "list, 50 rows": fifty}
        calls |= {"score, 3 students with reasons": few, "score, 500 students with reasons": many}
        calls["list, nothing new"] = request(LIST, token, holding=etag_of(mine, fifty))
        for name, message in calls.items():
            if not name.startswith(only):
                continue
            content = where / "content"
            content.write_bytes(fetched(mine, message)[1])
            with serving("bare:app", bare, where, CONTENT=str(content)) as plain:
                for _ in range(rounds):
                    asked(
                        f"bare, {content.stat().st_size:,} bytes", (plain, bare), request("/"), seconds, clients, found
                    )
                    asked(name, (worker, mine), message, seconds, clients, found)
        kind = settings.database_url.partition(":")[0]
        print(f"\n{kind}, {clients} clients, {rounds} rounds of {seconds:g} s, one worker; medians of the rounds")
        print(f"{os.cpu_count()} cores; load before {load:.1f}, after {os.getloadavg()[0]:.1f}\n")
        print("| answer | per second | p50 ms | p99 ms | rate beside the bare one | processor µs | as a rate |")
        print("|---|---|---|---|---|---|---|")
        names = list(found)
        for bare_name, name in zip(names[::2], names[1::2], strict=True):
            print(found[bare_name].line(found[bare_name]))
            print(found[name].line(found[bare_name]))
        print(f"\nMemory of the worker: {before:.0f} MB at its start, {resident(worker):.0f} MB after all this.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=160_000)
    parser.add_argument("--model", type=Path, help="a folder with a promoted version; else a small one is grown")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--only", default="", help="how the names of the answers begin that are asked for")
    main(**vars(parser.parse_args()))
