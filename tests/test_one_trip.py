"""On PostgreSQL a turn is two trips, however many ask and however long the audit is; each reader leaves a line."""

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from drawn_lists import BY
from postgres_server import KEYS
from psycopg import pq
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from serving.audit_chain import START, add_lines_and_end, closed, last_point, verify
from serving.database import Database, Entry, _line
from serving.one_trip import one_trip
from serving.sealing import Keys
from serving.tables import audit
from serving.turns import Outcome, Turns
from serving.unchanged import ServerWatch

LOOK = Entry(BY, "see_list", "list")
HARD = [
    "comillas \" ' `",
    "barra \\ \\u0041 \\n",
    "línea\nnueva\ttab\r",
    "ñÑ 😀 \u2028",
    '{"a": [1]}',
    "%s %(a)s $1",
    "",
    " ",
]


@pytest.fixture
def server(postgres):
    database = Database.open(postgres.url(postgres.fresh()), KEYS)
    yield database
    database.engine.dispose()


def turn(watch, *entries):
    """Whether there was news in a turn that leaves these lines."""
    with watch.turn() as one:
        watch.note(one, list(entries))
        return one.news


def verdict(database):
    with database.reading() as connection:
        return verify(connection, database.keys.audit)


def trips(watch, file, *entries):
    """How often the server was asked to answer in one turn: what libpq itself writes down of it."""
    with watch.turn() as one:
        wire = one.connection.connection.driver_connection.pgconn
    with file.open("w+") as told:
        wire.trace(told.fileno())
        wire.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        turn(watch, *entries)
        wire.untrace()
    sent = Counter(line.split("\t")[2] for line in file.read_text().splitlines() if line.startswith("F\t"))
    return sent["Sync"] + sent["Query"]


def cut(postgres, database):
    """Of everybody who is connected to it."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
    assert postgres.run(ended + f"'{database.engine.url.database}'")


@pytest.mark.parametrize("readers", [1, 16, 300])
def test_a_turn_is_two_trips_however_many_ask(server, tmp_path, readers):
    watch = ServerWatch(server)
    turn(watch, LOOK)

    assert trips(watch, tmp_path / "wire", *[LOOK] * readers) == 2
    assert verdict(server).whole and verdict(server).lines == 1 + readers


def test_no_turn_reads_the_whole_audit_however_short_it_was_when_the_first_one_came(postgres, server):
    watch, other = ServerWatch(server), ServerWatch(server)
    for _ in range(60):
        turn(watch, *[LOOK] * 20)
        turn(other, LOOK)
    server.engine.dispose()  # whoever leaves hands in what they counted

    read = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'audit'"
    assert postgres.run(read, server.engine.url.database)[0][0] < 200, "of 1260 lines, looked at 120 times"


def test_many_readers_of_two_workers_leave_one_chain_with_a_line_each(server):
    workers = [Turns(server), Turns(server)]

    async def ask(turns):
        once = lambda: asyncio.gather(*(turns.answer(lambda *_: Outcome("told", LOOK)) for _ in range(16)))  # noqa: E731
        return [told for _ in range(10) for told in await once()]

    with ThreadPoolExecutor(2) as both:
        told = list(both.map(lambda turns: asyncio.run(ask(turns)), workers))

    assert [len(one) for one in told] == [160, 160]
    assert verdict(server).whole and verdict(server).lines == 320


def test_every_text_is_kept_to_the_letter_and_sealed_as_it_is_kept(postgres):
    database = Database.open(postgres.url(postgres.fresh()), Keys(KEYS.roster, audit=b"k" * 32))
    turn(ServerWatch(database), *[Entry(replace(BY, why=text), "see_list", text, text) for text in HARD])

    with database.reading() as connection:
        kept = connection.execute(select(audit).order_by(audit.c.id)).all()
    assert [(line.thing, line.detail, line.why) for line in kept] == [(text, text, text) for text in HARD]
    assert {line.at for line in kept} == {BY.at}
    assert verdict(database).whole
    database.engine.dispose()


REFUSED = {
    "a text that is too long is not cut": (Entry(BY, "see_list", "x" * 121), DataError),
    "a sign that no text may hold": (Entry(BY, "see_list", "\0"), DataError),
    "a moment without a zone": (Entry(replace(BY, at=BY.at.replace(tzinfo=None)), "see_list", "x"), ValueError),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_kept_is_refused_with_all_that_came_with_it(server, case):
    entry, error = REFUSED[case]
    watch = ServerWatch(server)
    with pytest.raises(error):
        turn(watch, LOOK, entry)
    assert verdict(server).lines == 0

    watch.leave()
    assert turn(watch, LOOK) and verdict(server).lines == 1


def test_an_error_of_a_trip_is_the_engines_and_tells_no_row(server):
    with server.engine.begin() as connection:
        add_lines_and_end(connection, [_line(LOOK)], None, closed(connection))
    with pytest.raises(IntegrityError) as raised, server.engine.begin() as connection:
        add_lines_and_end(connection, [_line(LOOK)], None, START)

    assert "DETAIL" not in str(raised.value) and "Key (" not in str(raised.value.orig)
    assert verdict(server).lines == 1


def test_a_connection_that_was_cut_is_replaced_and_nobody_is_refused(postgres, server):
    watch = ServerWatch(server)
    assert [turn(watch, LOOK), turn(watch, LOOK)] == [True, False]
    cut(postgres, server)

    assert [turn(watch, LOOK), turn(watch, LOOK)] == [True, False]
    assert verdict(server).whole and verdict(server).lines == 4


def test_a_server_that_cuts_in_the_middle_is_an_error_and_leaves_no_line(postgres, server):
    watch = ServerWatch(server)
    with pytest.raises(OperationalError), watch.turn() as one:
        cut(postgres, server)
        watch.note(one, [LOOK])

    watch.leave()
    assert turn(watch, LOOK) and verdict(server).lines == 1


def test_the_end_is_looked_for_once_the_chain_is_closed(server):
    """Or the lines of whoever held it before would be missed."""
    watch, found = ServerWatch(server), []
    with server.engine.begin() as connection:
        add_lines = threading.Thread(target=lambda: found.append(turn(watch)))
        last = closed(connection)
        add_lines.start()
        add_lines.join(0.3)
        assert not found, "it waits"
        add_lines_and_end(connection, [_line(LOOK)] * 3, None, last)
    add_lines.join(10)

    with server.reading() as connection:
        assert watch._known == last_point(connection) and watch._known.id == 3


def test_after_a_failed_statement_none_of_the_trip_is_carried_out(server):
    with pytest.raises(DataError), server.engine.begin() as connection, one_trip(connection) as trip:
        trip.execute("SELECT 1 / 0")
        trip.execute("COMMIT")
    assert verdict(server).lines == 0
