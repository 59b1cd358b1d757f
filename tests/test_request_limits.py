"""One person may ask so often and no more; who must wait is told how long, and the others are not kept."""

import pytest
from drawn_lists import MONDAY_MORNING, bearer, draw_home
from starlette.testclient import TestClient

from serving.app import create_app
from serving.request_limits import Turnstile

LIST = "/api/v1/risk-lists/latest"


@pytest.fixture
def client(tmp_path):
    settings, tokens = draw_home(tmp_path / "h")
    app = create_app(settings.model_copy(update={"requests_per_person": 3}), lambda: MONDAY_MORNING)
    with TestClient(app) as client:
        client.tokens = tokens
        yield client
    app.state.service.database.engine.dispose()


def test_the_one_too_many_waits_until_the_first_is_five_minutes_old():
    moments = (0.0, 100.0, 200.0, 250.0, 299.9, 300.0, 301.0)
    clock = iter((*moments, 301.0))
    turnstile = Turnstile(3, 300.0, lambda: next(clock))
    passed = [turnstile.wait("ana") for _ in moments]

    assert passed == [0, 0, 0, 51, 1, 0, 100]
    assert turnstile.wait("luz") == 0


def test_without_a_limit_nobody_waits():
    turnstile = Turnstile(0)
    assert {turnstile.wait("ana") for _ in range(1000)} == {0}


def test_who_asks_too_often_is_told_when_to_come_back_and_others_are_served(client):
    codes = [client.get(LIST, headers=bearer(client.tokens["cobertura"])).status_code for _ in range(3)]
    refused = client.get(LIST, headers=bearer(client.tokens["cobertura"]))

    assert codes == [200, 200, 200]
    assert refused.status_code == 429 and 1 <= int(refused.headers["retry-after"]) <= 301
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/api/docs#demasiadas-peticiones"
    assert client.get(LIST, headers=bearer(client.tokens["ciencia"])).status_code == 200
