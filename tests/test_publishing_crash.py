"""A list is published whole or not at all: killed at any moment, last week's list is still served."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from drawn_lists import BY, FIRST_SUNDAY, SCHOOLS, SECOND_SUNDAY, draw_list, draw_scores
from postgres_server import KEYS
from sqlalchemy import event, func, select
from whole_lists import whole_lists

from serving import published
from serving.database import Database
from serving.published import Wanted
from serving.publishing import last_list_before, publish
from serving.tables import audit, listed, pointers, publications, scores

STUDENTS, CAPACITY = 6_000, 60
KILLS = int(os.environ.get("PERMANENCIA_KILLS", "5"))
CHILD = """
import sys
sys.path[:0] = sys.argv[2:]
from test_publishing_crash import second_week
from serving.database import Database
from serving.publishing import publish, last_list_before
from drawn_lists import BY, SECOND_SUNDAY
from postgres_server import KEYS
database = Database.open(sys.argv[1], KEYS)
risk_list, last = second_week(database)
risk_list.content_hash
print("ready", flush=True)
sys.stdin.readline()
publish(database, risk_list, BY, last)
print("done", flush=True)
"""


def second_week(database):
    last = last_list_before(database, SECOND_SUNDAY)
    scores = draw_scores(SECOND_SUNDAY, STUDENTS)
    return draw_list(SECOND_SUNDAY, capacity=CAPACITY, last=last, scores=scores), last


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def first_week(request, tmp_path_factory):
    """A database with one published week; every kill starts from a copy of it. Gives how to make a copy."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("first") / "x.sqlite"
        url, copy = f"sqlite:///{path}", lambda folder: f"sqlite:///{shutil.copy(path, folder)}"
    else:
        server = request.getfixturevalue("postgres")
        url, copy = server.url(name := server.fresh()), lambda _: server.url(server.fresh(name))
    database = Database.open(url, KEYS)
    publish(database, draw_list(FIRST_SUNDAY, capacity=CAPACITY, scores=draw_scores(FIRST_SUNDAY, STUDENTS)), BY)
    database.engine.dispose()
    return copy


def open_copy(first_week, folder):
    return Database.open(first_week(folder), KEYS)


def served(database):
    """What a reader is given, after checking that it is one whole publication."""
    with database.reading_as(BY.context) as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        publication = published.publication_for(connection, None)
        city = published.rows(connection, publication.id, Wanted())
        assert [row.rank for row in city] == list(range(1, CAPACITY + 1))
        everyone = select(func.count()).where(scores.c.publication_id == publication.id)
        assert connection.execute(everyone).scalar_one() == STUDENTS
        return publication.id


def orphans(database):
    with database.reading_as(BY.context) as connection:
        known = set(connection.execute(select(publications.c.id)).scalars())
        pointed = set(connection.execute(select(pointers.c.publication_id)).scalars())
        used = {id for table in (listed, scores) for id in connection.execute(select(table.c.publication_id)).scalars()}
    return (known ^ pointed) | (known ^ used)


