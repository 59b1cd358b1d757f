"""Bringing staff over: reach becomes finer, everybody keeps what they had, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from drawn_lists import DIAMANTE, ESPERANZA, MONDAY_MORNING
from postgres_server import KEYS, OWNER
from sqlalchemy import text

from serving.database import Database
from serving.people import Person, Role, digest_of, list_people, person_with_token, reach_of

BEFORE = "0006"
PEOPLE = [
    Person("cobertura", Role.COVERAGE),
    Person("colegio", Role.SCHOOL, reach_of([ESPERANZA, DIAMANTE])),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """As it was before there were accounts, with two people and their tokens, in the hands of its owner."""
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.url(server.empty(), OWNER)
    old = Database(url, KEYS)
    old.upgrade(BEFORE)
    fill(old)
    yield old
    old.engine.dispose()


def fill(old: Database) -> None:
    with old.engine.begin() as connection:
        for person in PEOPLE:
            whole = person.reach.institutions is None
            told = {"name": person.name, "role": person.role.value, "whole": whole, "yes": True}
            connection.execute(text("INSERT INTO people VALUES (:name, :role, :whole, :yes)"), told)
            token = {"digest": digest_of(f"de {person.name}"), "name": person.name, "at": MONDAY_MORNING.isoformat()}
            connection.execute(
                text("INSERT INTO tokens (digest, person, issued_at) VALUES (:digest, :name, :at)"), token
            )
            for code in person.reach.institutions or ():
                connection.execute(
                    text("INSERT INTO reaches VALUES (:name, :code)"), {"name": person.name, "code": code}
                )


def test_role_reach_and_tokens_are_kept(database: Database) -> None:
    database.upgrade()

    assert list_people(database) == PEOPLE
    with database.reading() as connection:
        for person in PEOPLE:
            assert person_with_token(connection, digest_of(f"de {person.name}"), MONDAY_MORNING) == person
        assert connection.execute(text("SELECT count(*) FROM accounts")).scalar() == 2


def test_going_back_and_forth_again_keeps_them_too(database: Database) -> None:
    database.upgrade()
    database.downgrade(BEFORE)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM reaches")).scalar() == 2
        assert connection.execute(text("SELECT count(*) FROM tokens")).scalar() == 2

    database.upgrade()

    assert list_people(database) == PEOPLE
