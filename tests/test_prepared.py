"""The pages of a list are ready when it is published, and are byte for byte what its rows would give."""

import json

import pytest
from drawn_lists import (
    BY,
    DIAMANTE,
    ESPERANZA,
    LATIR,
    MONDAY_MORNING,
    SCHOOLS,
    SECOND_SUNDAY,
    bearer,
    draw_home,
    draw_list,
    draw_scores,
    publish_two_weeks,
)
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from serving import prepared, published
from serving.app import create_app
from serving.people import Person, Role, add_person, issue_token, reach_of
from serving.prepared_tables import prepared as table
from serving.published import Wanted
from serving.publishing import publish
from serving.reach import WHOLE_SECRETARIAT, read_reach
from serving.tenancy import Context, context_of

LIST = "/api/v1/risk-lists/latest"


@pytest.fixture
def city(database):
    """Enough rows for a second page of fifty, in the city and in a school."""
    publish(database, draw_list(SECOND_SUNDAY, 600, capacity=130, per_school=60), BY)
    return database


@pytest.fixture
def ask(tmp_path):
    settings, tokens = draw_home(tmp_path / "h", students=600, capacity=130)
    app = create_app(settings, lambda: MONDAY_MORNING)
    with TestClient(app) as client:
        ask = lambda path, who="cobertura", **query: client.get(path, params=query, headers=bearer(tokens[who]))  # noqa: E731
        ask.database, ask.tokens = app.state.service.database, tokens
        yield ask
    app.state.service.database.engine.dispose()


@pytest.mark.parametrize("school", [prepared.CITY, *SCHOOLS])
@pytest.mark.parametrize("size", prepared.SIZES)
def test_every_page_that_is_ready_is_what_its_rows_would_give_from_the_first_to_the_last(city, school, size):
    wanted = Wanted(WHOLE_SECRETARIAT, school or None, city_list_only=not school)
    seen = 0
    with city.reading_as(BY.context) as connection:
        publication = published.publication_for(connection, None)
        while True:
            ready = prepared.page_for(connection, publication.id, wanted, size)
            put_together = prepared.page_of(
                publication, prepared.rows_for(connection, publication.id, wanted, size), size
            )
            assert ready == put_together
            seen += ready.rows
            if ready.next_after is None:
                break
            wanted = Wanted(wanted.reach, wanted.institution, None, wanted.city_list_only, ready.next_after)

    assert seen == (130 if not school else seen) and seen >= 60


def test_an_answer_is_the_same_whether_it_was_ready_or_not(ask):
    queries = [(LIST, "cobertura"), (LIST, "esperanza"), (f"/api/v1/institutions/{LATIR}/watchlist", "cobertura")]
    ready = [ask(path, who).content for path, who in queries]

    with ask.database.writing(BY, "x", "x") as (connection, _):
        assert connection.execute(delete(table)).rowcount > 0

    assert [ask(path, who).content for path, who in queries] == ready


def test_page_by_page_with_ready_pages_every_row_is_told_once(ask):
    seen, cursor = [], None
    while True:
        body = ask(LIST, **({"cursor": cursor} if cursor else {})).json()
        seen += [row["rank"] for row in body["rows"]]
        if (cursor := body["next_cursor"]) is None:
            break

    assert seen == list(range(1, 131))


@pytest.mark.parametrize(
    ("wanted", "whose"),
    [
        (Wanted(WHOLE_SECRETARIAT), prepared.CITY),
        (Wanted(WHOLE_SECRETARIAT, DIAMANTE, city_list_only=False), DIAMANTE),
        (Wanted(reach_of([ESPERANZA]), city_list_only=False), ESPERANZA),
        (Wanted(reach_of([ESPERANZA]), ESPERANZA, city_list_only=False), ESPERANZA),
        (Wanted(reach_of([ESPERANZA]), DIAMANTE, city_list_only=False), None),
        (Wanted(reach_of([ESPERANZA, LATIR]), city_list_only=False), None),
        (Wanted(reach_of([ESPERANZA])), None),
        (Wanted(WHOLE_SECRETARIAT, ESPERANZA), None),
        (Wanted(WHOLE_SECRETARIAT, comuna="Comuna 14"), None),
        (Wanted(WHOLE_SECRETARIAT, city_list_only=False), None),
        (Wanted(read_reach([f"{ESPERANZA}/01"]), city_list_only=False), None),
        (Wanted(read_reach([f"{ESPERANZA}/01"]), ESPERANZA, city_list_only=False), None),
        (Wanted(read_reach([ESPERANZA, f"{LATIR}/01"]), city_list_only=False), None),
    ],
)
def test_a_ready_page_is_given_only_for_the_whole_of_what_it_holds(wanted, whose):
    assert prepared.whose(wanted) == whose


def test_a_person_of_several_schools_is_still_answered_row_by_row(ask):
    person = Person("dos", Role.SCHOOL, reach_of([ESPERANZA, DIAMANTE]))
    add_person(ask.database, person, BY)
    ask.tokens["dos"] = issue_token(ask.database, "dos", BY)

    rows = ask(LIST, "dos", limit=200).json()["rows"]

    assert {row["institution"] for row in rows} == {ESPERANZA, DIAMANTE}


def test_a_list_that_replaces_another_has_its_own_pages_and_the_old_ones_stay(database):
    first, second = publish_two_weeks(database)
    corrected = draw_list(SECOND_SUNDAY, scores=draw_scores(SECOND_SUNDAY, 90, seed=9))
    publish(database, corrected, BY)
    publish(database, corrected, BY)  # again: nothing is written twice

    with database.reading_as(BY.context) as connection:
        ids = set(connection.execute(select(table.c.publication_id).distinct()).scalars())
        page = prepared.page_for(connection, corrected.id, Wanted(WHOLE_SECRETARIAT), 50)
    assert ids == {first.id, second.id, corrected.id}
    assert json.loads(page.body + b"}")["publication"]["id"] == corrected.id


def test_in_postgresql_a_school_finds_its_own_pages_and_never_the_citys(postgres):
    from postgres_server import KEYS

    from serving.database import Database

    database = Database.open(postgres.url(postgres.fresh()), KEYS)
    publish_two_weeks(database)
    school = context_of(Person("esperanza", Role.SCHOOL, reach_of([ESPERANZA])))
    shown = {}
    for name, context in {"school": school, "whole": BY.context, "nobody": None}.items():
        with database.reading_as(context) as connection:
            shown[name] = set(connection.execute(select(table.c.institution_id).distinct()).scalars())
    database.engine.dispose()

    assert shown == {"school": {ESPERANZA}, "whole": {prepared.CITY, *SCHOOLS}, "nobody": set()}
    assert isinstance(school, Context)
