"""Who reads while lists are published finds one whole list every time: the old one or the new one, never an error."""

import pytest
from drawn_lists import MONDAY_MORNING
from many_readers import drawn_lists, read_while_publishing
from real_browser import served

from serving.app import create_app
from serving.settings import Settings

PUBLICATIONS, READERS = 8, 5
STUDENTS, CAPACITY = 120, 70


@pytest.fixture
def app(each_database, tmp_path):
    settings = Settings(home=tmp_path / "h", environment="demo", database_url=each_database, requests_per_person=0)
    return create_app(settings, lambda: MONDAY_MORNING)


def test_lists_follow_each_other_under_readers_without_an_error_or_a_mixed_answer(app):
    database = app.state.service.database
    lists = drawn_lists(database, PUBLICATIONS, STUDENTS, CAPACITY)

    with served(app) as address:
        found = read_while_publishing(address, database, lists, READERS, STUDENTS)

    assert found.wrong == []
    assert found.seen[lists[-1].id] >= READERS and len(found.seen) > 1
    assert all(found.asked[kind] for kind in ("page", "file", "student", "again"))
