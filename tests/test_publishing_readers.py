"""Who reads while lists are published finds one whole list every time: the old one or the new one, never an error."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from drawn_lists import BY, MONDAY_MORNING, SECOND_SUNDAY, bearer, draw_home, draw_list, draw_scores
from starlette.testclient import TestClient

from serving.app import create_app
from serving.publishing import publish

LIST = "/api/v1/risk-lists/latest"
PUBLICATIONS, READERS = 20, 3


@pytest.fixture
def app(each_database, tmp_path):
    settings, tokens = draw_home(tmp_path / "h", database_url=each_database)
    app = create_app(settings.model_copy(update={"requests_per_person": 0}), lambda: MONDAY_MORNING)
    app.state.tokens = tokens
    yield app
    app.state.service.database.engine.dispose()


def test_twenty_publications_under_readers_without_an_error_or_a_mixed_list(app):
    lists = [draw_list(SECOND_SUNDAY, scores=draw_scores(SECOND_SUNDAY, 90, seed=seed)) for seed in range(PUBLICATIONS)]
    students = {one.id: [line.student_id for line in one.lines if line.on_city_list] for one in lists}
    done, found = threading.Event(), []

    def read():
        client = TestClient(app, raise_server_exceptions=False)
        over = False
        while not over:
            over = done.is_set()  # and once more, of the last list
            found.append(client.get(LIST, headers=bearer(app.state.tokens["cobertura"])))

    with ThreadPoolExecutor(READERS) as readers:
        reading = [readers.submit(read) for _ in range(READERS)]
        for one in lists:
            publish(app.state.service.database, one, BY)
        done.set()
        for reader in reading:
            reader.result()

    told = [answer.json() for answer in found if answer.status_code == 200]
    new = [body for body in told if body["publication"]["id"] in students]
    assert len(told) == len(found) >= READERS
    assert all([row["student_id"] for row in body["rows"]] == students[body["publication"]["id"]] for body in new)
    assert {body["publication"]["id"] for body in new} >= {lists[-1].id}
