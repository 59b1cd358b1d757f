"""The calls other programs make: what each role is told, page by page, and what it is never told."""

import json

import pytest
from by_force import take_away
from drawn_lists import (
    BY,
    DIAMANTE,
    ESPERANZA,
    FIRST_SUNDAY,
    MONDAY_MORNING,
    NOBODY,
    SECOND_SUNDAY,
    bearer,
    draw_home,
    student,
)
from sqlalchemy import insert, select, update
from starlette.testclient import TestClient

from models.model_files import write_note
from serving.api import answers
from serving.api.problems import ProblemBody
from serving.app import create_app
from serving.tables import audit, listed, pointers, publications, scores

LIST = "/api/v1/risk-lists/latest"
READING = [
    "/api/v1/risk-lists",
    LIST,
    f"/api/v1/institutions/{ESPERANZA}/watchlist",
    f"/api/v1/students/{student(1)}",
    "/api/v1/model",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory, each_database):
    return draw_home(tmp_path_factory.mktemp("home") / "h", database_url=each_database)


@pytest.fixture(scope="module")
def app(home):
    app = create_app(home[0], lambda: MONDAY_MORNING)
    yield app
    app.state.service.database.engine.dispose()


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def ask(client, home):
    def ask(path, who="cobertura", **options):
        headers = bearer(home[1][who]) | options.pop("headers", {})
        return client.get(path, headers=headers, **options)

    return ask


def students_in(answer):
    return [row["student_id"] for row in answer.json()["rows"]]


@pytest.mark.parametrize("path", READING)
def test_nothing_is_told_to_who_does_not_say_who_they_are(client, path):
    for headers in ({}, bearer("pmn_falsa"), {"Authorization": "Basic x"}):
        answer = client.get(path, headers=headers)

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert ProblemBody(**answer.json()).title == "Falta identificarse"


def test_the_latest_list_has_its_rows_in_order_and_says_how_many_it_leaves_out(ask):
    body = answers.RiskList(**ask(LIST).json())

    assert [row.rank for row in body.rows] == list(range(1, 13))
    assert (body.publication.day, body.publication.left_out) == (SECOND_SUNDAY, 78)
    assert body.next_cursor is None


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/api/v1/risk-lists", answers.Publications),
        (LIST, answers.RiskList),
        (f"/api/v1/institutions/{ESPERANZA}/watchlist", answers.RiskList),
        (f"/api/v1/students/{student(1)}", answers.Student),
        ("/api/v1/model", answers.Model),
    ],
)
def test_every_answer_has_the_shape_that_the_document_promises(ask, path, shape):
    shape.model_validate(ask(path).json(), strict=False)


def test_until_the_next_list_the_model_told_is_the_one_that_made_this_one(home, ask):
    versions = home[0].champion.parent
    for version, who in (("7", "ana"), ("8", "luz")):
        (versions / f"version-{version}").mkdir(parents=True)
        write_note(versions / f"version-{version}" / "origin.json", {"promoted_by": who})
    home[0].champion.symlink_to("version-8")

    told = ask("/api/v1/model").json()

    assert (told["version"], told["approved_by"]) == ("7", "ana")


def test_a_card_that_was_changed_is_not_shown(tmp_path):
    from models.model_files import write_files

    settings, tokens = draw_home(tmp_path / "h")
    copy = settings.champion.with_name("version-7")
    write_files(copy, {"card.json": '{"gates": ["x"]}'})
    app = create_app(settings, lambda: MONDAY_MORNING)
    with TestClient(app) as client:
        whole = client.get("/api/v1/model", headers=bearer(tokens["ciencia"]))
        (copy / "card.json").write_text('{"gates": []}')
        changed = client.get("/api/v1/model", headers=bearer(tokens["ciencia"]))
    app.state.service.database.engine.dispose()

    assert whole.json()["card"] == {"gates": ["x"]}
    assert changed.status_code == 503 and "card.json cambió" in changed.json()["detail"]


def test_a_list_of_an_earlier_day_can_still_be_read(ask):
    answer = ask(f"/api/v1/risk-lists/{FIRST_SUNDAY}")

    assert answer.json()["publication"]["day"] == FIRST_SUNDAY.isoformat()


