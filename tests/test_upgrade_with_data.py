"""From each older version with rows in its tables to this one: nothing is lost, and the service answers as before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from drawn_lists import MONDAY_MORNING, student
from fastapi import FastAPI
from followed_home import caller, followed_home
from older_home import everything, fill, rows_of_today
from postgres_server import OWNER
from sqlalchemy import select

from serving.app import create_app
from serving.audit_chain import verify
from serving.database import HEAD, Database
from serving.tables import audit

OLDER = ("0001", "0005", "0010", "0014")
CONTACTS_SINCE = "0010"
CHANGED = {("audit", "at"), ("roster", "digest")}  # told in another clock; of words that are sealed by now
LIST, CHILD = "/risk-lists/latest?names=true", f"/students/{student(1)}?names=true"


@dataclass
class Home:
    revision: str
    before: dict[str, list[dict[str, Any]]]
    owned: Database
    app: FastAPI
    call: Any


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, dict[str, str]]]:
    """A home of this version, where a child was called, given to somebody, and thought about."""
    app, tokens = followed_home(tmp_path_factory.mktemp("home") / "h")
    call = caller(app, tokens)
    note = {"student_id": student(1), "note": "la abuela pide que llamen por la tarde"}
    assert call("cobertura", "/contacts", {**note, "kind": "CALL", "outcome": "NO_ANSWER"}).status_code == 201
    assert call("esperanza", "/feedback", {**note, "verdict": "USEFUL"}).status_code == 201
    given = {"student_id": student(1), "worker": "trabaja"}
    assert call("supervisa", "/assignments", given).status_code == 201
    yield app, tokens
    app.state.service.database.engine.dispose()


@pytest.fixture(
    scope="module", params=[(kind, since) for kind in ("sqlite", "postgresql") for since in OLDER], ids="-".join
)
def home(request: pytest.FixtureRequest, today: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The same people and lists, upgraded from the tables of an older version."""
    kind, revision = request.param
    (now, tokens), address, owner = today, f"sqlite:///{tmp_path_factory.mktemp('old') / 'x.sqlite'}", ""
    if kind == "postgresql":
        server = request.getfixturevalue("postgres")
        address, owner = server.url(name := server.empty()), server.url(name, OWNER)
    settings = now.state.service.settings.model_copy(update={"database_url": address})
    owned = Database(owner or address, settings.keys())
    owned.upgrade(revision)
    fill(owned, rows_of_today(now.state.service.database), revision)
    before = everything(owned)
    owned.upgrade()
    app = create_app(settings, lambda: MONDAY_MORNING)
    yield Home(revision, before, owned, app, caller(app, tokens))
    for database in (owned, app.state.service.database):
        database.engine.dispose()


def test_each_row_of_each_table_is_there_with_what_it_said(home: Home) -> None:
    after = everything(home.owned)

    assert home.owned.revision() == HEAD and all(home.before.values())
    for table in set(home.before) - {"reaches"}:
        kept = {name for name in home.before[table][0] if name in after[table][0] and (table, name) not in CHANGED}
        assert said(after[table], kept) == said(home.before[table], kept), table


def said(rows: list[dict[str, Any]], names: set[str]) -> list[str]:
    return sorted(repr([row[name] for name in sorted(names)]) for row in rows)


def test_names_lists_and_reaches_are_answered_as_at_home(home: Home, today: Any) -> None:
    at_home = caller(*today)
    for who in ("cobertura", "esperanza", "trabaja", "ciencia"):
        for path in (LIST, LIST.partition("?")[0]):
            answer, expected = home.call(who, path), at_home(who, path)
            assert answer.status_code == expected.status_code, (who, path)
            assert answer.status_code == 403 or shown(answer) == shown(expected), (who, path)
    assert home.call("esperanza", CHILD).json()["identity"]["name"] == "Rosa Mina"


def shown(answer: Any) -> list[tuple[Any, ...]]:
    return [(row["student_id"], row["score"], row.get("name"), row["reasons"]) for row in answer.json()["rows"]]


def test_what_was_done_for_a_child_is_still_told_and_more_can_be_written(home: Home, today: Any) -> None:
    told, expected = home.call("trabaja", CHILD).json(), caller(*today)("trabaja", CHILD).json()
    if home.revision >= CONTACTS_SINCE:
        assert (told["contacts"], told["assigned_to"]) == (expected["contacts"], "trabaja")

    more = {"student_id": student(1), "kind": "VISIT", "outcome": "NO_ANSWER"}
    assert home.call("trabaja", "/contacts", more).status_code == 201

    assert len(home.call("trabaja", CHILD).json()["contacts"]) == len(told["contacts"]) + 1


def test_the_chain_of_the_audit_is_whole_from_its_first_line_to_the_newest(home: Home) -> None:
    assert home.call("cobertura", LIST).status_code == 200
    with home.owned.reading() as connection:
        verdict = verify(connection, home.owned.keys.audit)
        moments = set(connection.execute(select(audit.c.at)).scalars())

    assert verdict.whole and verdict.lines > len(home.before["audit"])
    assert moments == {MONDAY_MORNING}, "whatever clock the older version kept"