def test_killed_at_random_moments_the_list_before_or_the_list_after_is_served_whole(first_week, tmp_path):
    random_moment = random.Random(20240512)
    before = served(reference := open_copy(first_week, tmp_path))
    arguments = _arguments(reference)
    started = time.monotonic()
    after = publish(reference, *arguments).id
    latest = time.monotonic() - started
    reference.engine.dispose()
    interrupted = 0

    for number in range(KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        database = open_copy(first_week, folder)

        finished = publish_and_kill(database.url, random_moment.uniform(0, latest))
        # On a busy machine the first publication was slow and the child's is quick: look earlier next time.
        latest *= 0.5 if finished else 1

        seen = served(database)
        whole_lists(database)
        assert seen in (before, after)
        assert seen == after or not finished
        assert orphans(database) == set()
        interrupted += seen == before
        done = publish(database, *_arguments(database))
        assert (done.id, served(database)) == (after, after)
        assert orphans(database) == set()
        database.engine.dispose()

    assert interrupted > 0, "no kill fell within a publication: the test showed nothing"


def _arguments(database):
    risk_list, last = second_week(database)
    return risk_list, BY, last


def publish_and_kill(url, after_seconds):
    """A real process, killed as the machine would: no signal handler, no clean-up."""
    tests = Path(__file__).parent
    command = [sys.executable, "-c", CHILD, url, str(tests), str(tests.parent)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("go\n")
        child.stdin.flush()
        time.sleep(after_seconds)
        os.kill(child.pid, signal.SIGKILL)
        return "done" in child.stdout.read()


class StopHereError(Exception):
    """Raised in place of a statement."""


def test_stopped_before_any_single_statement_nothing_of_the_new_list_remains(first_week, tmp_path):
    database = open_copy(first_week, tmp_path)
    before, arguments = served(database), _arguments(database)
    statements = count_statements(open_copy(first_week, _folder(tmp_path, "count")), arguments)

    for number in range(statements):
        with StoppingAt(database, number), pytest.raises(StopHereError):
            publish(database, *arguments)
        assert served(database) == before
        assert orphans(database) == set()

    assert statements >= 8
    database.engine.dispose()


def _folder(parent, name):
    (parent / name).mkdir()
    return parent / name


def count_statements(database, arguments):
    seen = []
    event.listen(database.engine, "before_cursor_execute", lambda *_: seen.append(1))
    publish(database, *arguments)
    database.engine.dispose()
    return len(seen)


class StoppingAt:
    """Lets so many statements pass and stops the next."""

    def __init__(self, database, number):
        self.database, self.left = database, number

    def __enter__(self):
        event.listen(self.database.engine, "before_cursor_execute", self.stop)

    def __exit__(self, *_):
        event.remove(self.database.engine, "before_cursor_execute", self.stop)

    def stop(self, _connection, _cursor, statement, *_):
        if self.left == 0:
            raise StopHereError
        self.left -= 1


def test_publishing_the_same_list_twice_changes_nothing(first_week, tmp_path):
    database = open_copy(first_week, tmp_path)
    arguments = _arguments(database)
    once, twice = publish(database, *arguments), publish(database, *arguments)

    assert (once.is_new, twice.is_new) == (True, False)
    assert once.content_hash == twice.content_hash
    assert orphans(database) == set()
    with database.reading() as connection:
        told = connection.execute(select(func.count()).where(audit.c.action == "publish", audit.c.thing == once.id))
        assert told.scalar_one() == 1
    database.engine.dispose()


def test_a_corrected_list_of_the_same_day_takes_its_place_and_the_first_is_kept(first_week, tmp_path):
    database = open_copy(first_week, tmp_path)
    first = served(database)
    corrected = draw_list(FIRST_SUNDAY, capacity=CAPACITY, scores=draw_scores(FIRST_SUNDAY, STUDENTS, seed=6))

    second = publish(database, corrected, BY)

    assert served(database) == second.id != first
    with database.reading() as connection:
        assert published.publication_with(connection, first) is not None
    database.engine.dispose()


def test_two_processes_that_publish_at_once_leave_one_list(first_week, tmp_path):
    database = open_copy(first_week, tmp_path)
    tests = Path(__file__).parent
    command = [sys.executable, "-c", CHILD, database.url, str(tests), str(tests.parent)]
    pair = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for child in pair:
        assert child.stdout.readline() == "ready\n"
    for child in pair:
        child.stdin.write("go\n")
        child.stdin.flush()
    ends = [child.communicate(timeout=60)[0] for child in pair]

    assert all("done" in end for end in ends)
    assert [child.returncode for child in pair] == [0, 0]
    assert orphans(database) == set()
    assert set(SCHOOLS) and served(database).startswith(SECOND_SUNDAY.isoformat())
    database.engine.dispose()
