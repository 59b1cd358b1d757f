"""Sends what nobody would send to every call of the API, as every role, and tells what broke.

`python experiments/benchmarks/fuzzed_calls.py [--examples 200] [--role cobertura …] [--database postgresql]`

schemathesis reads the service's own OpenAPI document and runs all its phases with all its checks and one of ours
(fuzz_checks.py): the examples, the edges of every value, drawn values, and chains of calls. Among the drawn values are
children, schools and cursors that exist. Exit code 0 when nothing failed.
The home is drawn without a model of a city; a small one is grown for the scores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

HOUSE = Path(__file__).parents[2]
sys.path[:1] = [str(HOUSE), str(HOUSE / "tests"), str(Path(__file__).parent)]

from drawn_lists import BY, MONDAY_MORNING, SCHOOLS, bearer, draw_home, student  # noqa: E402
from postgres_server import running  # noqa: E402
from request_rates import free_port, serving  # noqa: E402
from small_school import grown_model  # noqa: E402

from serving.database import Database  # noqa: E402
from serving.people import Person, Role, add_person, issue_token  # noqa: E402
from serving.settings import Settings  # noqa: E402

PHASES = ("examples", "coverage", "fuzzing", "stateful")
OTHERS = (Person("supervisa", Role.SUPERVISOR), Person("audita", Role.AUDITOR))
STATUSES = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 503]
REFUSED = f"[checks.negative_data_rejection]\nexpected-statuses = {[str(status) for status in STATUSES]}"
"""How values that do not fit may be refused: schemathesis does not know 413, though a body of 100 MB fits no schema
either (RFC 9110, 15.5.14); and of what the server may answer it would take any 5xx, where 503 is enough."""
PAGED = ("risk-lists", "risk-lists/latest", f"institutions/{next(iter(SCHOOLS))}/watchlist")


@dataclass(frozen=True)
class Target:
    """A running service, and who may call it: name → token."""

    port: int
    tokens: Mapping[str, str]
    folder: Path


@contextmanager
def target(folder: Path, database_url: str = "") -> Iterator[Target]:
    """A service with two published weeks and one person per role, without a limit to how often they call."""
    settings, tokens = draw_home(folder / "h", database_url=database_url)
    tokens |= dict(added(settings))
    grown_model().save(settings.champion)
    told = {
        "PERMANENCIA_HOME": str(settings.home),
        "PERMANENCIA_TODAY": MONDAY_MORNING.date().isoformat(),
        "PERMANENCIA_REQUESTS_PER_PERSON": "0",
        "PYTHONPATH": os.pathsep.join([str(HOUSE)]),
        **({"PERMANENCIA_DATABASE_URL": database_url} if database_url else {}),
    }
    with serving("serving.app:create_app", port := free_port(), folder, **told):
        yield Target(port, tokens, folder)


def added(settings: Settings) -> Iterator[tuple[str, str]]:
    database = Database.open(settings.database_url, settings.keys())
    for person in OTHERS:
        add_person(database, person, BY)
        yield person.name, issue_token(database, person.name, BY)
    database.engine.dispose()


def fuzzed(where: Target, who: str, examples: int, seed: int = 1, options: Sequence[str] = ()) -> int:
    """The exit code of schemathesis for one role."""
    config = where.folder / f"{who}.toml"
    config.write_text(configured(where, who), "utf-8")
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"]
    command += [f"http://127.0.0.1:{where.port}/api/openapi.json", "--checks", "all"]
    command += ["--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", *options]
    command += ["--header", f"Authorization: {bearer(where.tokens[who])['Authorization']}"]
    command += ["--no-color", "--generation-database", "none", "--warnings", "off"]
    paths = os.pathsep.join([str(HOUSE), str(Path(__file__).parent)])
    return subprocess.run(command, cwd=where.folder, env={**os.environ, "PYTHONPATH": paths}).returncode


def configured(where: Target, who: str) -> str:
    """What schemathesis cannot draw by itself: values that exist, half of the time."""
    known = {
        "student": [student(number) for number in (1, 2, 3)],
        "school": list(SCHOOLS),
        "cursor": [cursor for path in PAGED if (cursor := first_cursor(where, who, path))] or ["none"],
        "worker": ["cobertura", "supervisa"],
    }
    places = {
        "path.student": "student",
        "path.dane": "school",
        "query.institution": "school",
        "query.cursor": "cursor",
        "body.student_id": "student",
        "body.worker": "worker",
    }
    lines = ['hooks = "fuzz_checks"', REFUSED, "[dictionaries]"]
    lines += [f"{name} = {{ values = {json.dumps(values)} }}" for name, values in known.items()]
    lines += ["[parameters]"]
    lines += [f'"{place}" = {{ dictionary = "{name}", probability = 0.5 }}' for place, name in places.items()]
    return "\n".join(lines) + "\n"


def first_cursor(where: Target, who: str, path: str) -> str | None:
    """The cursor that leads to the second page; None where this role has no such list."""
    asked = Request(f"http://127.0.0.1:{where.port}/api/v1/{path}?limit=1", headers=bearer(where.tokens[who]))
    try:
        with urlopen(asked) as answer:  # noqa: S310 - our own
            cursor: str | None = json.load(answer)["next_cursor"]
            return cursor
    except OSError:
        return None


def main(examples: int, role: list[str] | None, database: str, seed: int, without: list[str]) -> None:
    failed = []
    phases = ["--phases", ",".join(phase for phase in PHASES if phase not in without)]
    with tempfile.TemporaryDirectory() as folder, address(database) as url, target(Path(folder), url) as where:
        for who in role or where.tokens:
            print(f"\n=== {who} ({database})", flush=True)
            began = time.monotonic()
            failed += [who] if fuzzed(where, who, examples, seed, phases) else []
            print(f"{time.monotonic() - began:.0f} s", flush=True)
    print(f"failed: {', '.join(failed) or 'none'}")
    sys.exit(len(failed))


@contextmanager
def address(database: str) -> Iterator[str]:
    """Nothing for the embedded database of the home; else a fresh one of a PostgreSQL of our own."""
    if database == "sqlite":
        yield ""
        return
    with running() as server:
        yield server.url(server.fresh())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--role", nargs="*")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", nargs="*", choices=PHASES, default=[], help="phases to leave out")
    main(**vars(parser.parse_args()))
