"""Every role, every action, every reach, every address: as the work needs it, with one sentence for each refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

import pytest
from crossed_city import HERE
from drawn_lists import BY, MONDAY_MORNING, bearer, draw_home, student
from fastapi import FastAPI
from httpx2 import Response
from permission_matrix import NEEDS, OPEN, REACHES, SIGNED, Cell, cells, may
from starlette.testclient import TestClient
from test_cross_site import walked

from serving.app import create_app
from serving.database import Database
from serving.pages.places import PLACES
from serving.people import Role, add_person, issue_token
from serving.permission_table import RULES
from serving.permissions import Action, why_not
from serving.reach import Scope

CELLS = list(cells())
NO_SUCH = {"day": "latest", "student": "00000000000fffff", "dane": "999", "family": "attendance", "number": "1"}


@dataclass(frozen=True)
class Staff:
    """One person of every role, with a wide reach and with a narrow one."""

    app: FastAPI
    tokens: Mapping[str, str]
    cookies: Mapping[str, str]
    seals: Mapping[str, str]


def scopes_of(role: Role) -> tuple[Scope, Scope]:
    return (Scope.INSTITUTION if role is Role.SCHOOL else Scope.SECRETARIAT), Scope.GROUP


PEOPLE = [Cell(role, Action.SEE_LIST, scope) for role in Role for scope in scopes_of(role)]
"""The action does not count: of each role, and of each of its reaches, one person."""
NAMES = [one.person.name for one in PEOPLE]


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    settings, _ = draw_home(tmp_path_factory.mktemp("home") / "h", students=12)
    database = Database.open(settings.database_url, settings.keys())
    tokens, cookies, seals = {}, {}, {}
    for one in PEOPLE:
        add_person(database, one.person, BY)
        tokens[one.person.name] = issue_token(database, one.person.name, BY)
    database.engine.dispose()
    app = create_app(settings.model_copy(update={"requests_per_person": 0}), lambda: MONDAY_MORNING)
    for name, token in tokens.items():
        with TestClient(app, follow_redirects=False) as client:
            client.post("/entrar", data={"ficha": token}, headers=HERE)
            cookies[name] = client.cookies["permanencia"]
            seals[name] = str(re.search(r'name="sello" value="([^"]+)"', client.get("/cuenta").text)[1])  # type: ignore[index]
    yield Staff(app, tokens, cookies, seals)
    app.state.service.database.engine.dispose()


@pytest.fixture
def client(staff: Staff) -> Iterator[TestClient]:
    with TestClient(staff.app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


def asked(client: TestClient, staff: Staff, name: str, route: str) -> Response:
    method, path = route.split(" ")
    path = re.sub(r"{(\w+)[^}]*}", lambda found: NO_SUCH.get(found[1], "x"), path)
    client.cookies.clear()
    if path.startswith("/api/"):
        return client.request(method, path, headers=bearer(staff.tokens[name]), json={} if method == "POST" else None)
    headers = HERE | {"cookie": f"permanencia={staff.cookies[name]}"}
    typed = {"sello": staff.seals[name], "opinion": "USEFUL"}
    return client.request(method, path, headers=headers, data=typed if method == "POST" else None)


# Every cell


def test_the_matrix_is_complete() -> None:
    assert len(CELLS) == len(Role) * len(Action) * len(Scope) == len(set(CELLS))
    assert set(REACHES) == set(Scope) and set(RULES) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_every_cell_is_as_the_work_needs_it(action: Action) -> None:
    for cell in (one for one in CELLS if one.action is action):
        assert (why_not(cell.person, action) is None) == cell.yes, cell


@pytest.mark.parametrize("scope", Scope)
def test_whoever_may_do_something_to_a_child_may_do_it_where_they_reach_and_nowhere_else(scope: Scope) -> None:
    from test_permissions import COVERED, PLACES

    covered = {
        Scope.SECRETARIAT: set(PLACES),
        Scope.COMUNA: COVERED["comuna"],
        Scope.INSTITUTION: COVERED["school"],
        Scope.CAMPUS: COVERED["campus"],
        Scope.GROUP: COVERED["group"],
    }[scope]
    for cell in (one for one in CELLS if one.scope is scope and one.yes and RULES[one.action].extent == "within"):
        for name, place in PLACES.items():
            assert (why_not(cell.person, cell.action, place) is None) == (name in covered), (cell, name)


# Every address


def test_every_address_says_what_it_asks_for(staff: Staff) -> None:
    there = {f"{method} {path}" for path, methods in walked(staff.app.routes) for method in methods}

    assert there == set(NEEDS), "say in tests/permission_matrix.py what the new address asks for"
    assert set(NEEDS.values()) <= {*Action, OPEN, SIGNED}


@pytest.mark.parametrize("one", PEOPLE, ids=NAMES)
def test_who_may_not_is_told_why_with_the_one_sentence(client: TestClient, staff: Staff, one: Cell) -> None:
    refused = [
        (route, action)
        for route, action in NEEDS.items()
        if isinstance(action, Action) and not may(one.role, action, one.scope)
    ]
    for route, action in refused:
        answer = asked(client, staff, one.person.name, route)
        sentence = why_not(one.person, action)

        assert sentence and answer.status_code == 403, (route, answer.status_code)
        assert sentence == answer.json()["detail"] if "/api/" in route else sentence in unescape(answer.text), route


@pytest.mark.parametrize("one", PEOPLE, ids=NAMES)
def test_who_may_is_let_in(client: TestClient, staff: Staff, one: Cell) -> None:
    for route, action in NEEDS.items():
        if route.startswith("GET") and (
            action == SIGNED or (action != OPEN and may(one.role, Action(action), one.scope))
        ):
            answer = asked(client, staff, one.person.name, route)
            expected = {200, 303, 404, *({503} if route == "GET /api/v1/model" else ())}  # no model in this home

            assert answer.status_code in expected, (route, answer.status_code)


@pytest.mark.parametrize("route", [route for route, need in NEEDS.items() if need != OPEN])
def test_who_is_not_signed_in_is_let_in_nowhere(client: TestClient, route: str) -> None:
    method, path = route.split(" ")
    client.cookies.clear()
    answer = client.request(method, re.sub(r"{(\w+)[^}]*}", "1", path))

    signed_out = answer.status_code == 303 and answer.headers["location"] == "/entrar"
    assert answer.status_code == 401 if path.startswith("/api/") else signed_out, answer.status_code


# What is shown grey


@pytest.mark.parametrize("one", PEOPLE, ids=NAMES)
def test_a_link_is_there_for_whoever_may_follow_it_and_for_nobody_else(
    client: TestClient, staff: Staff, one: Cell
) -> None:
    page = asked(client, staff, one.person.name, "GET /cuenta").text
    shown = {address for address, _, _ in PLACES if f'href="{address}"' in page}

    assert shown == {address for address, _, action in PLACES if may(one.role, action, one.scope)}


@pytest.mark.parametrize("one", [one for one in PEOPLE if may(one.role, Action.SEE_RUN, one.scope)], ids=str)
def test_a_grey_button_says_what_the_refusal_would_say(client: TestClient, staff: Staff, one: Cell) -> None:
    page = unescape(asked(client, staff, one.person.name, "GET /corridas").text)
    for action in (Action.PUBLISH_LIST, Action.HOLD_LIST, Action.ROLLBACK_LIST):
        reason = why_not(one.person, action)
        assert reason is None or f">{reason}<" in page, action
        assert reason is not None or RULES[action].to not in page


@pytest.mark.parametrize("role", [Role.DATA_SCIENTIST, Role.SCHOOL, Role.COVERAGE])
def test_a_childs_page_says_the_same_of_what_one_may_not_do_there(client: TestClient, staff: Staff, role: Role) -> None:
    one = Cell(role, Action.SEE_STUDENT, scopes_of(role)[0])
    headers = {"cookie": f"permanencia={staff.cookies[one.person.name]}"}
    page = unescape(client.get(f"/estudiantes/{student(1)}", headers=headers).text)
    for action in (Action.LOG_CONTACT, Action.SEE_ACCESSES):
        reason = why_not(one.person, action)
        assert (reason is not None) == (action is Action.SEE_ACCESSES or role is Role.DATA_SCIENTIST)
        assert reason is None or reason in page
