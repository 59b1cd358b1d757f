"""A home with two published weeks where people follow children up: a supervisor, workers, and clients for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from drawn_lists import BY, ESPERANZA, MONDAY_MORNING, bearer, draw_home
from fastapi import FastAPI
from starlette.testclient import TestClient

from serving.app import create_app
from serving.database import Database
from serving.people import Person, Role, add_person, issue_token, reach_of

SAME_SITE = {"origin": "http://testserver"}
TODAY = MONDAY_MORNING.date()
MORE_PEOPLE = (
    Person("supervisa", Role.SUPERVISOR),
    Person("trabaja", Role.COVERAGE, reach_of([ESPERANZA])),
)


def followed_home(folder: Path, database_url: str = ""):
    """The application on a frozen Monday, and everyone's token."""
    settings, tokens = draw_home(folder, database_url=database_url)
    database = Database.open(settings.database_url, settings.keys())
    for person in MORE_PEOPLE:
        add_person(database, person, BY)
        tokens[person.name] = issue_token(database, person.name, BY)
    database.engine.dispose()
    return create_app(settings, lambda: MONDAY_MORNING), tokens


@contextmanager
def followed_app(folder: Path, database_url: str = "") -> Iterator[FastAPI]:
    """The same for the tests of one file; everyone's token is at `app.state.tokens`."""
    app, app.state.tokens = followed_home(folder, database_url)
    try:
        yield app
    finally:
        app.state.service.database.engine.dispose()


@pytest.fixture
def sign_in(app):
    """Opens a browser as somebody of the home that `app` serves."""
    return lambda who="cobertura": signed_in(app, app.state.tokens, who)


def caller(app, tokens):
    """Calls the API as somebody: `call("cobertura", "/contacts", {...}, key="a")`."""
    client = TestClient(app, raise_server_exceptions=False)

    def call(who, path, body=None, key=None):
        headers = bearer(tokens[who]) | ({"Idempotency-Key": key} if key else {})
        if body is None:
            return client.get(f"/api/v1{path}", headers=headers)
        return client.post(f"/api/v1{path}", json=body, headers=headers)

    return call


def signed_in(app, tokens, who):
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    answer = client.post("/entrar", data={"ficha": tokens[who]}, headers=SAME_SITE)
    assert answer.status_code == 303
    return client
