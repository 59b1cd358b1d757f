"""The audit only grows: whatever is changed, taken, put in, moved or cut off is found, and where it begins is told."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from by_force import force
from drawn_lists import BY, FIRST_SUNDAY, MONDAY_MORNING, draw_list
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_server import KEYS
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DatabaseError

from serving.audit_chain import START, Point, last_point, sealed, verify, walked
from serving.audit_checkpoint import Checkpoints, checked_chain
from serving.database import By, Database
from serving.faults import Missing, Refused
from serving.publishing import publish
from serving.tables import audit, schools
from serving.tenancy import job

AUDIT_KEY = b"una clave de prueba, larga, que nadie adivina"
LONG = 40


def chain(lines=LONG, key=None):
    """A whole chain, as the database keeps it."""
    made, last = [], START
    for number in range(1, lines + 1):
        told = {
            "id": number,
            "at": MONDAY_MORNING + timedelta(minutes=number),
            "by": f"persona{number % 5}",
            "role": "coverage",
            "action": "see_list",
            "thing": f"list:{number % 3}",
            "detail": "",
            "why": "GET week_page",
            "previous": last.digest,
        }
        made.append(told | {"digest": sealed(told, key)})
        last = Point(number, made[-1]["digest"])
    return made, last


def read(database, point=None, key=None):
    with database.reading() as connection:
        return verify(connection, key, point)


positions = st.integers(0, LONG - 1)
words = st.text(max_size=20)


def edited(lines, data):
    place = data.draw(positions)
    field = data.draw(st.sampled_from(["by", "role", "action", "thing", "detail", "why", "previous", "digest"]))
    before = lines[place][field]
    lines[place] = lines[place] | {field: data.draw(words.filter(lambda word: word != before))}
    return place + 1


def moved_in_time(lines, data):
    place = data.draw(positions)
    lines[place] = lines[place] | {"at": lines[place]["at"] + timedelta(microseconds=data.draw(st.integers(1, 10**9)))}
    return place + 1


def taken_out(lines, data):
    place = data.draw(st.integers(0, LONG - 2))
    del lines[place]
    return place + 1


def put_in(lines, data):
    place = data.draw(positions)
    lines.insert(place, lines[place] | {"by": data.draw(words)})
    return place + (2 if lines[place] == lines[place + 1] else 1)


def swapped(lines, data):
    one, other = sorted(data.draw(st.lists(positions, min_size=2, max_size=2, unique=True)))
    lines[one], lines[other] = lines[other] | {"id": one + 1}, lines[one] | {"id": other + 1}
    return one + 1


def cut_off(lines, data):
    place = data.draw(st.integers(0, LONG - 1))
    del lines[place:]
    return place + 1


@settings(max_examples=200)
@given(st.sampled_from([edited, moved_in_time, taken_out, put_in, swapped, cut_off]), st.booleans(), st.data())
def test_whatever_is_done_to_it_is_found_at_the_first_line_it_touches(done, with_key, data):
    key = AUDIT_KEY if with_key else None
    lines, last = chain(key=key)

    first_bad = done(lines, data)

    assert walked(lines, key, last).first_bad == first_bad


@settings(max_examples=50)
@given(positions, st.integers(1, LONG))
def test_a_past_that_was_written_anew_with_fitting_seals_is_found_by_the_checkpoint(place, reached):
    honest, _ = chain()
    point = Point(reached, honest[reached - 1]["digest"])
    forged, last = [], START
    for line in honest:
        told = line | {"previous": last.digest} | ({"by": "otra"} if line["id"] == place + 1 else {})
        forged.append(told | {"digest": sealed(told, None)})
        last = Point(told["id"], forged[-1]["digest"])

    verdict = walked(forged, None, point)

    assert walked(forged, None).whole, "with fitting seals the lines alone tell nothing"
    assert verdict.whole == (place + 1 > reached)


def test_with_a_key_a_past_cannot_be_written_anew_without_it():
    honest, _ = chain(key=AUDIT_KEY)
    forged, last = [], START
    for line in honest:
        told = line | {"previous": last.digest, "by": "otra"}
        forged.append(told | {"digest": sealed(told, b"otra clave")})
        last = Point(told["id"], forged[-1]["digest"])

    assert walked(forged, AUDIT_KEY).first_bad == 1
    unkeyed, _ = chain(1)
    assert walked([*honest[:3], unkeyed[0] | {"id": 4, "previous": honest[2]["digest"]}], AUDIT_KEY).first_bad == 4


def test_a_chain_that_began_without_a_key_goes_on_with_one(database):
    database.note(BY, "first", "x")
    keyed = Database(database.url, replace(database.keys, audit=AUDIT_KEY))
    keyed.note(BY, "second", "x")
    keyed.engine.dispose()

    assert read(database, key=AUDIT_KEY).whole
    with pytest.raises(Missing, match="PERMANENCIA_AUDIT_KEY"):
        read(database)


@settings(max_examples=10)
@given(
    st.text(alphabet=st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=60),
    st.datetimes(*(MONDAY_MORNING.replace(year=year, tzinfo=None) for year in (1990, 2100))),
)
def test_any_line_reads_back_as_it_was_sealed(shared, told, moment):
    by = By(told, moment.replace(tzinfo=MONDAY_MORNING.tzinfo), job(told), told)

    shared.note(by, "x", told, told)

    assert read(shared).whole


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request, tmp_path_factory):
    """One database for all examples: the chain simply grows."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('audit') / 'x.sqlite'}"
    else:
        server = request.getfixturevalue("postgres")
        url = server.url(server.fresh())
    opened = Database.open(url, KEYS)
    yield opened
    opened.engine.dispose()


