"""In PostgreSQL the fence around a child's record holds even where the program forgets it."""

import random
import threading

import pytest
from drawn_lists import (
    BY,
    DIAMANTE,
    ESPERANZA,
    FIRST_SUNDAY,
    LATIR,
    MONDAY_MORNING,
    SCHOOLS,
    bearer,
    draw_home,
    draw_roster,
    publish_two_weeks,
    student,
)
from postgres_server import KEYS, OWNER
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DatabaseError
from starlette.testclient import TestClient

import serving.account_tables
import serving.contact_tables  # noqa: F401
from serving import people, permissions, profiles, published, reach, roster, tenancy
from serving.app import create_app
from serving.database import HEAD, By, Database
from serving.faults import Missing, WrongUsage
from serving.people import Person, Role, reach_of
from serving.tables import departures, listed, metadata, reports, scores
from serving.tenancy import APPLICATION_ROLE, FREE, TENANT, Context, context_of, job

STUDENTS = 90
TABLES = [metadata.tables[name] for name in TENANT]
PUBLISHED = (listed, scores, departures, reports)


@pytest.fixture(scope="module")
def city(postgres):
    """Two published weeks and everyone's name."""
    database = Database.open(postgres.url(postgres.fresh()), KEYS)
    publish_two_weeks(database, students=STUDENTS)
    roster.upsert(database, draw_roster(STUDENTS), BY)
    yield database
    database.engine.dispose()


def counted(connection, table):
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def seen_by(database, context):
    with database.reading_as(context) as connection:
        return {table.name: counted(connection, table) for table in TABLES}


def schools_seen(connection, table):
    return set(connection.execute(select(table.c.institution_id).distinct()).scalars())


# Every table


def test_every_table_is_either_fenced_or_known_to_hold_no_child(city):
    with city.reading() as connection:
        there = set(connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())

    assert there == set(metadata.tables) | {"alembic_version"}
    assert not there - set(TENANT) - set(FREE), "name the new table in serving/tenancy.py: fenced, or free of children"
    assert set(TENANT) | set(FREE) == there and not set(TENANT) & set(FREE)


def test_a_table_that_names_a_student_is_fenced():
    of_students = {name for name, table in metadata.tables.items() if "student_id" in table.c}

    assert of_students <= set(TENANT)
    assert all("institution_id" in metadata.tables[name].c for name in TENANT)


def test_every_fence_stands_and_binds_the_owner_too(city):
    question = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
    policies = "SELECT tablename, count(*) FROM pg_policies GROUP BY tablename"
    with city.reading() as connection:
        fenced = set(connection.execute(text(question)).scalars())
        counts = dict(map(tuple, connection.execute(text(policies))))

    assert fenced == set(TENANT)
    assert counts == {name: 2 + bool(fence.writers) for name, fence in TENANT.items()}


def test_the_service_owns_nothing_and_may_go_round_no_fence(city):
    role = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    owned = "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
    with city.reading() as connection:
        assert tuple(connection.execute(text(role)).one()) == (False, False, False, False)
        assert connection.execute(text(owned)).scalar() == 0
        assert connection.execute(text("SELECT current_user")).scalar() == APPLICATION_ROLE


def test_the_service_does_not_start_as_the_owner_of_the_tables(city, postgres):
    name = city.engine.url.database
    for role in (OWNER, "postgres"):
        with pytest.raises(WrongUsage, match=APPLICATION_ROLE):
            Database.open(postgres.url(name, role), KEYS).engine.dispose()


# Who sees what


def test_without_a_context_there_is_not_one_row(city):
    assert set(seen_by(city, None).values()) == {0}
    with city.reading() as connection:
        assert [counted(connection, table) for table in TABLES] == [0] * len(TABLES)


def test_the_weekly_run_sees_everything(city):
    told = seen_by(city, job("run-week"))

    assert told["scores"] == 2 * STUDENTS and told["roster"] == STUDENTS and told["listed"] > 24


@pytest.mark.parametrize("reached", [{ESPERANZA}, {LATIR, DIAMANTE}, {"999"}, set()])
def test_a_reach_shows_its_schools_and_no_other(city, reached):
    context = Context("x", "school", frozenset(reached))
    with city.reading_as(context) as connection:
        for table in PUBLISHED:
            assert schools_seen(connection, table) <= reached
        assert schools_seen(connection, scores) == reached & set(SCHOOLS)
        assert schools_seen(connection, metadata.tables["roster"]) == reached & set(SCHOOLS)


@pytest.mark.parametrize("role", Role)
def test_only_who_may_see_names_finds_the_roster_and_only_readers_find_lists(city, role):
    told = seen_by(city, context_of(Person("x", role)))

    reads = role in {Role.COVERAGE, Role.SUPERVISOR, Role.SCHOOL, Role.DATA_SCIENTIST}
    assert (told["scores"] > 0) == (told["listed"] > 0) == reads
    assert (told["roster"] > 0) == (reads and role is not Role.DATA_SCIENTIST)


