"""The check for whole lists is able to fail: one row, page, pointer or line not as published, and it says so."""

from contextlib import nullcontext

import pytest
from drawn_lists import publish_two_weeks
from postgres_server import KEYS
from sqlalchemy import text
from whole_lists import whole_lists

from serving.database import Database


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    database = Database.open(f"sqlite:///{tmp_path_factory.mktemp('whole') / 'x.sqlite'}", KEYS)
    publish_two_weeks(database)
    yield database
    database.engine.dispose()


def test_what_was_published_is_whole(published):
    assert len(whole_lists(published)) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM listed WHERE rank = 7",
        "DELETE FROM scores WHERE rank = 80",
        "DELETE FROM departures",
        "UPDATE scores SET raw_score = raw_score + 0.01 WHERE rank = 80",
        "UPDATE listed SET on_city_list = 0 WHERE rank = 12",
        "DELETE FROM prepared WHERE size = 200",
        "UPDATE publications SET content_hash = 'otro' WHERE id = (SELECT min(publication_id) FROM pointers)",
        "UPDATE pointers SET publication_id = (SELECT min(publication_id) FROM pointers)",
        "UPDATE audit SET detail = 'otra' WHERE id = 1",
    ],
)
def test_damage_of_one_kind_is_seen(published, damage, monkeypatch):
    with published.engine.connect() as connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in connection.execute(text(triggers)).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        assert connection.exec_driver_sql(damage).rowcount > 0
        monkeypatch.setattr(published, "reading_as", lambda _context: nullcontext(connection))

        with pytest.raises((AssertionError, KeyError)):
            whole_lists(published)

        connection.rollback()