def test_many_at_once_add_their_lines_to_one_chain(database):
    def work(number):
        by = By(f"persona{number}", MONDAY_MORNING)
        for _ in range(12):
            database.note(by, "x", "y")

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    verdict = read(database)
    assert (verdict.whole, verdict.lines) == (True, 96)


def test_a_publication_and_its_line_stand_or_fall_together(database):
    publish(database, draw_list(FIRST_SUNDAY, students=20), BY)

    with database.reading() as connection:
        (line,) = connection.execute(select(audit)).all()
    assert (line.id, line.by, line.role, line.action, line.at) == (1, BY.who, "job", "publish", BY.at)


@pytest.mark.parametrize("change", [update(audit).values(by="otra"), delete(audit)])
def test_the_service_itself_can_neither_change_nor_take_away_a_line(database, change):
    database.note(BY, "x", "y")

    with pytest.raises(DatabaseError), database.writing(BY, "x", "y") as (connection, _):
        connection.execute(change)

    assert read(database).lines == 1


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit SET detail = 'nada' WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id > 3", 4),
        ("DELETE FROM audit", 1),
    ],
)
def test_who_holds_the_whole_database_still_leaves_a_trace(database, tmp_path, statement, first_bad):
    points = Checkpoints(tmp_path / "points", b"k" * 32)
    for number in range(5):
        database.note(BY, "x", f"{number}")
    assert checked_chain(database, points, MONDAY_MORNING).whole

    force(database, statement)

    verdict = checked_chain(database, points, MONDAY_MORNING)
    assert (verdict.whole, verdict.first_bad) == (False, first_bad)


def test_the_checkpoint_moves_on_only_with_a_whole_chain_and_cannot_be_forged(database, tmp_path):
    points = Checkpoints(tmp_path / "points", b"k" * 32)
    for _ in range(2):
        database.note(BY, "x", "y")
        checked_chain(database, points, MONDAY_MORNING)
    with database.reading() as connection:
        assert points.last() == last_point(connection)
    assert len(points.path.read_text().splitlines()) == 2
    assert points.path.stat().st_mode & 0o777 == 0o600

    line = json.loads(points.path.read_text().splitlines()[-1])
    for forged in (line | {"id": 1}, line | {"digest": "x"}, {"id": 1}, [], line | {"seal": None}):
        points.path.write_text(json.dumps(forged) + "\n")
        with pytest.raises(Refused, match="firma"):
            points.last()


def test_a_look_leaves_one_line_whether_it_was_answered_or_not(database):
    with database.looking(BY, "see_list", "list") as (_, entry):
        entry.thing, entry.detail = "list:1", "2 estudiantes"
    with pytest.raises(KeyError), database.looking(BY, "see_student", "student:x"):
        raise KeyError
    with database.looking(BY, "see_list", "list") as (_, entry):
        entry.skip = True

    with database.reading() as connection:
        lines = connection.execute(select(audit.c.action, audit.c.thing, audit.c.detail).order_by(audit.c.id)).all()
    assert lines == [("see_list", "list:1", "2 estudiantes"), ("see_student", "student:x", "sin respuesta")]


def test_a_reader_writes_nothing_on_postgresql(database, postgres):
    if database.engine.dialect.name == "postgresql":
        with pytest.raises(DatabaseError), database.reading() as connection:
            connection.execute(insert(schools).values(institution_id="1", name="x"))
    assert read(database).lines == 0


def test_lines_from_before_the_chain_are_taken_into_it(tmp_path):
    from sqlalchemy import text

    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    database.upgrade("0003")
    with database.engine.begin() as connection:
        for number in (1, 4):
            told = {"id": number, "at": "2024-05-13 07:30:00.000000", "by": "ana", "action": "publish", "thing": "x"}
            line = "INSERT INTO audit (id, at, by, action, thing, detail) VALUES (:id, :at, :by, :action, :thing, '')"
            connection.execute(text(line), told)

    for _ in range(2):
        database.upgrade()
        assert read(database).lines == 2
        with database.reading() as connection:
            assert set(connection.execute(select(audit.c.at)).scalars()) == {MONDAY_MORNING}
        database.downgrade("0003")
    database.engine.dispose()
