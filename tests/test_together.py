"""Lines left at one moment are written in one go, and nobody goes on before theirs is."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from drawn_lists import BY
from sqlalchemy import func, select

from serving.audit_chain import verify
from serving.database import Database
from serving.tables import audit
from serving.together import Together


def test_everything_is_written_once_and_before_its_reader_goes_on():
    written, seen_late = [], []

    def leave(number):
        together.add(number)
        if number not in written:
            seen_late.append(number)

    together = Together(written.extend)
    with ThreadPoolExecutor(8) as readers:
        list(readers.map(leave, range(400)))

    assert sorted(written) == list(range(400))
    assert seen_late == []


def test_who_come_while_one_writes_are_written_together():
    first_writes, go_on, portions = threading.Event(), threading.Event(), []

    def write(things):
        portions.append(sorted(things))
        first_writes.set()
        assert go_on.wait(10)

    together = Together(write)
    with ThreadPoolExecutor(6) as readers:
        first = readers.submit(together.add, 0)
        assert first_writes.wait(10)
        others = [readers.submit(together.add, number) for number in range(1, 6)]
        while len(together._left) < 5:
            threading.Event().wait(0.005)
        go_on.set()
        for reader in (first, *others):
            reader.result(10)

    assert portions == [[0], [1, 2, 3, 4, 5]]


def test_what_is_wrong_with_one_is_told_to_that_one_alone():
    written, block, writing = [], threading.Event(), threading.Event()

    def write(things):
        writing.set()
        assert block.wait(10)
        if "bad" in things:
            raise ValueError
        written.extend(things)

    together = Together(write)
    with ThreadPoolExecutor(5) as readers:
        first = readers.submit(together.add, "first")
        assert writing.wait(10)
        others = {name: readers.submit(together.add, name) for name in ("a", "bad", "b")}
        while len(together._left) < 3:
            threading.Event().wait(0.005)
        block.set()
        first.result(10)
        failed = {name for name, reader in others.items() if reader.exception(10) is not None}

    assert failed == {"bad"} and sorted(written) == ["a", "b", "first"]


def test_many_readers_at_once_leave_one_unbroken_chain(database: Database):
    def look(number):
        with database.looking(BY, "see_list", f"list:{number}") as (_, entry):
            entry.detail = "una"

    with ThreadPoolExecutor(8) as readers:
        list(readers.map(look, range(64)))

    with database.reading() as connection:
        things = connection.execute(select(audit.c.thing).where(audit.c.action == "see_list")).scalars().all()
        whole = verify(connection, database.keys.audit).whole
        many = connection.execute(select(func.count()).select_from(audit)).scalar_one()
    assert sorted(things) == sorted(f"list:{number}" for number in range(64))
    assert whole and many >= 64


def test_a_look_whose_line_cannot_be_written_is_not_answered(database: Database):
    def refused(_entries):
        raise OSError("no space left")

    database._lines = Together(refused)
    with pytest.raises(OSError), database.looking(BY, "see_list", "list") as (_, entry):
        entry.detail = "una"