def test_the_publications_are_listed_newest_first_page_by_page(ask):
    first = ask("/api/v1/risk-lists?limit=1").json()
    second = ask("/api/v1/risk-lists", params={"limit": 1, "cursor": first["next_cursor"]}).json()

    days = [body["publications"][0]["day"] for body in (first, second)]
    assert days == [SECOND_SUNDAY.isoformat(), FIRST_SUNDAY.isoformat()]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("limit", [1, 5, 11, 12, 200])
def test_page_by_page_every_row_is_told_once(ask, limit):
    seen, cursor = [], None
    while True:
        answer = ask(LIST, params={"limit": limit} | ({"cursor": cursor} if cursor else {}))
        seen += students_in(answer)
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break

    assert seen == students_in(ask(LIST))


def test_a_cursor_stays_on_the_list_it_began_with(tmp_path):
    from drawn_lists import BY, draw_list, draw_scores

    from serving.publishing import publish

    settings, tokens = draw_home(tmp_path / "h")
    app = create_app(settings, lambda: MONDAY_MORNING)
    with TestClient(app) as client:
        first = client.get(LIST, params={"limit": 5}, headers=bearer(tokens["cobertura"])).json()
        corrected = draw_list(SECOND_SUNDAY, scores=draw_scores(SECOND_SUNDAY, 90, seed=9))
        publish(app.state.service.database, corrected, BY)

        following = {"limit": 5, "cursor": first["next_cursor"]}
        second = client.get(LIST, params=following, headers=bearer(tokens["cobertura"])).json()

    assert second["publication"]["id"] == first["publication"]["id"] != corrected.id
    app.state.service.database.engine.dispose()


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0.falso", "." * 400])
def test_a_cursor_that_was_not_given_here_is_refused(ask, cursor):
    assert ask(LIST, params={"cursor": cursor}).status_code == 422


def test_a_cursor_of_one_school_opens_no_other(ask):
    mine = ask(f"/api/v1/institutions/{ESPERANZA}/watchlist?limit=2", "esperanza").json()["next_cursor"]

    assert ask(LIST, "esperanza", params={"limit": 2, "cursor": mine}).status_code == 422
    assert ask(f"/api/v1/institutions/{DIAMANTE}/watchlist", params={"cursor": mine}).status_code == 422


def test_rows_can_be_asked_of_one_school_or_one_comuna(ask):
    school = ask(LIST, params={"institution": ESPERANZA}).json()["rows"]
    comuna = ask(LIST, params={"comuna": "Comuna 14"}).json()["rows"]
    everyone = ask(LIST).json()["rows"]

    assert school == [row for row in everyone if row["institution"] == ESPERANZA] != []
    assert comuna == [row for row in everyone if row["comuna"] == "Comuna 14"] != []


def test_a_school_is_shown_all_it_should_follow_and_only_its_own(ask):
    rows = ask(LIST, "esperanza").json()["rows"]

    assert {row["institution"] for row in rows} == {ESPERANZA}
    assert [row["rank_in_institution"] for row in rows] == list(range(1, 11))
    assert ask(f"/api/v1/institutions/{ESPERANZA}/watchlist", "esperanza").json()["rows"] == rows


FOREIGN = [
    f"/api/v1/students/{student(2)}",
    f"/api/v1/institutions/{DIAMANTE}/watchlist",
    f"{LIST}?institution={DIAMANTE}",
]
ABSENT = [
    f"/api/v1/students/{NOBODY}",
    "/api/v1/institutions/999999999999/watchlist",
    f"{LIST}?institution=999999999999",
]


@pytest.mark.parametrize(("foreign", "absent"), list(zip(FOREIGN, ABSENT, strict=True)))
@pytest.mark.parametrize("names", ["", "names=true"])
def test_what_is_of_another_school_looks_exactly_like_what_does_not_exist(ask, foreign, absent, names):
    joined = [f"{path}{'&' if '?' in path else '?'}{names}" for path in (foreign, absent)]

    others, nobodys = (ask(path, "esperanza") for path in joined)

    assert others.status_code == nobodys.status_code == 404
    assert others.content == nobodys.content
    own = {"x-request-id"}  # drawn by lot for each call
    unlike = {name for name in set(others.headers) - own if others.headers[name] != nobodys.headers.get(name)}
    assert unlike == set()


def test_the_coverage_team_does_see_what_the_school_does_not(ask):
    assert all(ask(path).status_code == 200 for path in FOREIGN)


