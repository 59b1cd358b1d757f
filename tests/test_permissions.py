"""Who may do what: the whole table of roles and actions, and reasons that are sentences."""

from datetime import timedelta
from itertools import product

import pytest
from drawn_lists import BY, DIAMANTE, ESPERANZA, LATIR, draw_roster, student
from sqlalchemy import delete, insert, select

from serving import permissions, roster
from serving.account_tables import reach_parts
from serving.faults import WrongUsage
from serving.people import (
    WHOLE_SECRETARIAT,
    Person,
    Reach,
    Role,
    add_person,
    change_reach,
    digest_of,
    issue_token,
    list_people,
    person_with_token,
    reach_of,
    remove_person,
    revoke_tokens,
)
from serving.permission_table import RULES
from serving.permissions import Action, Place, Pupil, needs_second_factor, why_not
from serving.reach import Part, Scope, read_reach
from serving.reach_filter import within
from serving.tables import audit, listed, people, schools, tokens
from serving.tenancy import context_of

TABLE = """
  see_list       coverage supervisor school data_scientist                within
  see_student    coverage supervisor school data_scientist                within
  see_names      coverage supervisor school                               within
  read_notes     coverage supervisor                                      within
  see_accesses            supervisor                                      within
  export         coverage supervisor school data_scientist                within
  export_bulk    coverage supervisor                                      within
  log_contact    coverage supervisor school                               within
  feedback       coverage supervisor school                               within
  assign                  supervisor                                      within
  score          coverage supervisor school data_scientist                anywhere
  see_model      coverage supervisor school data_scientist admin auditor  anywhere
  see_run        coverage supervisor        data_scientist admin auditor  anywhere
  import         coverage supervisor                                      whole
  publish_list            supervisor                                      whole
  hold_list               supervisor                       admin          whole
  rollback_list           supervisor                                      whole
  manage_people                                            admin          whole
  see_audit                                                      auditor  whole
"""
CELLS = {Action(action): (set(roles), extent) for action, *roles, extent in map(str.split, TABLE.split("\n")[1:-1])}

REACHES = {
    "everything": WHOLE_SECRETARIAT,
    "comuna": Reach(frozenset({Part(Scope.COMUNA, comuna="Comuna 14")}), frozenset({ESPERANZA, LATIR})),
    "school": reach_of([ESPERANZA]),
    "campus": read_reach([f"{ESPERANZA}/01"]),
    "group": read_reach([f"{ESPERANZA}/01/6/602"]),
    "school and campus": read_reach([DIAMANTE, f"{ESPERANZA}/01"]),
    "nothing": Reach(),
}
PLACES = {
    "the group": Place(ESPERANZA, "01", 6, "602"),
    "next group": Place(ESPERANZA, "01", 6, "603"),
    "same number, other grade": Place(ESPERANZA, "01", 7, "602"),
    "next campus": Place(ESPERANZA, "02", 6, "602"),
    "somewhere in the school": Place(ESPERANZA),
    "next school": Place(LATIR, "01", 6, "602"),
    "other comuna": Place(DIAMANTE, "01", 6, "602"),
}
COVERED = {
    "everything": set(PLACES),
    "comuna": set(PLACES) - {"other comuna"},
    "school": set(PLACES) - {"other comuna", "next school"},
    "campus": {"the group", "next group", "same number, other grade"},
    "group": {"the group"},
    "school and campus": {"the group", "next group", "same number, other grade", "other comuna"},
    "nothing": set(),
}


@pytest.fixture
def database(database):
    roster.upsert(database, draw_roster(6), BY)
    return database


def who(database, token, at=BY.at):
    with database.reading() as connection:
        return person_with_token(connection, digest_of(token), at)


@pytest.mark.parametrize(("reach", "place"), [*product(REACHES, PLACES)])
def test_a_reach_covers_what_it_names_and_nothing_beside_it(reach, place):
    assert REACHES[reach].covers(PLACES[place]) == (place in COVERED[reach])


@pytest.mark.parametrize(("action", "role"), [*product(Action, Role)])
def test_every_cell_of_role_action_and_reach_is_as_the_table_says(action, role):
    roles, extent = CELLS[action]
    for reach, place in product(REACHES, [None, *PLACES]):
        reason = why_not(Person("x", role, REACHES[reach]), action, PLACES[place] if place else None)

        expected = role in roles and allowed_there(extent, reach, place)
        assert (reason is None) == expected, (reach, place, reason)
        assert expected or (reason.endswith(".") and len(reason.split()) <= 20)


def allowed_there(extent, reach, place):
    if extent != "within":
        return extent == "anywhere" or reach == "everything"
    if reach == "nothing":
        return False
    return place is None or place in COVERED[reach]


def test_the_table_says_something_of_every_action_and_an_action_it_does_not_know_is_refused(monkeypatch):
    assert set(CELLS) == set(Action) == set(RULES)
    monkeypatch.delitem(RULES, Action.FEEDBACK)

    assert why_not(Person("x", Role.SUPERVISOR), Action.FEEDBACK) is not None