def test_a_child_who_moved_is_still_called_by_name_where_the_list_shows_them(postgres):
    database = Database.open(postgres.url(postgres.fresh()), KEYS)
    publish_two_weeks(database, students=STUDENTS)
    roster.upsert(database, draw_roster(STUDENTS).with_columns(institution_id=text_of(DIAMANTE)), BY)

    with database.reading_as(Context("x", "school", frozenset({ESPERANZA}))) as connection:
        names = roster.names_of(connection, [student(1), student(2), student(3)])
    database.engine.dispose()

    assert names == {student(1): "Rosa Mina"}


def text_of(value):
    import polars as pl

    return pl.lit(value)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_person_writes_no_childs_record_whatever_their_reach(city, role):
    by = By("x", MONDAY_MORNING, Context("x", role, None))
    row = {"publication_id": f"{FIRST_SUNDAY}", "student_id": "x", "institution_id": ESPERANZA}

    with pytest.raises(DatabaseError), city.writing(by, "x", "x") as (connection, _):
        connection.execute(insert(scores).values(**row, score=0.5, raw_score=0, rank=1))


def test_what_is_published_is_changed_by_nobody(city):
    for table in PUBLISHED:
        with pytest.raises(DatabaseError), city.writing(BY, "x", "x") as (connection, _):
            connection.execute(table.update().values(institution_id="x"))


# Connections that are used again


def test_of_a_thousand_looks_over_few_connections_none_sees_what_another_did(city):
    contexts = [Context(code, "school", frozenset({code})) for code in SCHOOLS]
    contexts += [None, Context("x", "auditor", None), job("x"), Context("x", "coverage", None)]
    leaks, done, whole = [], [], {job("x"), Context("x", "coverage", None)}

    def look(seed):
        order = random.Random(seed)
        for number in range(125):
            context = order.choice(contexts)
            try:
                with city.reading_as(context) as connection:
                    told = schools_seen(connection, scores)
                    if number % 10 == 0:
                        raise InterruptedError
            except InterruptedError:
                pass
            reads = context is not None and context.role != "auditor"
            may = set(SCHOOLS) if context in whole else set(context.institutions or ()) if reads else set()
            done.append(1)
            leaks.extend(told ^ may)

    workers = [threading.Thread(target=look, args=(seed,)) for seed in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert (len(done), leaks) == (1_000, [])


# With every condition of the program taken away


def test_with_every_filter_of_the_program_taken_away_a_school_still_sees_its_own_children_alone(
    postgres, tmp_path, monkeypatch
):
    settings, tokens = draw_home(tmp_path / "h", database_url=postgres.url(postgres.fresh()))
    app = create_app(settings, lambda: MONDAY_MORNING)
    monkeypatch.setattr(published, "within", lambda *_: [])
    monkeypatch.setattr(permissions, "why_not", lambda *_: None)
    monkeypatch.setattr(profiles, "may", lambda *_: True)
    monkeypatch.setattr(reach.Reach, "covers", lambda *_: True)
    assert people.Person("x", Role.SCHOOL, reach_of([ESPERANZA])).reach.covers(DIAMANTE), "the program is now blind"
    own = {student(number) for number in range(1, STUDENTS + 1, 3)}
    others = {student(number) for number in range(1, STUDENTS + 1)} - own

    with TestClient(app) as client:
        told = [
            client.get(path, headers=bearer(tokens["esperanza"])).text
            for path in [
                *("/api/v1/risk-lists/latest?limit=200", "/api/v1/risk-lists/latest?names=true&limit=200"),
                *(f"/api/v1/institutions/{code}/watchlist?names=true&limit=200" for code in SCHOOLS),
                *(f"/api/v1/risk-lists/latest?institution={code}" for code in SCHOOLS),
                *(f"/api/v1/students/{one}?names=true" for one in sorted(own | others)),
            ]
        ]
    app.state.service.database.engine.dispose()

    assert any(one in body for one in own for body in told)
    assert not [one for one in others for body in told if one in body]
    assert not [code for code in (LATIR, DIAMANTE) for body in told if f'"institution":"{code}"' in body]


# Setting it up


def test_tables_are_brought_up_to_date_by_their_owner_alone(postgres):
    name = postgres.empty()
    with pytest.raises(Missing, match="db upgrade"):
        Database.open(postgres.url(name), KEYS)
    service, owner = Database(postgres.url(name), KEYS), Database(postgres.url(name, OWNER), KEYS)
    with pytest.raises(WrongUsage, match="PERMANENCIA_DATABASE_OWNER_URL"):
        service.upgrade()

    owner.upgrade()
    owner.downgrade("base")
    owner.upgrade()

    ready = Database.open(postgres.url(name), KEYS)
    assert ready.revision() == HEAD
    for opened in (service, owner, ready):
        opened.engine.dispose()


def test_without_the_role_of_the_service_it_says_how_to_make_it(city, monkeypatch):
    monkeypatch.setattr(tenancy, "APPLICATION_ROLE", "nadie")

    with city.reading() as connection, pytest.raises(Missing, match="createuser nadie"):
        tenancy.must_have_application_role(connection)
