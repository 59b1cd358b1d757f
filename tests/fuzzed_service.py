"""A served home that schemathesis sends what nobody would send, as the role it is told; and what it is told first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from drawn_lists import BY, MONDAY_MORNING, SCHOOLS, bearer, draw_home, student
from fastapi import FastAPI
from real_browser import served
from small_school import grown_model

from serving.app import create_app
from serving.database import Database
from serving.people import Person, Role, add_person, issue_token
from serving.settings import Settings

HOUSE = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("schemathesis")
PHASES = ("examples", "coverage", "fuzzing", "stateful")
OTHERS = (Person("supervisa", Role.SUPERVISOR), Person("audita", Role.AUDITOR))
STATUSES = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 503]
REFUSED = f"[checks.negative_data_rejection]\nexpected-statuses = {[str(status) for status in STATUSES]}"
"""How values that do not fit may be refused: schemathesis does not know 413, though a body of 100 MB fits no schema
either (RFC 9110, 15.5.14); and of what the server may answer it would take any 5xx, where 503 is enough."""
PAGED = ("risk-lists", "risk-lists/latest", f"institutions/{next(iter(SCHOOLS))}/watchlist")
PLACES = {
    "path.student": "student",
    "path.dane": "school",
    "query.institution": "school",
    "query.cursor": "cursor",
    "body.student_id": "student",
    "body.worker": "worker",
}


@dataclass(frozen=True)
class Target:
    """A running service, and who may call it: name → token."""

    address: str
    tokens: Mapping[str, str]
    folder: Path

    @property
    def document(self) -> str:
        return f"{self.address}/api/openapi.json"


@contextmanager
def target(folder: Path, database_url: str = "", planted: Callable[[FastAPI], object] = id) -> Iterator[Target]:
    """A service with two published weeks and one person per role, without a limit to how often they call.

    `planted`: what is done to the app before it is served, so that there is something to find.
    """
    settings, tokens = draw_home(folder / "h", database_url=database_url)
    tokens |= dict(added(settings))
    grown_model().save(settings.champion)
    app = create_app(settings.model_copy(update={"requests_per_person": 0}), lambda: MONDAY_MORNING)
    planted(app)
    with served(app) as address:
        yield Target(address, tokens, folder)


def added(settings: Settings) -> Iterator[tuple[str, str]]:
    database = Database.open(settings.database_url, settings.keys())
    for person in OTHERS:
        add_person(database, person, BY)
        yield person.name, issue_token(database, person.name, BY)
    database.engine.dispose()


@dataclass(frozen=True)
class Fuzzed:
    """What schemathesis says in the end; 0 is that nothing failed."""

    code: int
    said: str


def fuzzed(where: Target, who: str, examples: int, seed: int = 1, options: Sequence[str] = ()) -> Fuzzed:
    config = where.folder / f"{who}.toml"
    config.write_text(configured(where, who), "utf-8")
    command = [str(PROGRAM), "--config-file", str(config), "run", where.document, "--checks", "all"]
    command += ["--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", *options]
    command += ["--header", f"Authorization: {bearer(where.tokens[who])['Authorization']}"]
    command += ["--no-color", "--generation-database", "none", "--warnings", "off"]
    paths = os.pathsep.join([str(HOUSE), str(HOUSE / "tests")])
    told = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "120"}
    done = subprocess.run(command, cwd=where.folder, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return Fuzzed(done.returncode, done.stdout.decode(errors="replace"))


def configured(where: Target, who: str) -> str:
    """What schemathesis cannot draw by itself: values that exist, half of the time."""
    lines = ['hooks = "fuzz_checks"', REFUSED, "[dictionaries]"]
    lines += [f"{name} = {{ values = {json.dumps(values)} }}" for name, values in known(where, who).items()]
    lines += ["[parameters]"]
    lines += [f'"{place}" = {{ dictionary = "{name}", probability = 0.5 }}' for place, name in PLACES.items()]
    return "\n".join(lines) + "\n"


def known(where: Target, who: str) -> dict[str, list[str]]:
    return {
        "student": [student(number) for number in (1, 2, 3)],
        "school": list(SCHOOLS),
        "cursor": [cursor for path in PAGED if (cursor := first_cursor(where, who, path))] or ["none"],
        "worker": ["cobertura", "supervisa"],
    }


def first_cursor(where: Target, who: str, path: str) -> str | None:
    """The cursor that leads to the second page; None where this role has no such list."""
    address = f"{where.address}/api/v1/{path}?limit=1"
    asked = Request(address, headers=bearer(where.tokens[who]))  # noqa: S310 - our own
    try:
        with urlopen(asked) as answer:  # noqa: S310
            cursor: str | None = json.load(answer)["next_cursor"]
            return cursor
    except OSError:
        return None
