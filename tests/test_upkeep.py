"""What keeps the service in order, as it is typed: tables, copies, the walk along the audit, a new key."""

import json
import os
import sqlite3
import tracemalloc
from contextlib import closing

import pytest
from drawn_lists import BY, draw_home, publish_two_weeks, student
from postgres_server import OWNER

from serving import published, roster
from serving.cli import main
from serving.database import HEAD, Database
from serving.settings import Settings


@pytest.fixture
def run(capsys, monkeypatch):
    """The command in this process; gives its exit code and what it printed."""

    def run(*arguments, home, **environment):
        for name in [name for name in os.environ if name.startswith("PERMANENCIA_")]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--home", str(home)])
        os.environ.pop("PERMANENCIA_HOME", None)
        return ended.value.code or 0, "".join(capsys.readouterr())

    return run


@pytest.fixture
def home(tmp_path):
    return draw_home(tmp_path / "h", students=30)[0]


def tamper(home, *statements):
    with closing(sqlite3.connect(home.home / "permanencia.sqlite")) as plain:
        for statement in ("DROP TRIGGER audit_refuses_update", "DROP TRIGGER audit_refuses_delete", *statements):
            plain.execute(statement)
        plain.commit()


def test_a_whole_audit_is_said_to_be_whole_and_leaves_a_checkpoint(run, home):
    code, told = run("audit", "verify", "--json", home=home.home)

    assert code == 0
    assert json.loads(told)["lines"] == 11
    assert (home.home / "audit.checkpoints.jsonl").exists()


@pytest.mark.parametrize(
    ("statement", "word"),
    [("UPDATE audit SET by = 'otra' WHERE id = 4", "4"), ("DELETE FROM audit WHERE id > 6", "Faltan las últimas 5")],
)
def test_an_audit_that_was_touched_is_refused_and_the_first_line_is_told(run, home, statement, word):
    run("audit", "verify", home=home.home)
    tamper(home, statement)

    code, told = run("audit", "verify", home=home.home)

    assert code == 4
    assert word in told and "registro fue alterado" in told


def test_the_key_of_the_names_is_changed_with_one_command(run, home):
    old = (home.home / "roster.key").read_bytes().hex()
    new = bytes(range(32)).hex()

    code, told = run("roster", "rotate-key", home=home.home, PERMANENCIA_ROSTER_KEY=f"{new},{old}")
    again, _ = run("roster", "rotate-key", "--json", home=home.home, PERMANENCIA_ROSTER_KEY=new)

    assert (code, again) == (0, 0) and "30" in told
    assert run("roster", "rotate-key", home=home.home, PERMANENCIA_ROSTER_KEY=old)[0] == 5


def served(settings):
    database = Database.open(settings.database_url, settings.keys())
    with database.reading_as(BY.context) as connection:
        publication = published.publication_for(connection, None)
        rows = published.rows(connection, publication.id, published.Wanted())
        names = roster.names_of(connection, [student(1), student(2)])
    database.engine.dispose()
    return publication.body, [row.body for row in rows], names


def test_a_copy_that_was_brought_back_serves_the_same_bytes_and_the_audit_says_so(run, home, tmp_path):
    before, copy = served(home), tmp_path / "copia.sqlite"
    run("audit", "verify", home=home.home)
    assert run("backup", "--out", copy, home=home.home)[0] == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    database = Database.open(home.database_url, home.keys())
    for _ in range(3):
        database.note(BY, "later", "x")
    database.engine.dispose()
    run("audit", "verify", home=home.home)

    code, told = run("restore", copy, home=home.home)

    assert code == 0, told
    assert served(home) == before
    assert run("audit", "verify", home=home.home)[0] == 0
    assert list(home.home.glob("permanencia.sqlite.20*")), "the database that was there is set aside"


def test_a_large_copy_is_put_back_without_holding_it_in_memory(run, home, tmp_path):
    copy = tmp_path / "copia.sqlite"
    run("backup", "--out", copy, home=home.home)
    with closing(sqlite3.connect(copy)) as plain:
        plain.execute("CREATE TABLE large AS SELECT zeroblob(64000000) AS much")
        plain.commit()

    tracemalloc.start()
    code, _ = run("restore", copy, home=home.home)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (code, (home.home / "permanencia.sqlite").stat().st_size > 64_000_000) == (0, True)
    assert most < 32_000_000


@pytest.mark.parametrize("damage", ["cut", "tampered", "absent"])
def test_a_copy_that_is_not_sound_is_not_brought_back(run, home, tmp_path, damage):
    before, copy = served(home), tmp_path / "copia.sqlite"
    run("backup", "--out", copy, home=home.home)
    if damage == "cut":
        copy.write_bytes(copy.read_bytes()[:5_000])
    elif damage == "absent":
        copy.unlink()
    else:
        with closing(sqlite3.connect(copy)) as plain:
            plain.execute("DROP TRIGGER audit_refuses_update")
            plain.execute("UPDATE audit SET by = 'otra' WHERE id = 2")
            plain.commit()

    assert run("restore", copy, home=home.home)[0] == {"cut": 3, "tampered": 4, "absent": 5}[damage]
    assert served(home) == before


def test_on_postgresql_the_owner_makes_the_tables_and_the_service_uses_them(run, postgres, tmp_path):
    name = postgres.empty()
    addresses = {
        "PERMANENCIA_DATABASE_URL": postgres.url(name),
        "PERMANENCIA_DATABASE_OWNER_URL": postgres.url(name, OWNER),
    }
    home = tmp_path / "h"

    assert run("audit", "verify", home=home, **addresses)[0] == 5
    assert run("db", "upgrade", home=home, PERMANENCIA_DATABASE_URL=postgres.url(name))[0] == 2
    code, told = run("db", "upgrade", "--json", home=home, **addresses)
    assert (code, json.loads(told)) == (0, {"revision": HEAD})

    settings = Settings(home=home, database_url=postgres.url(name))
    database = Database.open(settings.database_url, settings.keys())
    publish_two_weeks(database)
    database.engine.dispose()
    assert run("audit", "verify", home=home, **addresses)[0] == 0
    assert "pg_dump" in run("backup", "--out", tmp_path / "x", home=home, **addresses)[1]
