"""Whatever call tells of a child leaves exactly one line of who, what and through which call; so do those refused."""

import re
from urllib.parse import urlencode

import pytest
from drawn_lists import DIAMANTE, ESPERANZA, MONDAY_MORNING, NOBODY, SECOND_SUNDAY, bearer, draw_home, student
from sqlalchemy import func, select
from starlette.testclient import TestClient

from serving.app import create_app
from serving.pages import sessions
from serving.people import Person, Role, reach_of
from serving.tables import audit

STUDENTS = 90
OURS = re.compile("|".join([*(student(number) for number in range(1, STUDENTS + 1)), "Rosa Mina", "Apellido"]))
VALUES = {
    "day": [SECOND_SUNDAY.isoformat(), "latest", "2020-01-05"],
    "dane": [ESPERANZA, DIAMANTE, "999"],
    "student": [student(1), student(2), NOBODY, "Rosa Mina"],
}
QUERIES = [{}, {"names": "true"}]
WHO = {"cobertura": None, "esperanza": reach_of([ESPERANZA]), "ciencia": None, "administra": None}
ROLES = {"cobertura": Role.COVERAGE, "esperanza": Role.SCHOOL, "ciencia": Role.DATA_SCIENTIST, "administra": Role.ADMIN}


@pytest.fixture(scope="module")
def app(each_database, tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h", STUDENTS, database_url=each_database)
    app = create_app(settings, lambda: MONDAY_MORNING)
    app.state.tokens = tokens
    yield app
    app.state.service.database.engine.dispose()


def readings(app):
    """Every address that can be asked for, with every kind of value in its place."""
    for path in walked(app.routes):
        yield from filled(path)


def walked(routes, before=""):
    for route in routes:
        if inner := getattr(route, "original_router", None):
            yield from walked(inner.routes, before + route.include_context.prefix)
        elif "GET" in (getattr(route, "methods", None) or ()):
            yield before + route.path


def filled(path):
    names = re.findall(r"{(\w+)(?::\w+)?}", path)
    if not names:
        yield path
        return
    for value in VALUES.get(names[0], [student(1)]):
        yield from filled(re.sub(r"{" + names[0] + r"(:\w+)?}", value, path, count=1))


def lines(app):
    with app.state.service.database.reading() as connection:
        return connection.execute(select(audit).order_by(audit.c.id)).all()


@pytest.mark.parametrize("who", WHO)
def test_each_call_that_tells_of_a_child_leaves_exactly_one_line(app, who, monkeypatch):
    person = Person(who, ROLES[who], WHO[who]) if WHO[who] else Person(who, ROLES[who])
    app.dependency_overrides[sessions.signed_in] = lambda: person
    told_of_children = 0

    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        for path in readings(app):
            for query in QUERIES:
                before = number_of_lines(app)
                answer = client.get(f"{path}?{urlencode(query)}", headers=bearer(app.state.tokens[who]))
                added = number_of_lines(app) - before
                told = OURS.search(answer.text) is not None
                told_of_children += told
                assert added == 1 if told else added <= 1, f"{path} {query} {answer.status_code}: {added}"
                assert answer.status_code < 500, path
    app.dependency_overrides.clear()

    assert told_of_children >= (0 if who == "administra" else 8)


def number_of_lines(app):
    with app.state.service.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(audit)).scalar_one()


def test_a_line_says_who_as_what_through_which_call_about_whom_and_how_much(app):
    with TestClient(app) as client:
        client.get(f"/api/v1/students/{student(1)}?names=true", headers=bearer(app.state.tokens["esperanza"]))
        client.get("/api/v1/risk-lists/latest?names=true&limit=5", headers=bearer(app.state.tokens["cobertura"]))

    one, many = lines(app)[-2:]
    assert (one.by, one.role, one.action, one.thing) == ("esperanza", "school", "see_student", f"student:{student(1)}")
    assert one.why == "GET read_student" and one.detail.endswith("con nombre")
    assert (many.by, many.role, many.action) == ("cobertura", "coverage", "see_list")
    assert many.thing.startswith(f"list:{SECOND_SUNDAY}") and many.detail.startswith("5 estudiantes")


@pytest.mark.parametrize("asked", [student(2), NOBODY, "Rosa Mina", "1107000099"])
def test_a_look_at_whom_one_may_not_see_is_written_down_without_what_was_typed(app, asked):
    with TestClient(app) as client:
        answer = client.get(f"/api/v1/students/{asked}", headers=bearer(app.state.tokens["esperanza"]))

    last = lines(app)[-1]
    known = re.fullmatch(r"[0-9a-f]{16}", asked)
    assert answer.status_code == 404
    assert (last.by, last.action, last.detail) == ("esperanza", "see_student", "sin respuesta")
    assert last.thing == f"student:{asked if known else 'otra-forma'}"


def test_who_already_holds_the_list_is_told_nothing_and_leaves_no_line(app):
    with TestClient(app) as client:
        headers = bearer(app.state.tokens["cobertura"])
        etag = client.get("/api/v1/risk-lists/latest", headers=headers).headers["etag"]
        before = number_of_lines(app)
        again = client.get("/api/v1/risk-lists/latest", headers=headers | {"If-None-Match": etag})

    assert (again.status_code, number_of_lines(app) - before) == (304, 0)
