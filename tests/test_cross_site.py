"""Nothing is changed for who comes from another site, and nothing by merely looking: asked of every route there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from drawn_lists import ESPERANZA, MONDAY_MORNING, draw_home, student
from fastapi import FastAPI
from starlette.testclient import TestClient

from serving.account_tables import sessions
from serving.app import create_app
from serving.settings import Settings
from serving.tables import audit, metadata

HERE = {"origin": "http://testserver"}
ELSEWHERE = [
    {"origin": "http://otro.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
]
LOOKING = {"GET", "HEAD", "OPTIONS"}
VALUES = {"student": student(1), "day": "latest", "dane": ESPERANZA}
MOVES_WITH_READING = {audit.name, sessions.name}  # that somebody looked, and when last


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, str]]:
    return draw_home(tmp_path_factory.mktemp("home") / "h", students=12)


@pytest.fixture(scope="module")
def app(home: tuple[Settings, dict[str, str]]) -> Iterator[FastAPI]:
    app = create_app(home[0], lambda: MONDAY_MORNING)
    yield app
    app.state.service.database.engine.dispose()


@pytest.fixture
def client(app: FastAPI, home: tuple[Settings, dict[str, str]]) -> Iterator[TestClient]:
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        client.post("/entrar", data={"ficha": home[1]["cobertura"]}, headers=HERE)
        yield client


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and path there is, with real values in it."""
    return [(method, filled(path)) for path, methods in walked(app.routes) for method in sorted(methods)]


def walked(found: Sequence[Any], before: str = "") -> Iterator[tuple[str, set[str]]]:
    for route in found:
        if inner := getattr(route, "original_router", None):
            yield from walked(inner.routes, before + route.include_context.prefix)
        elif getattr(route, "methods", None):
            yield before + route.path, route.methods


def filled(path: str) -> str:
    return re.sub(r"{(\w+)[^}]*}", lambda part: VALUES.get(part[1], "x"), path)


def changing(app: FastAPI) -> list[str]:
    return [path for method, path in routes(app) if method not in LOOKING and not path.startswith("/api/")]


def test_every_route_that_changes_something_refuses_forms_from_another_site(app: FastAPI, client: TestClient) -> None:
    assert {"/entrar", "/salir", "/cuenta/fichas"} <= set(changing(app))
    for path in changing(app):
        for headers in ELSEWHERE:
            answer = client.post(path, data={"sello": seal(client)}, headers=headers)

            assert answer.status_code == 403, (path, headers)
            assert "no viene de esta página" in answer.text and "set-cookie" not in answer.headers
    assert client.get("/lista").status_code == 200


def test_every_route_that_acts_for_who_is_signed_in_refuses_a_form_without_this_session_s_seal(
    app: FastAPI, client: TestClient, home: tuple[Settings, dict[str, str]]
) -> None:
    with TestClient(app, follow_redirects=False) as other:
        other.post("/entrar", data={"ficha": home[1]["ciencia"]}, headers=HERE)
        seals = ["", "x", seal(other), seal(client)[:-1]]
    for path in set(changing(app)) - {"/entrar", "/invitacion"}:
        for told in seals:
            answer = client.post(path, data={"sello": told} if told else {}, headers=HERE)

            assert answer.status_code == 403, (path, told)
    assert client.get("/lista").status_code == 200


def test_a_cookie_alone_calls_nothing_of_the_api(app: FastAPI, client: TestClient) -> None:
    calls = [(method, path) for method, path in routes(app) if path.startswith("/api/v1")]

    assert len(calls) >= 6
    assert {client.request(method, path, headers=HERE).status_code for method, path in calls} == {401}


def test_looking_changes_nothing(app: FastAPI, client: TestClient) -> None:
    looks = [path for method, path in routes(app) if method == "GET"]
    before = everything(app)
    for path in looks:
        assert client.get(path).status_code < 500, path

    assert len(looks) >= 15
    assert everything(app) == before


def everything(app: FastAPI) -> dict[str, list[object]]:
    with app.state.service.database.reading() as connection:
        kept = [table for name, table in metadata.tables.items() if name not in MOVES_WITH_READING]
        return {table.name: sorted(map(str, connection.execute(table.select()).all())) for table in kept}


def seal(client: TestClient) -> str:
    found = re.search(r'name="sello" value="([^"]+)"', client.get("/cuenta").text)
    assert found is not None
    return found[1]
