"""The service lives through what happens to servers: a database that goes, comes or is silent, a stop mid-answer."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from drawn_lists import MONDAY_MORNING, bearer, draw_home
from small_school import given
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from serving import connecting
from serving.app import create_app
from serving.database import Database
from serving.several_workers import shared_figures

HOUSE = Path(__file__).parent.parent
LIST = "/api/v1/risk-lists/latest"
ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
TWICE = """
from serving import metrics
metrics.count("GET", "/lista", 200, 0.1)
metrics.exposition({"database_up": 1.0})
print(metrics.exposition({"database_up": 0.0}).decode())
"""


def test_a_database_that_was_restarted_is_found_again_by_every_page_and_call(postgres, tmp_path):
    url = postgres.url(name := postgres.fresh())
    settings, tokens = draw_home(tmp_path / "h", students=30, database_url=url)
    app = create_app(settings, lambda: MONDAY_MORNING)
    with TestClient(app, raise_server_exceptions=False) as client:
        for _ in range(3):
            assert client.get(LIST, headers=bearer(tokens["cobertura"])).status_code == 200
            assert client.get("/readyz").status_code == 200
            assert postgres.run(ENDED + f"'{name}'"), "as a restart does it: nobody is connected any more"
    app.state.service.database.engine.dispose()


def test_a_database_that_takes_the_call_and_says_nothing_is_an_error_in_seconds(monkeypatch):
    monkeypatch.setitem(connecting.CONNECTING, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql+psycopg://a@127.0.0.1:{silent.getsockname()[1]}/x")
        began = time.monotonic()
        with pytest.raises(OperationalError), database.reading() as connection:
            connection.execute(text("SELECT 1"))
    assert time.monotonic() - began < 30


def test_what_several_workers_tell_of_the_list_is_told_once_and_as_it_is_now(monkeypatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    with shared_figures(2):
        done = subprocess.run([sys.executable, "-c", TWICE], cwd=HOUSE, capture_output=True, text=True, check=True)

    assert [line for line in done.stdout.splitlines() if line.startswith("permanencia_database_up")] == [
        "permanencia_database_up 0.0"
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_service_that_is_asked_to_stop_answers_what_it_was_asked_before_and_keeps_nobody_waiting(tmp_path, workers):
    settings, tokens = draw_home(tmp_path / "h", students=30)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "serving.cli", "serve", "--port", str(port), "--home", str(settings.home)]
    command += ["--workers", str(workers)]
    with subprocess.Popen(command, cwd=HOUSE, env=os.environ, stderr=subprocess.DEVNULL) as service:
        body = json.dumps(given(2)).encode()
        with connected(port) as caller, caller.makefile("rb") as answers:
            caller.sendall(head(tokens["ciencia"], len(body)) + body[:100])
            time.sleep(0.5)
            service.send_signal(signal.SIGTERM)
            turned_away(port)
            caller.sendall(body[100:])
            answer = answers.read()

        assert service.wait(60) in (0, -signal.SIGTERM), "as uvicorn ends: by the signal, once all is answered"
    assert answer.startswith(b"HTTP/1.1 503") and b"Todav\xc3\xada no hay un modelo en uso." in answer


def turned_away(port):
    """Well before the service ends, who comes is refused at once instead of left waiting at a door without a porter."""
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.1)
    raise AssertionError("ten seconds after it was asked to stop it still let people in")


def connected(port):
    for _ in range(1_200):
        try:
            return socket.create_connection(("127.0.0.1", port), 60)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service did not start")


def head(token, length):
    lines = ["POST /api/v1/score HTTP/1.1", "Host: x", f"Authorization: {bearer(token)['Authorization']}"]
    lines += ["Content-Type: application/json", f"Content-Length: {length}", "", ""]
    return "\r\n".join(lines).encode()