def test_whoever_sees_names_or_manages_people_needs_a_second_step_and_nobody_else():
    assert {role for role in Role if needs_second_factor(role)} == {
        Role.COVERAGE,
        Role.SUPERVISOR,
        Role.SCHOOL,
        Role.ADMIN,
    }


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


@pytest.mark.parametrize("reach", [["secretaria"], ["comuna:Comuna 14"], [ESPERANZA, "comuna:Comuna 14"]])
def test_a_school_user_reaches_schools_and_nothing_wider(database, reach):
    with pytest.raises(WrongUsage):
        add_person(database, Person("colegio", Role.SCHOOL, read_reach(reach)), BY)


@pytest.mark.parametrize(
    "text", ["", "comuna:", f"{ESPERANZA}/", f"{ESPERANZA}/01/6", f"{ESPERANZA}/01/seis/602", "/01"]
)
def test_a_reach_that_is_half_written_is_refused_and_never_read_as_more(text):
    with pytest.raises(WrongUsage):
        read_reach([text])


@pytest.mark.parametrize(
    "written", ["secretaria", "comuna:Comuna 14", ESPERANZA, f"{ESPERANZA}/01", f"{ESPERANZA}/01/6/602"]
)
def test_every_kind_of_reach_is_kept_and_read_back_as_it_was_written(database, written):
    add_person(database, Person("rosa", Role.COVERAGE, read_reach([written])), BY)

    (found,) = list_people(database)

    assert str(found.reach) == written and found.reach.parts == read_reach([written]).parts


def test_a_comuna_reaches_the_schools_that_are_in_it_now(database):
    add_person(database, Person("rosa", Role.COVERAGE, read_reach(["comuna:Comuna 14"])), BY)
    with database.writing(BY, "x", "x") as (connection, _):
        connection.execute(insert(schools).values(institution_id=LATIR, name="IE Nuevo Latir", comuna="Comuna 14"))
        connection.execute(insert(schools).values(institution_id=DIAMANTE, name="IE El Diamante", comuna="Comuna 13"))

    (found,) = list_people(database)

    assert found.reach.institutions == {LATIR}
    assert found.reach.covers(LATIR) and not found.reach.covers(DIAMANTE)


def test_a_change_of_reach_replaces_the_one_before(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)

    change_reach(database, "rosa", reach_of([ESPERANZA]), BY)

    assert list_people(database) == [Person("rosa", Role.COVERAGE, reach_of([ESPERANZA]))]


def test_a_campus_or_a_group_gets_no_row_from_a_table_that_does_not_tell_campuses():
    class Blind(dict):
        institution_id = listed.c.institution_id

    conditions = within(Blind(), read_reach([f"{ESPERANZA}/01"]))

    assert [str(one.compile(compile_kwargs={"literal_binds": True})) for one in conditions] == [
        "listed.institution_id IN (NULL) AND (1 != 1)"
    ]


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


def test_a_token_opens_nothing_after_its_last_day(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)
    token = issue_token(database, "rosa", BY, "informe", timedelta(days=30))

    assert who(database, token, BY.at + timedelta(days=29)) is not None
    assert who(database, token, BY.at + timedelta(days=30)) is None


def test_one_token_of_several_is_revoked_by_its_code(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)
    first, second = (issue_token(database, "rosa", BY) for _ in range(2))

    assert revoke_tokens(database, "rosa", BY, digest_of(first)[:12]) == 1
    assert who(database, first) is None and who(database, second) is not None


def test_the_token_itself_is_stored_nowhere(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)
    token = issue_token(database, "rosa", BY)

    with database.reading() as connection:
        kept = str([connection.execute(table.select()).all() for table in (tokens, people, audit)])
    assert digest_of(token) in kept and token not in kept


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
        connection.execute(delete(reach_parts))

    assert who(database, token).reach == Reach(frozenset())


def test_names_are_told_only_of_students_within_reach(database):
    pupils = [Pupil(student(1), ESPERANZA), Pupil(student(3), DIAMANTE)]
    rector = Person("x", Role.SCHOOL, reach_of([ESPERANZA]))

    with database.reading_as(context_of(rector)) as connection:
        assert permissions.names_among(connection, rector, pupils) == {student(1): "Rosa Mina"}
        assert permissions.identity_among(connection, rector, pupils[0]) == roster.Identity("Rosa Mina", "3120000001")
        assert permissions.identity_among(connection, rector, pupils[1]) is None


def test_a_data_scientist_learns_no_name(database):
    scientist, pupil = Person("x", Role.DATA_SCIENTIST), Pupil(student(1), ESPERANZA)

    with database.reading_as(BY.context) as connection:
        assert permissions.names_among(connection, scientist, [pupil]) == {}
        assert permissions.identity_among(connection, scientist, pupil) is None
