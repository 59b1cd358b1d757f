"""Who may do what: the whole table of roles and actions, and reasons that are sentences."""

import pytest
from drawn_lists import BY, DIAMANTE, ESPERANZA, draw_roster, student
from sqlalchemy import select

from serving import permissions, roster
from serving.database import Database
from serving.faults import WrongUsage
from serving.people import (
    Person,
    Reach,
    Role,
    add_person,
    digest_of,
    issue_token,
    list_people,
    person_with_token,
    reach_of,
    remove_person,
    revoke_tokens,
)
from serving.permissions import Action, Place, Pupil, why_not
from serving.tables import audit, people, tokens

READERS = {Role.COVERAGE, Role.SUPERVISOR, Role.SCHOOL, Role.DATA_SCIENTIST}
ALLOWED = {
    Action.SEE_LIST: READERS,
    Action.SEE_STUDENT: READERS,
    Action.SEE_NAMES: READERS - {Role.DATA_SCIENTIST},
    Action.EXPORT: READERS,
    Action.SCORE: READERS,
    Action.SEE_MODEL: set(Role),
}


@pytest.fixture
def database(tmp_path):
    opened = Database.open(f"sqlite:///{tmp_path / 'x.sqlite'}")
    roster.upsert(opened, draw_roster(6), BY)
    yield opened
    opened.engine.dispose()


def who(database, token):
    with database.reading() as connection:
        return person_with_token(connection, digest_of(token))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_each_role_may_do_what_the_table_says_and_is_told_why_not(role, action):
    reason = why_not(Person("x", role), action)

    if role in ALLOWED[action]:
        assert reason is None
    else:
        assert reason and reason.endswith(".") and len(reason.split()) <= 20


@pytest.mark.parametrize("action", Action)
def test_a_person_whose_account_is_closed_may_do_nothing(action):
    assert why_not(Person("x", Role.COVERAGE, active=False), action) == "Este usuario está cerrado."


def test_a_school_reaches_its_own_students_and_no_others():
    headteacher = Person("x", Role.SCHOOL, reach_of([ESPERANZA]))

    assert why_not(headteacher, Action.SEE_STUDENT, Place(ESPERANZA)) is None
    assert why_not(headteacher, Action.SEE_STUDENT, Place(DIAMANTE)) is not None


def test_an_empty_reach_reaches_nothing():
    assert not Reach(frozenset()).covers(ESPERANZA)


def test_a_school_user_without_a_school_cannot_be_made(database):
    with pytest.raises(WrongUsage):
        add_person(database, Person("colegio", Role.SCHOOL), BY)


def test_a_name_is_taken_only_once(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)

    with pytest.raises(WrongUsage):
        add_person(database, Person("rosa", Role.ADMIN), BY)


@pytest.mark.parametrize("name", ["", "R", "Rosa Mina", "rosa;drop", "á", "x" * 81])
def test_a_user_name_is_plain(database, name):
    with pytest.raises(WrongUsage):
        add_person(database, Person(name, Role.COVERAGE), BY)


def test_a_token_signs_in_its_owner_with_role_and_reach(database):
    owner = Person("colegio", Role.SCHOOL, reach_of([ESPERANZA, DIAMANTE]))
    add_person(database, owner, BY)

    assert who(database, issue_token(database, "colegio", BY)) == owner
    assert list_people(database) == [owner]


def test_the_token_itself_is_stored_nowhere(database, tmp_path):
    add_person(database, Person("rosa", Role.COVERAGE), BY)
    token = issue_token(database, "rosa", BY)
    database.engine.dispose()

    assert all(token.encode() not in file.read_bytes() for file in tmp_path.glob("x.sqlite*"))


def test_a_revoked_token_opens_nothing(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)
    token = issue_token(database, "rosa", BY)

    assert revoke_tokens(database, "rosa", BY) == 1
    assert who(database, token) is None


def test_who_leaves_is_closed_and_loses_every_token_but_is_not_forgotten(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)
    token = issue_token(database, "rosa", BY)
    remove_person(database, "rosa", BY)

    assert who(database, token) is None
    assert [person.active for person in list_people(database)] == [False]
    with database.reading() as connection:
        assert connection.execute(select(tokens)).all() == []


def test_a_person_without_reach_in_the_database_reaches_nothing(database):
    add_person(database, Person("colegio", Role.SCHOOL, reach_of([ESPERANZA])), BY)
    token = issue_token(database, "colegio", BY)
    with database.writing(BY, "x", "x") as (connection, _):
        connection.exec_driver_sql("DELETE FROM reaches")

    assert who(database, token).reach == Reach(frozenset())
    with database.reading() as connection:
        assert connection.execute(select(people.c.whole_secretariat)).scalars().all() == [False]


def test_names_are_told_only_of_students_within_reach_and_the_look_is_noted(database):
    pupils = [Pupil(student(1), ESPERANZA), Pupil(student(3), DIAMANTE)]

    names = permissions.names_of(Person("x", Role.SCHOOL, reach_of([ESPERANZA])), pupils, database, BY, "list:1")

    assert names == {student(1): "Rosa Mina"}
    with database.reading() as connection:
        line = connection.execute(select(audit).where(audit.c.action == "see_names")).one()
    assert (line.thing, line.detail) == ("list:1", "1 estudiantes")


def test_a_data_scientist_learns_no_name_and_leaves_no_line(database):
    scientist, pupil = Person("x", Role.DATA_SCIENTIST), Pupil(student(1), ESPERANZA)

    assert permissions.names_of(scientist, [pupil], database, BY, "list:1") == {}
    assert permissions.identity_of(scientist, pupil, database, BY) is None
    with database.reading() as connection:
        assert connection.execute(select(audit).where(audit.c.action.startswith("see"))).all() == []
