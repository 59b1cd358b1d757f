"""Who answers for a campus or a group is shown its children and no other, on every page and in every file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest
from crossed_calls import get, page
from crossed_city import City, crossed_city, group_of, number_of
from crossed_watch import send
from drawn_lists import BY, ESPERANZA, SECOND_SUNDAY, bearer, student
from sqlalchemy import select, update
from starlette.testclient import TestClient

from serving.contact_tables import contacts
from serving.people import Person, Role, add_person, issue_token
from serving.reach import Reach, read_part
from serving.tables import departures, listed, scores

OF_THE_SCHOOL = {student(number) for number in range(1, 91, 3)}
SHOWN_TO = {
    "grupo": {"campus_id": "01", "grade": 6, "class_group": "601"},
    "sede": {"campus_id": "01"},
    "esperanza": {},
}


@pytest.fixture(scope="module")
def city(each_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    city = crossed_city(tmp_path_factory.mktemp("city") / "h", each_database)
    yield city
    city.app.state.service.database.engine.dispose()


@pytest.fixture
def ask(city: City) -> Iterator[object]:
    with TestClient(city.app, follow_redirects=False) as client:
        yield lambda who, what: send(client, city, who, what(city.watched[0], city, who))[0]


def theirs(who: str) -> set[str]:
    """The children of the school that are in the part this person answers for."""
    return {child for child in OF_THE_SCHOOL if SHOWN_TO[who].items() <= group_of(number_of(child)).items()}


def rows(answer) -> set[str]:
    return {row["student_id"] for row in answer.json()["rows"]}


@pytest.fixture
def on_the_list(city: City) -> set[str]:
    with city.app.state.service.database.reading_as(BY.context) as connection:
        here = select(listed.c.student_id).where(listed.c.institution_id == ESPERANZA)
        return set(connection.execute(here.where(listed.c.publication_id.startswith(str(SECOND_SUNDAY)))).scalars())


@pytest.mark.parametrize("who", SHOWN_TO)
def test_a_list_has_exactly_the_rows_of_ones_part(ask, who, on_the_list):
    told = rows(ask(who, get("/risk-lists/latest", limit="200")))

    assert told == theirs(who) & on_the_list and told
    assert rows(ask(who, get(f"/institutions/{ESPERANZA}/watchlist", limit="200"))) == told
    assert rows(ask(who, get("/risk-lists/latest", institution=ESPERANZA, limit="200"))) == told


@pytest.mark.parametrize("who", SHOWN_TO)
def test_so_have_its_pages_and_its_files(ask, who, on_the_list):
    mine = theirs(who) & on_the_list
    for path in ("/lista", f"/lista?colegio={ESPERANZA}", "/lista/cambios", f"/instituciones/{ESPERANZA}"):
        text = ask(who, page(path)).text
        assert {child for child in OF_THE_SCHOOL if child in text} <= theirs(who), path
        assert path == "/lista/cambios" or {child for child in mine if child in text} == mine, path
    file = ask(who, get("/risk-lists/latest/file", format="csv")).text.lstrip("\ufeff")
    assert {row["Estudiante"] for row in csv.DictReader(io.StringIO(file), delimiter=";")} == mine


@pytest.mark.parametrize("who", SHOWN_TO)
def test_a_child_of_the_next_group_is_as_one_that_does_not_exist(ask, who):
    nobody = ask(who, get("/students/00000000000fffff")).content
    for child in sorted(OF_THE_SCHOOL):
        answer = ask(who, get(f"/students/{child}", names="true"))
        assert answer.status_code == (200 if child in theirs(who) else 404)
        assert answer.status_code == 200 or answer.content == nobody
        assert ask(who, page(f"/estudiantes/{child}")).status_code == answer.status_code


def test_follow_up_is_shown_to_whoever_answers_for_the_child_then(city, ask):
    mine, next_ones = student(1), student(4)
    assert next_ones not in theirs("grupo")
    with TestClient(city.app) as client:
        for child in (mine, next_ones):
            told = {"student_id": child, "kind": "CALL", "outcome": "LEFT"}
            assert client.post("/api/v1/contacts", json=told, headers=bearer(city.tokens["trabaja"])).status_code == 201

    assert len(ask("grupo", get(f"/students/{mine}")).json()["contacts"]) == 1
    states = ask("grupo", get("/risk-lists/latest", limit="200")).json()["states"]
    assert states[mine]["state"] == "CONTACTED" and next_ones not in states
    with city.app.state.service.database.reading_as(BY.context) as connection:
        kept = connection.execute(select(contacts).where(contacts.c.student_id == mine)).first()
    assert (kept.campus_id, kept.grade, kept.class_group) == ("01", 6, "601")


def test_a_part_of_a_school_is_shown_no_figure_of_the_whole_school(ask):
    text = ask("grupo", page(f"/instituciones/{ESPERANZA}")).text

    assert "Son de toda la institución" in text and "Solo se muestra la parte que usted atiende" in text
    assert "Son de toda la institución" not in ask("esperanza", page(f"/instituciones/{ESPERANZA}")).text


def test_who_left_the_list_is_told_to_their_own_group_alone(city):
    with city.app.state.service.database.reading_as(BY.context) as connection:
        found = connection.execute(select(departures)).all()

    assert found
    for row in found:
        told = {"campus_id": row.campus_id, "grade": row.grade, "class_group": row.class_group}
        assert told == group_of(number_of(row.student_id))


def test_a_group_may_be_given_a_worker_of_its_own(city, ask):
    """Who answers for one group takes children of that group and of no other."""
    workers = ask("comuna", page("/por-asignar")).text

    assert "grupo" in workers
    with TestClient(city.app) as client:
        give = lambda child: client.post(  # noqa: E731
            "/api/v1/assignments",
            json={"student_id": child, "worker": "grupo"},
            headers=bearer(city.tokens["comuna"]),
        )
        assert (give(student(1)).status_code, give(student(4)).status_code) == (201, 422)
    assert student(1) in ask("grupo", page("/mis-casos")).text


def test_all_groups_together_are_the_school_and_no_child_is_in_two(city, on_the_list):
    database = city.app.state.service.database
    groups = {tuple(group_of(number_of(child)).values()) for child in OF_THE_SCHOOL}
    told: list[str] = []
    with TestClient(city.app) as client:
        for number, (campus, grade, group) in enumerate(sorted(groups)):
            part = read_part(f"{ESPERANZA}/{campus}/{grade}/{group}")
            add_person(database, Person(f"g{number}", Role.SCHOOL, Reach(frozenset({part}))), BY)
            headers = bearer(issue_token(database, f"g{number}", BY))
            told += rows(client.get("/api/v1/risk-lists/latest?limit=200", headers=headers))

    assert len(groups) == 8
    assert sorted(told) == sorted(on_the_list)


def test_of_a_list_from_before_groups_were_kept_a_group_is_shown_nothing_and_a_school_everything(tmp_path, embedded):
    city = crossed_city(tmp_path / "h")
    with city.app.state.service.database.writing(BY, "x", "x") as (connection, _):
        for table in (listed, scores, departures):
            connection.execute(update(table).values(campus_id=None, grade=None, class_group=None))
    with TestClient(city.app) as client:
        found = {
            who: client.get("/api/v1/risk-lists/latest?limit=200", headers=bearer(city.tokens[who])) for who in SHOWN_TO
        }
        child = client.get(f"/api/v1/students/{student(1)}", headers=bearer(city.tokens["grupo"]))
    city.app.state.service.database.engine.dispose()

    assert {who: answer.status_code for who, answer in found.items()} == dict.fromkeys(SHOWN_TO, 200)
    assert [len(rows(found[who])) for who in ("grupo", "sede")] == [0, 0] and rows(found["esperanza"])
    assert child.status_code == 404
    assert json.loads(found["grupo"].content)["left"] == []
