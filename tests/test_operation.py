"""How the service does is told to whoever watches it, and never whom it is about."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from drawn_lists import MONDAY_MORNING, bearer, draw_home, student
from starlette.testclient import TestClient

from models.model_files import write_note
from serving.api import answers
from serving.app import create_app
from serving.request_log import LOGGING, OneLine
from serving.several_workers import QUIETLY, shared_figures

HOUSE = Path(__file__).parent.parent


@pytest.fixture
def client(tmp_path):
    settings, tokens = draw_home(tmp_path / "h")
    version = settings.champion.with_name("version-7")
    version.mkdir(parents=True)
    write_note(version / "origin.json", {"promoted_by": "ana", "promoted_on": "2024-04-03"})
    app = create_app(settings, lambda: MONDAY_MORNING)
    with TestClient(app, raise_server_exceptions=False) as client:
        client.tokens = tokens
        yield client
    app.state.service.database.engine.dispose()


@pytest.fixture
def lines(caplog):
    """What was logged, as the lines that would be written."""
    caplog.set_level(logging.INFO, "permanencia.requests")
    return lambda: [json.loads(OneLine().format(record)) for record in caplog.records]


def test_who_asks_whether_it_is_ready_is_told_the_age_of_the_list_and_of_the_model(client):
    told = client.get("/readyz").json()

    assert answers.Ready(**told).list_age_days == 1
    assert (told["model_version"], told["model_age_days"], told["database"]) == ("7", 40, "ok")


def test_the_figures_count_calls_by_the_form_of_their_address_and_hold_nobodys_id(client):
    for path in (f"/api/v1/students/{student(1)}", "/api/v1/risk-lists/latest", "/api/v1/Rosa", "/Rosa"):
        client.get(path, headers=bearer(client.tokens["cobertura"]))
    figures = client.get("/metrics")

    assert figures.headers["content-type"].startswith("text/plain")
    for line in (
        'permanencia_requests_total{method="GET",route="/api/v1/students/{student}",status="200"}',
        'permanencia_request_seconds_count{route="/api/v1/risk-lists/{day}"}',
        'permanencia_requests_total{method="GET",route="none",status="404"}',
        "permanencia_list_age_days 1.0",
        "permanencia_list_rows 12.0",
        "permanencia_model_age_days 40.0",
        "permanencia_database_up 1.0",
    ):
        assert line in figures.text, line
    assert student(1) not in figures.text and "Rosa" not in figures.text and "cobertura" not in figures.text


def test_every_call_leaves_one_line_with_the_id_that_its_answer_carries(client, lines):
    answer = client.get(f"/api/v1/students/{student(1)}?names=true", headers=bearer(client.tokens["cobertura"]))
    (line,) = lines()

    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/students/{student}", 200)
    assert set(line) == {"at", "level", "logger", "event", "request_id", "method", "route", "status", "milliseconds"}
    assert student(1) not in json.dumps(line)


@pytest.mark.parametrize(
    ("given", "kept"), [("3f2504e0-4f89-41d3-9a0c-0305e82c3301", True), ("Rosa Mina", False), ("x" * 9999, False)]
)
def test_an_id_given_from_outside_is_kept_only_when_it_can_be_nothing_else(client, given, kept):
    answer = client.get("/livez", headers={"X-Request-ID": given})

    assert (answer.headers["x-request-id"] == given) is kept


def test_a_failure_is_logged_by_kind_and_place_and_never_by_what_it_says(client, lines, monkeypatch):
    def fails(*_):
        raise KeyError("ROSA MINA")

    monkeypatch.setattr("serving.published.publication_for", fails)
    answer = client.get("/api/v1/risk-lists/latest", headers=bearer(client.tokens["cobertura"]))
    failure, request = lines()

    assert answer.status_code == 500 and answer.json()["type"] == "/api/docs#error-del-servicio"
    assert failure["error"] == "KeyError" and any(
        "publication_for" in step or "fails" in step for step in failure["where"]
    )
    assert (failure["request_id"], request["status"]) == (request["request_id"], 500)
    assert "ROSA" not in json.dumps([failure, request])
    assert "nosniff" in answer.headers["x-content-type-options"]


def test_the_servers_own_line_that_would_repeat_the_address_is_off():
    assert QUIETLY["access_log"] is False
    assert LOGGING["loggers"]["uvicorn.access"]["level"] == "WARNING"


def test_several_workers_add_up_their_figures_in_a_folder_that_goes_with_them(monkeypatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    program = (
        "from serving import metrics; metrics.count('GET', '/lista', 200, 0.1); print(metrics.exposition({}).decode())"
    )
    with shared_figures(2):
        texts = [
            subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True) for _ in "ab"
        ]
    with shared_figures(1):
        pass

    assert 'permanencia_requests_total{method="GET",route="/lista",status="200"} 2.0' in texts[1].stdout


SERVE = """
import json, sys
sys.path.insert(0, "tests")
from pathlib import Path
from drawn_lists import MONDAY_MORNING, bearer, draw_home, student
from small_school import given, grown_model
from starlette.testclient import TestClient
settings, tokens = draw_home(Path(sys.argv[1]) / "h")
grown_model().save(settings.champion)
before = set(sys.modules)
from serving.app import create_app
settings = settings.model_copy(update={"tracking_uri": "http://127.0.0.1:9"})  # nobody listens there
with TestClient(create_app(settings, lambda: MONDAY_MORNING)) as client:
    def get(path): return client.get(path, headers=bearer(tokens["cobertura"])).status_code
    lists = ["/api/v1/risk-lists", "/api/v1/risk-lists/latest", f"/api/v1/students/{student(1)}"]
    told = [get(path) for path in [*lists, "/api/v1/model", "/readyz", "/metrics"]]
    scored = client.post("/api/v1/score", json=given(2), headers=bearer(tokens["ciencia"]))
    told.append(scored.status_code)
print(json.dumps({"told": told, "mlflow": [name for name in sys.modules if name.split(".")[0] == "mlflow"]}))
"""


def test_the_service_answers_everything_with_the_registry_gone_and_without_mlflow(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SERVE, tmp_path], cwd=HOUSE, capture_output=True, text=True, timeout=120
    )
    found = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else done.stderr

    assert found == {"told": [200] * 7, "mlflow": []}