@pytest.mark.parametrize("path", READING[:-1])
def test_an_administrator_sees_no_list_and_is_told_why(ask, path):
    answer = ask(path, "administra")

    assert answer.status_code == 403
    assert "administración" in answer.json()["detail"]


def test_names_are_added_only_when_asked_and_the_look_is_noted(ask, app):
    plain, named = ask(LIST), ask(LIST, params={"names": "true"})

    assert "names" not in plain.json()
    assert named.json()["names"][student(1)] == "Rosa Mina"
    assert named.headers["cache-control"] == "no-store"
    with app.state.service.database.reading() as connection:
        last = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(1)).one()
    assert (last.by, last.action) == ("cobertura", "see_list") and "15 con nombre" in last.detail


@pytest.mark.parametrize("path", [LIST, f"/api/v1/students/{student(1)}"])
def test_a_data_scientist_is_refused_names_and_told_why(ask, path):
    assert ask(path, "ciencia").status_code == 200

    refused = ask(path, "ciencia", params={"names": "true"})

    assert refused.status_code == 403
    assert "seudónimos" in refused.json()["detail"]
    assert "Rosa" not in ask(path, "ciencia").text


def test_a_student_is_told_with_trajectory_reasons_and_what_is_not_known(ask):
    body = answers.Student(**ask(f"/api/v1/students/{student(1)}", params={"names": "true"}).json())

    assert [step.school_year for step in body.trajectory] == ["2023", "2024"]
    assert body.lately is not None and [week.days_absent for week in body.lately.weeks] == [1, 3]
    assert body.row is not None and len(body.row.reasons) == 2
    assert "No hay valoraciones (notas) de este estudiante." in body.not_known
    assert body.identity == answers.Identity(name="Rosa Mina", phone="3120000001")


def test_a_student_who_is_on_roll_but_not_listed_has_a_score_and_no_reasons(ask):
    shown = {row["student_id"] for school in (ESPERANZA, DIAMANTE) for row in watchlist(ask, school)}
    unlisted = next(student(n) for n in range(1, 90, 3) if student(n) not in shown)

    body = ask(f"/api/v1/students/{unlisted}").json()

    assert body["row"] is None and body["trajectory"] == [] and body["lately"] is None
    assert 0 <= body["score"] <= 1


def watchlist(ask, school):
    return ask(f"/api/v1/institutions/{school}/watchlist").json()["rows"]


def test_who_holds_the_same_list_is_not_sent_it_again(ask):
    first = ask(LIST)
    etag = first.headers["etag"]

    again = ask(LIST, headers={"If-None-Match": f'"x", {etag}'})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert first.headers["cache-control"] == "private, no-cache"


def test_another_view_of_the_list_has_another_mark(ask):
    marks = {
        ask(LIST).headers["etag"],
        ask(LIST, "esperanza").headers["etag"],
        ask(LIST, params={"limit": 3}).headers["etag"],
        ask(LIST, params={"comuna": "Comuna 13"}).headers["etag"],
        ask(f"/api/v1/risk-lists/{FIRST_SUNDAY}").headers["etag"],
    }

    assert len(marks) == 5


def test_the_bytes_of_a_row_are_those_that_were_published(ask, app):
    from serving import published

    with app.state.service.database.reading_as(BY.context) as connection:
        publication = published.publication_for(connection, None)
        stored = published.rows(connection, publication.id, published.Wanted())

    assert b",".join(row.body for row in stored) in ask(LIST).content


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (f"{LIST}?limit=201", "query.limit"),
        (f"{LIST}?limit=0", "query.limit"),
        (f"{LIST}?limit=muchos", "query.limit"),
        (f"{LIST}?orden=nombre", "query"),
        (f"{LIST}?institution={'9' * 41}", "query.institution"),
        ("/api/v1/risk-lists/ayer", "path.day"),
        (f"/api/v1/students/{'a' * 81}", "path.student"),
        (f"/api/v1/students/{student(1)}?nombre=1", "query"),
    ],
)
def test_a_value_that_is_not_admitted_is_named_in_spanish_without_repeating_it(ask, path, where):
    answer = ask(path)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["where"] for error in answer.json()["errors"]] == [where]
    assert not any(value in answer.text for value in ("muchos", "nombre=1", "9" * 41, "a" * 81))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nada", 404),
        ("GET", "/api/v1/risk-lists/2024-13-45", 404),
        ("GET", "/api/v1/risk-lists/2020-01-05", 404),
        ("DELETE", LIST, 405),
        ("POST", "/api/v1/score", 422),
    ],
)
def test_every_error_is_a_problem_with_a_spanish_title(client, home, method, path, status):
    answer = client.request(method, path, headers=bearer(home[1]["cobertura"]))

    assert answer.status_code == status
    problem = ProblemBody(**answer.json())
    assert problem.status == status
    assert problem.detail.endswith(".")


