"""Nobody learns anything of a school that is not theirs, however they ask; a refusal says no more than "no such"."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from crossed_blind import blind
from crossed_calls import ASKS, attempts, get, page
from crossed_city import OTHERS, City, crossed_city
from crossed_watch import Found, send, text_of, watch
from drawn_lists import DIAMANTE, ESPERANZA, student
from postgres_server import Server
from sqlalchemy import select
from starlette.testclient import TestClient

from serving import published
from serving.contact_tables import assignments, contacts, feedback, notes
from serving.tenancy import job

MANY, BLIND = 2_000, 600
"""experiments/benchmarks/cross_school.py sends ten times as many, and tells them by kind."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    city = crossed_city(tmp_path_factory.mktemp("city") / "h")
    yield city
    city.app.state.service.database.engine.dispose()


@pytest.fixture(scope="module")
def found(city: City) -> tuple[Found, bool]:
    """What came of the attempts, and whether what is kept of the watched school is as it was."""
    before = kept(city)
    return watch(city, attempts(city, MANY)), kept(city) == before


def kept(city: City) -> list[list[object]]:
    with city.app.state.service.database.reading_as(job("prueba")) as connection:
        asked = (
            select(table).where(table.c.institution_id == DIAMANTE)
            for table in (contacts, assignments, feedback, notes)
        )
        return [sorted(map(str, connection.execute(one))) for one in asked]


def test_of_thousands_of_attempts_none_tells_or_changes_anything_of_another_school(found: tuple[Found, bool]) -> None:
    told, unchanged = found

    assert told.leaks == [] and unchanged
    assert set(told.tried) == {*ASKS, "any route"} and sum(told.tried.values()) == MANY


def test_what_is_out_of_reach_is_answered_byte_for_byte_like_what_does_not_exist(found: tuple[Found, bool]) -> None:
    told, _ = found

    assert told.told_apart == []
    assert told.statuses[404] > MANY / 4 and max(told.statuses) < 500


def test_the_watch_would_hear_it(city: City) -> None:
    """The watched school's own people are told all of it."""
    it = city.watched[0]
    asks = [page("/estudiantes/{student}"), page("/lista"), page("/paquetes/{export}"), get("/risk-lists/latest")]
    with TestClient(city.app) as client:
        for ask in asks:
            answer, _ = send(client, city, "qsupervisora", ask(it, city, "qsupervisora"))
            assert answer.status_code == 200 and city.of_children.search(text_of(answer))


def test_what_happens_at_another_school_does_not_change_the_stamp_of_ones_own_list(city: City) -> None:
    """A stamp that moved with it would tell how many contacts the others log."""
    it, who = city.watched[8], "esperanza"
    with TestClient(city.app) as client:
        ask = lambda: send(client, city, who, get("/risk-lists/latest")(it, city, who))[0].headers["etag"]  # noqa: E731
        before = ask()
        told = {"student_id": it.student, "kind": "CALL", "outcome": "LEFT"}
        headers = {"Authorization": f"Bearer {city.tokens['qrector']}"}
        assert client.post("/api/v1/contacts", json=told, headers=headers).status_code == 201

        assert ask() == before


def test_the_lists_there_are_have_a_stamp_by_which_they_are_not_sent_again(city: City) -> None:
    headers = {"Authorization": f"Bearer {city.tokens['esperanza']}"}
    with TestClient(city.app) as client:
        first = client.get("/api/v1/risk-lists", headers=headers)
        again = client.get("/api/v1/risk-lists", headers=headers | {"If-None-Match": first.headers["etag"]})
        other = client.get("/api/v1/risk-lists?limit=1", headers=headers | {"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)
    assert again.headers["etag"] == first.headers["etag"] != other.headers["etag"]


def test_in_postgresql_the_fences_alone_keep_every_row_of_another_school_away(
    postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    city = crossed_city(tmp_path_factory.mktemp("city") / "h", postgres.url(postgres.fresh()))
    before = kept(city)
    with blind():
        assert published.within(None, OTHERS[0].reach) == [] and OTHERS[0].reach.covers(DIAMANTE)
        told = watch(city, attempts(city, BLIND), compare=False, canary=city.of_children)
        with TestClient(city.app) as client:
            own, _ = send(client, city, "grupo", page(f"/lista?colegio={ESPERANZA}")(city.watched[0], city, "grupo"))
    assert told.leaks == [] and kept(city) == before
    assert student(1) in own.text, "with the conditions gone its own school is still shown"
    city.app.state.service.database.engine.dispose()
