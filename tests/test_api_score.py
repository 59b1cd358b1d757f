"""Scores for students given as records: the same numbers as the library gives, nothing kept, nothing repeated."""

import json

import pytest
from drawn_lists import MONDAY_MORNING, bearer, draw_home
from small_school import DAY, given, grown_model
from sqlalchemy import func, select
from starlette.testclient import TestClient

from features import Records, build_frame
from models.risk_model import RiskModel
from models.scoring import score_frame
from serving.api import answers
from serving.api.given_records import frames_from
from serving.api.scoring import EXAMPLE
from serving.app import create_app
from serving.tables import metadata


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    grown_model().save(settings.champion)
    return settings, tokens


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
def send(client, home):
    def send(body, who="ciencia"):
        return client.post("/api/v1/score", json=body, headers=bearer(home[1][who]))

    return send


def test_scores_and_reasons_are_those_of_the_library_and_add_up(send, home):
    body = answers.Scores(**send(given(6)).json())
    records = Records.from_frames(frames_from(given(6)["tables"]))
    expected = score_frame(RiskModel.load(home[0].champion), build_frame(records, [DAY]))

    assert [one.student_id for one in body.students] == expected["student_id"].to_list()
    assert [one.score for one in body.students] == pytest.approx(expected["score"].to_list(), abs=1e-8)
    for one in body.students:
        assert one.base_value + sum(one.families.values()) == pytest.approx(one.raw_score, abs=1e-6)


def test_who_was_absent_scores_higher_and_is_told_so(send):
    absent, present, _ = answers.Scores(**send(given(3)).json()).students

    assert absent.score > present.score
    assert absent.reasons[0].family == "attendance"


def test_the_example_of_the_document_is_answered(send):
    assert send(EXAMPLE).status_code == 200


def test_what_became_known_after_the_day_changes_nothing(send):
    later = {"student_id": "a1", "week": "2024-04-29", "days_expected": 5, "days_absent": 5}
    body = given(3)
    body["tables"]["attendance"].append(later | {"happened_on": "2024-05-03", "known_on": "2024-05-06"})

    assert send(body).json() == send(given(3)).json()


def test_nothing_that_was_sent_is_kept(send, app):
    def rows():
        with app.state.service.database.reading() as connection:
            tables = metadata.sorted_tables
            return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]

    before = rows()
    assert send(given(5)).status_code == 200
    assert rows() == before


def test_students_who_are_not_on_roll_that_day_are_not_scored(send):
    body = given(2)
    body["tables"]["enrolment"][1]["status"] = "WITHDRAWN"

    assert [one["student_id"] for one in send(body).json()["students"]] == ["a0"]


WRONG = {
    "a grade of another world": ("enrolment", "grade", 120, "entre -3 y 99"),
    "a grade that is a text": ("enrolment", "grade", "sexto", "número entero"),
    "a date that does not exist": ("enrolment", "known_on", "2024-02-30", "AAAA-MM-DD"),
    "a status nobody has": ("enrolment", "status", "PERDIDO", "Se admite: ENROLLED"),
    "a student without a name": ("enrolment", "student_id", None, "obligatorio"),
    "a text without end": ("enrolment", "student_id", "x" * 300, "200 caracteres"),
    "a negative absence": ("attendance", "days_absent", -1, "entre 0 y 7"),
    "a truth value that is a text": ("enrolment", "repeating", "sí", "true o false"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_value_that_cannot_be_read_is_named_by_table_row_and_column(send, case):
    table, column, value, sentence = WRONG[case]
    body = given(2)
    body["tables"][table][1][column] = value

    answer = send(body)

    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert error["where"] == f"{table}[1].{column}"
    assert sentence in error["problem"]
    assert value is None or str(value) not in answer.text or isinstance(value, int)


def test_a_column_or_a_table_that_is_not_known_is_refused_without_repeating_its_name(send):
    body = given(1, secreta=[{"nombre": "Rosa Mina"}])
    body["tables"]["enrolment"][0]["rosa_mina"] = 1

    answer = send(body)

    assert answer.status_code == 422
    assert "rosa" not in answer.text.lower() and "secreta" not in answer.text


@pytest.mark.parametrize("missing", ["calendar", "enrolment"])
def test_without_a_calendar_or_enrolment_nothing_can_be_scored(send, missing):
    body = given(1)
    del body["tables"][missing]

    assert {"where": missing, "problem": "Esta tabla falta."} in send(body).json()["errors"]


def test_a_body_that_is_too_large_is_refused_declared_or_not(client, home):
    headers = bearer(home[1]["ciencia"]) | {"Content-Type": "application/json"}
    large = json.dumps(given(1)).encode() + b" " * 2_000_001

    declared = client.post("/api/v1/score", content=large, headers=headers)
    undeclared = client.post("/api/v1/score", content=iter([large]), headers=headers)

    assert (declared.status_code, undeclared.status_code) == (413, 413)
    assert declared.headers["content-type"] == "application/problem+json"


def test_more_students_than_one_call_may_ask_are_refused(send):
    body = given(501, attendance=[])

    assert "500" in send(body).json()["detail"]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b'{"day": "2024-05-05"}'])
def test_what_is_no_request_at_all_is_a_problem(client, home, content):
    headers = bearer(home[1]["ciencia"]) | {"Content-Type": "application/json"}

    answer = client.post("/api/v1/score", content=content, headers=headers)

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_administrator_may_not_score(send):
    assert send(given(1), "administra").status_code == 403


def test_a_model_whose_file_was_touched_is_not_used(home, tmp_path):
    import shutil

    settings, tokens = draw_home(tmp_path / "h")
    shutil.copytree(home[0].champion, settings.champion)
    with (settings.champion / "model.lgb").open("a") as file:
        file.write("\n")
    app = create_app(settings, lambda: MONDAY_MORNING)

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post("/api/v1/score", json=given(1), headers=bearer(tokens["ciencia"]))

    assert answer.status_code == 503
    app.state.service.database.engine.dispose()


def test_without_a_model_the_call_says_so(tmp_path):
    settings, tokens = draw_home(tmp_path / "h")
    app = create_app(settings, lambda: MONDAY_MORNING)

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post("/api/v1/score", json=given(1), headers=bearer(tokens["ciencia"]))

    assert answer.status_code == 503
    assert "modelo" in answer.json()["detail"]
    app.state.service.database.engine.dispose()
