"""In PostgreSQL staff add follow-up within their reach, and change nothing that was written."""

import pytest
from drawn_lists import BY, DIAMANTE, ESPERANZA, publish_two_weeks, student
from followed_home import TODAY
from postgres_server import KEYS
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DatabaseError

from serving import contacts
from serving.contact_tables import assignments, notes
from serving.contact_tables import contacts as logged
from serving.contacts import Told
from serving.database import By, Database
from serving.once import Call
from serving.permissions import Pupil
from serving.tenancy import Context

HERE, THERE = Pupil(student(1), ESPERANZA), Pupil(student(3), DIAMANTE)


@pytest.fixture(scope="module")
def city(postgres):
    """Two published weeks, and one contact with a note at each of two schools."""
    database = Database.open(postgres.url(postgres.fresh()), KEYS)
    publish_two_weeks(database, students=9)
    for pupil in (HERE, THERE):
        write(database, BY.context, pupil)
    yield database
    database.engine.dispose()


def write(database, context, pupil):
    by = By("prueba", BY.at, context)
    with database.writing(by, "log_contact", "student:x") as (connection, _):
        told = Told("CALL", "LEFT", TODAY, note="palabras")
        return contacts.log(connection, pupil, told, by, Call("prueba"))


def as_role(role, *schools):
    return Context("x", role, frozenset(schools) or None)


@pytest.mark.parametrize("role", ["school", "coverage", "supervisor"])
def test_a_contact_is_added_within_reach_and_refused_outside_it(city, role):
    write(city, as_role(role, ESPERANZA), HERE)
    with pytest.raises(DatabaseError):
        write(city, as_role(role, ESPERANZA), THERE)


@pytest.mark.parametrize("role", ["data_scientist", "admin", "auditor"])
def test_other_roles_add_nothing(city, role):
    with pytest.raises(DatabaseError):
        write(city, as_role(role), HERE)


@pytest.mark.parametrize(
    ("table", "role", "sees"),
    [
        (logged, "school", {ESPERANZA}),
        (notes, "school", {ESPERANZA}),
        (notes, "data_scientist", set()),
        (notes, "admin", set()),
        (logged, "auditor", set()),
    ],
)
def test_what_was_written_is_seen_within_reach_and_notes_by_those_who_see_names(city, table, role, sees):
    with city.reading_as(as_role(role, ESPERANZA)) as connection:
        assert set(connection.execute(select(table.c.institution_id)).scalars()) == sees


@pytest.mark.parametrize("change", [update(logged).values(outcome="ATTENDING"), delete(logged), delete(notes)])
def test_nobody_changes_or_removes_what_was_written(city, change):
    for context in (as_role("supervisor"), BY.context):
        with pytest.raises(DatabaseError), city.writing(By("x", BY.at, context), "x", "x") as (connection, _):
            connection.execute(change)


def test_a_note_is_changed_by_the_job_alone_which_seals_it_again(city):
    with city.writing(By("x", BY.at, as_role("supervisor")), "x", "x") as (connection, _):
        assert connection.execute(update(notes).values(by="otra")).rowcount == 0


def test_only_the_supervision_hands_children_over(city):
    row = {"student_id": HERE.student_id, "institution_id": ESPERANZA, "number": 1, "by": "x", "at": BY.at}
    with pytest.raises(DatabaseError), city.writing(By("x", BY.at, as_role("coverage")), "x", "x") as (connection, _):
        connection.execute(insert(assignments).values(**row))
    with city.writing(By("x", BY.at, as_role("supervisor", ESPERANZA)), "x", "x") as (connection, _):
        connection.execute(insert(assignments).values(**row))
        assert connection.execute(select(assignments.c.number)).scalars().all() == [1]
