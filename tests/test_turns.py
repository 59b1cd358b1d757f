"""A list asked again is answered from memory, and is still what the database says, to whom it says, with its line."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from drawn_lists import BY, ESPERANZA, LATIR, MONDAY_MORNING, bearer, draw_home, draw_list, student
from postgres_server import KEYS, OWNER
from sqlalchemy import func, select, text
from starlette.testclient import TestClient

from serving import unchanged
from serving.app import create_app
from serving.audit_chain import verify
from serving.contact_tables import contacts
from serving.database import Database, Entry
from serving.people import change_reach, issue_token, reach_of, remove_person, revoke_tokens
from serving.publishing import publish
from serving.tables import audit
from serving.turns import Outcome, Shelf, Turns
from serving.unchanged import ServerWatch

LIST = "/api/v1/risk-lists/latest"


@pytest.fixture
def office(tmp_path, database_url):
    """A service, its callers' tokens, a clock that can be moved, and another process's door to the same database."""
    settings, tokens = draw_home(tmp_path / "h", database_url=database_url)
    office = lambda path, who="cobertura", **headers: office.client.get(path, headers=bearer(tokens[who]) | headers)  # noqa: E731
    office.now = MONDAY_MORNING
    app = create_app(settings, lambda: office.now)
    office.other = Database(settings.database_url, settings.keys())
    with TestClient(app, raise_server_exceptions=False) as office.client:
        office.tokens, office.service = tokens, app.state.service
        yield office
    for database in (office.other, app.state.service.database):
        database.engine.dispose()


def asked_often(office, path=LIST, who="cobertura"):
    return [office(path, who) for _ in range(3)][-1]


def lines(office):
    with office.other.reading() as connection:
        return connection.execute(select(audit.c.by, audit.c.thing, audit.c.why).order_by(audit.c.id)).all()


@pytest.mark.parametrize("path", [LIST, f"{LIST}?limit=5", f"/api/v1/institutions/{ESPERANZA}/watchlist"])
def test_what_is_told_from_memory_is_what_was_told_first(office, path):
    first, again, third = (office(path) for _ in range(3))

    assert first.content == again.content == third.content
    same = [{**answer.headers, "x-request-id": ""} for answer in (first, again, third)]
    assert same[0] == same[1] == same[2]


def test_every_look_leaves_its_own_line_the_same_as_the_first(office):
    before = len(lines(office))
    for _ in range(4):
        office(LIST)

    left = lines(office)[before:]
    assert len(left) == 4 and len(set(left)) == 1
    assert left[0].by == "cobertura" and left[0].why == "GET read_risk_list"
    with office.other.reading() as connection:
        assert verify(connection, office.other.keys.audit).whole


def test_who_asks_from_memory_is_told_only_what_they_reach(office):
    city, school = asked_often(office), asked_often(office, who="esperanza")

    assert {row["institution"] for row in school.json()["rows"]} == {ESPERANZA}
    assert asked_often(office).content == city.content != school.content


REFUSALS = {
    "a token taken back": (lambda other: revoke_tokens(other, "esperanza", BY), 401),
    "a person who left": (lambda other: remove_person(other, "esperanza", BY), 401),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_another_process_takes_back_is_refused_at_the_very_next_call(office, case):
    taking_back, status = REFUSALS[case]
    assert asked_often(office, who="esperanza").status_code == 200
    taking_back(office.other)

    assert office(LIST, "esperanza").status_code == status
    assert office(LIST).status_code == 200


def test_a_reach_that_changed_holds_from_the_next_call(office):
    asked_often(office, who="esperanza")
    change_reach(office.other, "esperanza", reach_of([LATIR]), BY)

    assert {row["institution"] for row in office(LIST, "esperanza").json()["rows"]} == {LATIR}


def test_a_token_ends_at_its_second(office):
    office.tokens["corta"] = issue_token(office.other, "cobertura", BY, lasts=timedelta(minutes=1))
    assert asked_often(office, who="corta").status_code == 200
    office.now += timedelta(seconds=59)
    assert office(LIST, "corta").status_code == 200
    office.now += timedelta(seconds=1)
    assert office(LIST, "corta").status_code == 401


def test_a_contact_is_seen_at_the_next_call_and_the_mark_changes(office):
    held = asked_often(office).headers["etag"]
    assert office(LIST, **{"If-None-Match": held}).status_code == 304
    body = {"student_id": student(1), "kind": "CALL", "outcome": "NO_ANSWER"}
    logged = office.client.post("/api/v1/contacts", json=body, headers=bearer(office.tokens["cobertura"]))
    assert logged.status_code == 201, logged.text

    fresh = office(LIST, **{"If-None-Match": held})
    assert fresh.status_code == 200 and fresh.headers["etag"] != held
    assert fresh.json()["states"][student(1)]["state"] == "CONTACTED"


def test_who_holds_the_list_is_told_nothing_and_leaves_no_line(office):
    held = asked_often(office).headers["etag"]
    before = len(lines(office))

    assert [office(LIST, **{"If-None-Match": held}).status_code for _ in range(3)] == [304] * 3
    assert len(lines(office)) == before


def test_a_new_list_is_told_at_the_next_call(office):
    old = asked_often(office).json()["publication"]["id"]
    publish(office.other, draw_list(MONDAY_MORNING.date() + timedelta(days=6), 90), BY)

    assert office(LIST).json()["publication"]["id"] != old


def test_names_are_fetched_anew_at_each_call(office):
    for _ in range(3):
        assert office(f"{LIST}?names=true").status_code == 200
    assert [one.why for one in lines(office)].count("GET read_risk_list") == 3


@pytest.fixture
def owner(office, request):
    """Runs a statement as whoever owns the tables: past the service, which leaves no line."""

    def run(statement):
        if office.other.is_embedded:
            with office.other.engine.begin() as connection:
                connection.execute(text(statement))
        else:
            request.getfixturevalue("postgres").run(statement, office.other.engine.url.database, OWNER)

    return run


def test_a_failure_is_told_leaves_its_line_and_the_next_one_is_answered(office, owner):
    asked_often(office)
    owner("ALTER TABLE contacts RENAME TO contacts_away")
    office.other.note(BY, "x", "x")
    failed = office(LIST)
    owner("ALTER TABLE contacts_away RENAME TO contacts")
    office.other.note(BY, "x", "x")

    assert failed.status_code in (500, 503)
    assert office(LIST).status_code == 200
    with office.other.reading() as connection:
        assert connection.execute(select(func.count()).select_from(contacts)).scalar_one() == 0
        assert "sin respuesta" in connection.execute(select(audit.c.detail)).scalars().all()


def test_many_who_ask_at_once_are_each_answered_and_each_has_a_line(office):
    asked_often(office)
    before = len(lines(office))
    with ThreadPoolExecutor(8) as readers:
        told = list(readers.map(lambda _: office(LIST).status_code, range(120)))

    assert told == [200] * 120
    assert len(lines(office)) == before + 120


def test_nobody_is_answered_before_their_line_is_in_the_database(database):
    turns = Turns(database)
    entry = Entry(BY, "see_list", "list")

    def noted():
        with database.reading() as connection:
            return connection.execute(select(func.count()).where(audit.c.action == "see_list")).scalar_one()

    async def ask():
        counts = []
        for _ in range(5):
            await turns.answer(lambda _connection, _memory: Outcome("told", entry))
            counts.append(noted())
        return counts

    assert asyncio.run(ask()) == [1, 2, 3, 4, 5]


def test_when_the_lines_cannot_be_written_nobody_is_answered(database, monkeypatch):
    turns = Turns(database)
    full = lambda *_: (_ for _ in ()).throw(OSError("disk full"))  # noqa: E731
    monkeypatch.setattr(database, "note_within", full)

    async def ask():
        asking = (turns.answer(lambda *_: Outcome("told", Entry(BY, "see_list", "list"))) for _ in range(3))
        return await asyncio.gather(*asking, return_exceptions=True)

    assert [type(one) for one in asyncio.run(ask())] == [OSError] * 3


def test_one_who_went_away_keeps_nobody_from_an_answer(database):
    turns, writing, go_on = Turns(database), threading.Event(), threading.Event()

    def slow(_connection, _memory):
        writing.set()
        assert go_on.wait(10)
        return Outcome("slow")

    async def ask():
        first = asyncio.create_task(turns.answer(slow))
        await asyncio.to_thread(writing.wait, 10)
        gone = asyncio.create_task(turns.answer(lambda *_: Outcome("gone")))
        stays = asyncio.create_task(turns.answer(lambda *_: Outcome("stays")))
        await asyncio.sleep(0)
        gone.cancel()
        go_on.set()
        return await first, await stays

    assert asyncio.run(ask()) == ("slow", "stays")


def turns_taken(turns, monkeypatch, ask):
    """How many readers were answered in each turn."""
    taken, answered = [], turns._in_one_transaction
    monkeypatch.setattr(turns, "_in_one_transaction", lambda those: (taken.append(len(those)), answered(those)))

    async def after(rounds):
        for _ in range(rounds):
            await asyncio.sleep(0)
        return await turns.answer(lambda *_: Outcome("told", Entry(BY, "see_list", "list")))

    async def all_of_them():
        return await asyncio.gather(*(after(rounds) for rounds in ask))

    assert asyncio.run(all_of_them()) == ["told"] * len(ask)
    return taken


def test_who_come_in_the_next_rounds_of_the_loop_are_answered_together(database, monkeypatch):
    assert turns_taken(Turns(database), monkeypatch, [0, 0, 1, 1, 2]) == [5]
    assert turns_taken(Turns(database), monkeypatch, [0]) == [1]


def test_a_stream_of_readers_keeps_nobody_waiting(database, monkeypatch):
    taken = turns_taken(Turns(database), monkeypatch, range(200))
    assert taken[0] < 10 and sum(taken) == 200


def looks(watch, *entries):
    """Whether there was news, at one turn after another, each of which leaves these lines."""
    with watch.turn() as turn:
        watch.note(turn, list(entries))
        return turn.news


def test_looks_of_another_worker_are_no_news_and_any_write_of_theirs_is(postgres):
    database = Database.open(postgres.url(postgres.fresh()), KEYS)
    mine, theirs = ServerWatch(database), ServerWatch(database)
    look = Entry(BY, "see_list", "list")
    assert [looks(mine, look), looks(mine, look), looks(mine)] == [True, False, False]
    assert [looks(theirs, look, look), looks(mine, look)] == [True, False]

    database.note(BY, "log_contact", "x")
    assert [looks(mine), looks(theirs), looks(mine)] == [True, True, False]
    with database.reading() as connection:
        verdict = verify(connection, database.keys.audit)
    assert verdict.whole and verdict.lines == 6
    database.engine.dispose()


def test_what_was_written_past_the_service_is_noticed_after_some_seconds(postgres, monkeypatch):
    database = Database.open(postgres.url(postgres.fresh()), KEYS)
    watch, now = ServerWatch(database), [100.0]
    monkeypatch.setattr(unchanged.time, "monotonic", lambda: now[0])
    assert [looks(watch, Entry(BY, "see_list", "list")), looks(watch)] == [True, False]
    now[0] += unchanged.LONGEST + 1
    assert [looks(watch), looks(watch)] == [True, False]
    database.engine.dispose()


def test_while_a_turn_goes_on_nobody_else_ends_a_write(postgres):
    database = Database.open(postgres.url(postgres.fresh()), KEYS)
    watch, done = ServerWatch(database), threading.Event()
    writer = threading.Thread(target=lambda: (database.note(BY, "log_contact", "x"), done.set()))
    with watch.turn():
        writer.start()
        assert not done.wait(0.3)
    writer.join(10)
    assert done.is_set() and looks(watch)
    database.engine.dispose()


def test_no_write_may_pass_for_a_look(database):
    with pytest.raises(ValueError, match="mirada"), database.writing(BY, "see_list", "list"):
        pass


def test_a_shelf_keeps_what_was_found_forgets_failures_and_never_grows_past_its_measure():
    shelf, found = Shelf(3), []
    for key in (1, 1, 2, 3, 1, 4, 1):
        shelf.get(key, lambda key=key: found.append(key) or key)
    assert found == [1, 2, 3, 4, 1]
    with pytest.raises(ZeroDivisionError):
        shelf.get("x", lambda: 1 / 0)
    assert shelf.get("x", lambda: "now") == "now"
