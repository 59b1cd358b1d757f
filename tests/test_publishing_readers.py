"""Who reads while lists are published finds one whole list every time: the old one or the new one, never an error."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from drawn_lists import MONDAY_MORNING
from many_readers import drawn_lists, read_while_publishing

from serving.app import create_app
from serving.settings import Settings

PUBLICATIONS, READERS = 8, 5
STUDENTS, CAPACITY = 120, 70


@pytest.fixture
def app(each_database, tmp_path):
    settings = Settings(home=tmp_path / "h", environment="demo", database_url=each_database, requests_per_person=0)
    app = create_app(settings, lambda: MONDAY_MORNING)
    yield app
    app.state.service.database.engine.dispose()


@contextmanager
def served(app):
    """The address of a real server, in a thread of this process."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, args=([door],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_lists_follow_each_other_under_readers_without_an_error_or_a_mixed_answer(app):
    database = app.state.service.database
    lists = drawn_lists(database, PUBLICATIONS, STUDENTS, CAPACITY)

    with served(app) as address:
        found = read_while_publishing(address, database, lists, READERS, STUDENTS)

    assert found.wrong == []
    assert found.seen[lists[-1].id] >= READERS and len(found.seen) > 1
    assert all(found.asked[kind] for kind in ("page", "file", "student", "again"))
