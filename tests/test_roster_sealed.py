"""Who steals the database learns no name: the roster is sealed with a key that is kept elsewhere and can be changed."""

import sqlite3
from contextlib import closing

import pytest
from drawn_lists import BY, draw_roster, student
from hypothesis import given
from hypothesis import strategies as st
from postgres_server import KEYS, OWNER
from sqlalchemy import select, text, update

from serving import roster, tables
from serving.database import Database
from serving.database_settings import read_key
from serving.faults import Missing, WrongUsage
from serving.roster_rotation import rotate
from serving.sealing import Keys, Sealer
from serving.settings import read_settings

OLD = KEYS.roster.keys[0]
NEW = bytes(range(100, 132))
SECRETS = ("ROSA", "MINA", "11000" + "00001", "31200" + "00001", "APELLIDO2")
SESSION_SECRET = "Zk3-hX9_qLw7Rt2Vb8Ny5Md1Pc6Gf4Js"


def opened_with(database, *keys):
    return Database(database.url, Keys(Sealer(keys)))


def known(database, number=1):
    with database.reading_as(BY.context) as connection:
        return roster.known_of(connection, [student(number)]).get(student(number))


def bytes_of(database, postgres):
    """All that lies on the disk, or in every table and index."""
    if database.engine.dialect.name == "sqlite":
        file = database.engine.url.database
        with closing(sqlite3.connect(file)) as plain:
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open(file, "rb") as content:  # noqa: PTH123
            return content.read()
    name = database.engine.url.database
    return b"".join(
        told.encode() + sealed for told, sealed in postgres.run("SELECT roster::text, sealed FROM roster", name)
    )


def test_nothing_that_lies_in_the_database_tells_a_name_a_document_or_a_telephone(database, postgres):
    roster.upsert(database, draw_roster(30), BY)
    database.engine.dispose()

    content = bytes_of(database, postgres)

    assert student(1).encode() in content
    assert not [word for word in SECRETS if word.encode() in content]


@given(st.dictionaries(st.sampled_from(roster.SEALED), st.text(max_size=60), max_size=11), st.text(max_size=20))
def test_what_is_sealed_is_opened_as_it_was_and_never_looks_the_same_twice(told, who):
    sealer = Sealer((OLD,))
    sealed = sealer.seal(who, told)

    assert sealer.open(who, sealed) == told
    assert sealer.seal(who, told) != sealed


@given(st.integers(0, 200), st.integers(1, 255))
def test_one_byte_changed_anywhere_is_refused_without_a_word_of_what_was_in_it(place, change):
    sealer = Sealer((OLD,))
    sealed = bytearray(sealer.seal(student(1), {"first_name": "ROSA"}))
    sealed[place % len(sealed)] ^= change

    with pytest.raises(Missing, match="PERMANENCIA_ROSTER_KEY") as refused:
        sealer.open(student(1), bytes(sealed))
    assert "ROSA" not in str(refused.value)


def test_a_row_cannot_be_given_to_another_student(database):
    roster.upsert(database, draw_roster(2), BY)
    with database.writing(BY, "x", "x") as (connection, _):
        one = select(tables.roster.c.sealed).where(tables.roster.c.student_id == student(1)).scalar_subquery()
        connection.execute(update(tables.roster).where(tables.roster.c.student_id == student(2)).values(sealed=one))

    with pytest.raises(Missing):
        known(database, 2)


@pytest.mark.parametrize("written", ["1100000001", "1.100.000.001", " 1100 000 001 "])
def test_a_child_is_found_from_a_document_however_it_is_written(database, written):
    roster.upsert(database, draw_roster(3), BY)

    with database.reading_as(BY.context) as connection:
        assert roster.students_with_document(connection, written) == [student(1)]
        assert roster.students_with_document(connection, "") == []


def test_with_a_new_key_in_front_everything_is_sealed_again_and_the_old_key_opens_nothing(database):
    roster.upsert(database, draw_roster(30), BY)
    both = opened_with(database, NEW, OLD)

    assert known(both)["first_name"] == "ROSA"
    assert (rotate(both, BY), rotate(both, BY)) == (30, 0)

    new, old = opened_with(database, NEW), opened_with(database, OLD)
    assert known(new)["first_name"] == "ROSA"
    assert roster.upsert(new, draw_roster(30), BY) == 0
    with new.reading_as(BY.context) as connection:
        assert roster.students_with_document(connection, "1100000001") == [student(1)]
    with pytest.raises(Missing, match="otra clave"):
        known(old)
    for one in (both, new, old):
        one.engine.dispose()


def test_without_any_key_no_name_is_read_or_written(database):
    keyless = opened_with(database)

    with pytest.raises(Missing, match="PERMANENCIA_ROSTER_KEY"):
        roster.upsert(keyless, draw_roster(1), BY)
    assert known(database) is None
    keyless.engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_roster_from_before_is_sealed_and_can_be_opened_again(kind, tmp_path, request):
    url = owner_url(kind, tmp_path, request)
    database = Database(url, KEYS)
    database.upgrade("0005")
    row = {"student": student(1), "name": "ROSA", "document": "1100000001"}
    columns = "student_id, digest, first_name, document_number"
    insert = f"INSERT INTO roster ({columns}) VALUES (:student, '', :name, :document)"  # noqa: S608
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE roster NO FORCE ROW LEVEL SECURITY" if kind != "sqlite" else "SELECT 1"))
        connection.execute(text(insert), row)

    database.upgrade()
    assert known(database)["first_name"] == "ROSA"
    database.downgrade("0005")

    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE roster NO FORCE ROW LEVEL SECURITY" if kind != "sqlite" else "SELECT 1"))
        again = connection.execute(text("SELECT first_name, document_number, phone FROM roster")).one()
    database.engine.dispose()
    assert tuple(again) == ("ROSA", "1100000001", None)


def owner_url(kind, tmp_path, request):
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'x.sqlite'}"
    server = request.getfixturevalue("postgres")
    return server.url(server.empty(), OWNER)


# The key in the settings


@pytest.mark.parametrize("text", ["", "abc", "00" * 32, "zz" * 32, f"{NEW.hex()},corta"])
def test_production_does_not_start_without_a_good_key(tmp_path, monkeypatch, text):
    monkeypatch.setenv("PERMANENCIA_ENVIRONMENT", "production")
    monkeypatch.setenv("PERMANENCIA_SESSION_SECRET", SESSION_SECRET)
    monkeypatch.setenv("PERMANENCIA_ROSTER_KEY", text)

    with pytest.raises(WrongUsage, match="PERMANENCIA_ROSTER_KEY") as refused:
        read_settings(tmp_path)
    assert not text or text not in str(refused.value)


def test_a_demonstration_keeps_its_key_in_the_home_and_production_takes_that_of_the_environment(tmp_path, monkeypatch):
    assert read_settings(tmp_path).keys() == read_settings(tmp_path).keys()
    assert (tmp_path / "roster.key").stat().st_mode & 0o777 == 0o600

    monkeypatch.setenv("PERMANENCIA_ROSTER_KEY", f"{NEW.hex()}, {OLD.hex()}")

    assert read_settings(tmp_path).keys().roster.keys == (NEW, OLD) == (read_key(NEW.hex()), OLD)
    assert NEW.hex() not in repr(read_settings(tmp_path).keys())
