"""Attacks on the door: odd numbers, letters and days sent to be scored, and commands that are typed wrong."""

import json
import socket
import subprocess
import sys
from copy import deepcopy

import pytest
from drawn_lists import MONDAY_MORNING, bearer, draw_home
from small_school import given, grown_model
from starlette.testclient import TestClient

from serving.api.given_records import _own_column
from serving.app import create_app
from serving.cli import main
from serving.faults import Missing
from serving.intake import alone


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    grown_model().save(settings.champion)
    return settings, tokens


@pytest.fixture
def send(home):
    app = create_app(home[0], lambda: MONDAY_MORNING)

    def send(body):
        headers = bearer(home[1]["ciencia"]) | {"Content-Type": "application/json"}
        return client.post("/api/v1/score", content=json.dumps(body), headers=headers)

    with TestClient(app, raise_server_exceptions=False) as client:
        yield send
    app.state.service.database.engine.dispose()


@pytest.fixture
def run(capsys):
    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in arguments])
        return ended.value.code, *capsys.readouterr()

    return run


ODD = [
    ("enrolment", "grade", 10**400),
    ("enrolment", "grade", float("nan")),
    ("enrolment", "student_id", "\ud800"),
    ("enrolment", "class_group", "\udfff"),
    ("calendar", "school_year", "\ud800"),
    ("calendar", "ends_on", "9999-12-31"),
    ("enrolment", "happened_on", "0001-01-01"),
    ("attendance", "week", "9999-12-31"),
    ("attendance", "days_expected", -(10**400)),
]


@pytest.mark.parametrize(("table", "column", "value"), ODD, ids=range(len(ODD)))
def test_a_value_that_no_table_can_hold_is_refused_and_not_a_failure(send, table, column, value):
    body = deepcopy(given(2))
    body["tables"][table][0][column] = value
    answer = send(body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["where"] == f"{table}[0].{column}"


NO_VALUES = [10**400, float("nan"), float("inf"), "\ud800", [1], {"a": 1}, True, "x" * 300]


@pytest.mark.parametrize("value", NO_VALUES, ids=range(len(NO_VALUES)))
def test_a_column_of_ones_own_holds_numbers_and_texts_and_nothing_else(send, value):
    body = deepcopy(given(2))
    student = {"student_id": "a0", "happened_on": "2024-02-01", "known_on": "2024-02-02"}
    body["tables"]["characterisation"] = [student | {"x_ingreso": value}]
    answer = send(body)

    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "characterisation[0].x_")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_refused(send, day):
    answer = send(given(2) | {"day": day})
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "day")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nada"], "no existe"),
        (["run-week"], "Falta --day"),
        (["run-week", "--day", "2024-09-15", "--capacity", "x"], "El valor de --capacity no se admite"),
        (["list", "--nada"], "La opción --nada no existe"),
        (["check"], "Falta"),
        (["check", "a", "b"], "sobra"),
        (["run-week", "--day", "0001-01-01"], "El año"),
        (["features", "--day", "2024-09-15", "--out", "f.parquet", "--engine", "nada"], "El motor debe ser"),
        (["user", "nada"], "no existe"),
    ],
)
def test_what_is_typed_wrong_is_told_in_spanish_and_as_json(run, tmp_path, arguments, sentence):
    code, out, err = run("--home", tmp_path / "h", *arguments, "--json")
    told = json.loads(out)

    assert (code, told["exit_code"]) == (2, 2)
    assert sentence in told["error"]
    assert not any(word in err for word in ("Usage", "Error", "Try", "Traceback"))


def test_help_is_no_mistake_and_no_command_at_all_shows_it(run):
    assert run("--help")[0] == 0
    code, _, err = run()
    assert code == 2
    assert "run-week" in err


def test_a_folder_where_a_file_is_written_is_a_sentence(run, home, tmp_path):
    code, _, err = run("--home", home[0].home, "list", "--out", tmp_path)
    assert code == 5
    assert "es una carpeta" in err and "Traceback" not in err


def test_a_school_that_is_not_on_the_list_is_something_missing(run, home):
    code, out, _ = run("--home", home[0].home, "list", "--institution", "999", "--json")
    assert (code, json.loads(out)["exit_code"]) == (5, 5)


def test_numbers_among_texts_of_ones_own_stay_as_they_were_written():
    rows = [{"x_a": 1}, {"x_a": "b"}, {"x_a": None}]
    assert _own_column("characterisation", "x_a", rows, []).to_list() == ["1", "b", None]


def test_a_port_in_use_is_something_missing(run, home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run("--home", home[0].home, "serve", "--port", port)
    assert code == 5
    assert f"puerto {port}" in err


def test_two_readings_at_once_are_refused_and_a_dead_one_leaves_the_way_free(tmp_path):
    lock = tmp_path / "ingest.lock"
    hold = "import sys, time; from pathlib import Path; from serving.intake import alone\n"
    hold += "with alone(Path(sys.argv[1])): print('in', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold, lock], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "in\n"
        with pytest.raises(Missing, match="en curso"), alone(lock):
            pass
        other.kill()
    with alone(lock):
        pass
