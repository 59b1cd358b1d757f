"""The one door to the database: safe to open, up to date by itself, and nothing written without a who."""

import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from drawn_lists import BY, FIRST_SUNDAY, draw_list
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from serving.database import HEAD, MIGRATIONS, Database
from serving.faults import Missing, WrongUsage
from serving.people import Person, Role, add_person
from serving.publishing import publish
from serving.tables import audit, metadata, pointers, schools, tokens


def audit_lines(database):
    with database.reading() as connection:
        return connection.execute(select(audit).order_by(audit.c.id)).all()


def test_a_new_embedded_database_has_the_tables_of_this_version(database):
    with database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []
    assert database.revision() == HEAD


def test_the_newest_migration_in_the_folder_is_the_one_we_expect():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_opening_it_again_changes_nothing(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)

    again = Database.open(database.url)

    assert len(audit_lines(again)) == 1
    again.engine.dispose()


def test_the_file_that_holds_names_belongs_to_its_owner_alone(database):
    path = Path(database.engine.url.database)

    for file in path.parent.glob("x.sqlite*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_readers_are_not_stopped_by_a_writer(database):
    with database.writing(BY, "publish", "x"), database.reading() as connection:
        assert connection.execute(select(audit)).all() == []


def test_foreign_keys_are_enforced(database):
    with pytest.raises(IntegrityError), database.writing(BY, "x", "x") as (connection, _):
        connection.execute(insert(pointers).values(day=FIRST_SUNDAY, publication_id="nothing"))


def test_every_write_leaves_exactly_one_line_that_says_who(database):
    add_person(database, Person("rosa", Role.COVERAGE), BY)

    (line,) = audit_lines(database)

    assert (line.by, line.action, line.thing) == (BY.who, "add_person", "rosa")


def test_a_write_that_fails_leaves_no_trace(database):
    with pytest.raises(RuntimeError), database.writing(BY, "issue_token", "rosa") as (connection, _):
        connection.execute(insert(schools).values(institution_id="1", name="x"))
        raise RuntimeError

    assert audit_lines(database) == []
    with database.reading() as connection:
        assert connection.execute(select(schools)).all() == []


def test_an_error_of_the_database_does_not_repeat_the_row(database):
    with pytest.raises(IntegrityError) as caught, database.writing(BY, "x", "x") as (connection, _):
        connection.execute(insert(tokens).values(digest="secreto-de-rosa", person="nadie", issued_at=BY.at))

    assert "secreto-de-rosa" not in str(caught.value)


def test_an_address_that_is_no_database_is_wrong_usage():
    with pytest.raises(WrongUsage):
        Database.open("esto no es")


def test_a_folder_that_cannot_be_read_is_something_missing(tmp_path):
    (tmp_path / "folder.sqlite").mkdir()

    with pytest.raises(Missing):
        Database.open(f"sqlite:///{tmp_path / 'folder.sqlite'}")


def test_a_migration_can_be_undone_and_done_again(tmp_path):
    from alembic import command

    database = Database.open(f"sqlite:///{tmp_path / 'x.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    database.engine.dispose()

    with sqlite3.connect(tmp_path / "x.sqlite") as plain:
        left = {name for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    plain.close()
    assert left == {"alembic_version"}

    again = Database.open(database.url)
    assert publish(again, draw_list(FIRST_SUNDAY, students=20), BY).is_new
    again.engine.dispose()