@pytest.mark.parametrize(
    "path", ["/api/v1/students/a%00b", "/api/v1/institutions/%00/watchlist", f"{LIST}?institution=%00"]
)
def test_a_text_that_no_database_can_hold_is_simply_not_found(ask, path):
    assert ask(path).status_code == 404


def test_a_failure_within_is_a_problem_that_tells_nothing_of_the_data(tmp_path):
    settings, tokens = draw_home(tmp_path / "h")
    app = create_app(settings, lambda: MONDAY_MORNING)
    spoil(app.state.service.database)

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get(f"/api/v1/students/{student(1)}", headers=bearer(tokens["cobertura"]))

    assert answer.status_code == 500
    assert ProblemBody(**answer.json()).title == "Error del servicio"
    assert "Traceback" not in answer.text
    app.state.service.database.engine.dispose()


def spoil(database):
    """What was published nobody can change: the list in force is followed by its copy, which cannot be read."""
    with database.writing(BY, "x", "x") as (connection, _):
        copied(connection, publications, publications.c.id, {"id": "spoilt", "body": b"\xff"})
        for table, damage in ((scores, {}), (listed, {"body": b"\xff", "trajectory": b"\xff"})):
            copied(connection, table, table.c.publication_id, {"publication_id": "spoilt", **damage})
        connection.execute(update(pointers).where(pointers.c.day == SECOND_SUNDAY).values(publication_id="spoilt"))


def copied(connection, table, of, changed):
    in_force = select(pointers.c.publication_id).where(pointers.c.day == SECOND_SUNDAY).scalar_subquery()
    rows = connection.execute(select(table).where(of == in_force)).mappings().all()
    connection.execute(insert(table), [{**row, **changed} for row in rows])


def test_a_database_that_is_gone_is_said_and_the_process_still_lives(tmp_path):
    settings, tokens = draw_home(tmp_path / "h")
    app = create_app(settings, lambda: MONDAY_MORNING)
    app.state.service.database.engine.dispose()
    take_away(settings.database_url)

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503
        answer = client.get(LIST, headers=bearer(tokens["cobertura"]))

    assert answer.status_code == 503
    assert ProblemBody(**answer.json()).title == "El servicio no está disponible"


def test_a_service_without_a_list_lives_but_is_not_ready(tmp_path):
    from serving.settings import Settings

    app = create_app(Settings(home=tmp_path / "h"), lambda: MONDAY_MORNING)
    with TestClient(app) as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503
    app.state.service.database.engine.dispose()


def test_a_service_with_a_list_is_ready_and_says_which(client):
    assert client.get("/readyz").json()["publication"].startswith(SECOND_SUNDAY.isoformat())
    assert client.get("/version").json()["environment"] == "demo"


def test_every_answer_carries_the_strict_headers(client, ask):
    for answer in (ask(LIST), client.get("/entrar"), client.get("/nada"), client.get("/static/permanencia.css")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy and "http" not in policy


def test_the_document_is_openapi_3_1_and_every_call_has_a_name_a_summary_and_its_errors(client):
    document = client.get("/api/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for call in methods.values():
            assert call["operationId"] and call["summary"] and call["tags"]
            if path.startswith("/api/v1"):
                assert {"200", "201"} & set(call["responses"]) and set(call["responses"]) >= {
                    "401",
                    "403",
                    "422",
                    "429",
                }
                assert "application/problem+json" in call["responses"]["401"]["content"]
    assert "HTTPValidationError" not in json.dumps(document["paths"])


def test_the_page_that_describes_the_calls_names_each_of_them_and_asks_nothing_of_other_sites(client):
    page = client.get("/api/docs").text
    document = client.get("/api/openapi.json").json()

    assert all(path in page for path in document["paths"])
    assert "<script" not in page and "//cdn" not in page
