"""What contacts found goes back to the records: dated, known since it was logged, once, without a word of a note."""

import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from small_school import DAY, given, grown_model, records_of
from sqlalchemy import select

from features import Archive, Records, outcomes
from features.archive import Entry
from features.schema import TABLES
from serving import contacts, roster_rotation
from serving.contact_records import SOURCE, bring_in
from serving.contact_tables import notes
from serving.contact_words import OUTCOMES
from serving.contacts import Told
from serving.database import By, Database
from serving.notes import readable
from serving.once import Call
from serving.people import Person, Role
from serving.permissions import Pupil
from serving.sealing import Keys, Sealer
from serving.settings import Settings, open_home
from serving.tables import audit, scores
from serving.tenancy import job
from serving.weekly import run_this_week

THURSDAY, NEXT_SUNDAY = DAY - timedelta(days=3), DAY + timedelta(days=7)
SECRET = "la tia Maria Quintero"
CHILD = Pupil("a0", "1")


@pytest.fixture
def settings(tmp_path, embedded):
    """A home whose archive holds the small school and whose model is in use."""
    chosen = Settings(home=tmp_path / "h")
    open_home(chosen)
    shutil.copy(embedded, chosen.home / "permanencia.sqlite")
    records = records_of(given(12)["tables"])
    tables = {name: records.table(name).collect() for name in ("calendar", "enrolment", "attendance")}
    Archive(chosen.archive).add(Entry("0" * 64, "abierto", DAY - timedelta(days=2), "escuela", 12, 12, 0), tables)
    replace(grown_model(), version="3").save(chosen.champion)
    return chosen


@pytest.fixture
def database(settings):
    opened = Database.open(settings.database_url, settings.keys())
    yield opened
    opened.engine.dispose()


def on(day):
    return By("cobertura", datetime(day.year, day.month, day.day, 21, tzinfo=ZoneInfo("America/Bogota")), job("x"))


def log(database, told, day=THURSDAY, pupil=CHILD):
    with database.writing(on(day), "log_contact", "student:a0") as (connection, _):
        return contacts.log(connection, pupil, told, on(day), Call("cobertura"))


def correct(database, contact, told, day):
    with database.writing(on(day), "correct_contact", "student:a0") as (connection, _):
        return contacts.correct(connection, contact, told, on(day), Call("cobertura"))


def left(since=None, outcome="LEFT_WORK", **told):
    return Told("CALL", outcome, THURSDAY, since, **told)


def visits(settings):
    return Records.open(settings.archive).table("visit").sort("known_on").collect()


def fate(settings, told_by):
    known = Records.open(settings.archive).known_by(told_by)
    told = outcomes(known, [date(2024, 4, 28)], 8, 4, known_by=told_by)
    return told.filter(pl.col("student_id") == "a0")["outcome"].item()


def test_a_finding_is_known_since_the_evening_it_was_logged_and_happened_when_the_family_said(settings, database):
    log(database, left(since=date(2024, 4, 29), note=SECRET))

    assert bring_in(settings, database, DAY, on(DAY)) == 1
    (row,) = visits(settings).to_dicts()
    assert {name: str(value) for name, value in row.items()} == {
        "student_id": "a0",
        "happened_on": "2024-04-29",
        "known_on": str(THURSDAY),
        "visited_on": str(THURSDAY),
        "kind": "PHONE_CALL",
        "result": "LEFT",
        "destination": "None",
    }


def test_every_outcome_becomes_a_row_that_the_archive_accepts(settings, database):
    for number, outcome in enumerate(OUTCOMES):
        log(database, Told("VISIT", outcome, THURSDAY), pupil=Pupil(f"b{number:02d}", "1"))
    bring_in(settings, database, DAY, on(DAY))

    rows, visit = visits(settings).sort("student_id"), TABLES["visit"]
    assert rows["result"].to_list() == [outcome.finding for outcome in OUTCOMES.values()]
    assert set(rows["result"]) <= set(visit["result"].allowed) and set(rows["kind"]) <= set(visit["kind"].allowed)
    assert set(rows["destination"].drop_nulls()) <= set(visit["destination"].allowed)


def test_done_again_it_adds_nothing_and_later_contacts_wait_for_their_week(settings, database):
    log(database, left())
    log(database, Told("VISIT", "ATTENDING", DAY + timedelta(days=1)), DAY + timedelta(days=1))

    assert [bring_in(settings, database, DAY, on(DAY)) for _ in range(3)] == [1, 0, 0]
    assert bring_in(settings, database, NEXT_SUNDAY, on(NEXT_SUNDAY)) == 1
    with database.reading() as connection:
        told = connection.execute(select(audit.c.detail).where(audit.c.action == "contacts_to_records")).scalars().all()
    assert told == ["1 hallazgos", "1 hallazgos"]


def test_what_came_while_the_day_was_not_over_is_not_brought_twice(settings, database):
    log(database, left())
    bring_in(settings, database, DAY, on(DAY))
    log(database, Told("VISIT", "NOBODY_HOME", THURSDAY), pupil=Pupil("a1", "1"))

    assert bring_in(settings, database, DAY, on(DAY)) == 1
    assert sorted(visits(settings)["student_id"]) == ["a0", "a1"]


def test_a_child_found_to_have_left_is_a_departure_to_whoever_looks_from_then_on(settings, database):
    log(database, left(since=date(2024, 4, 30)))
    bring_in(settings, database, DAY, on(DAY))

    assert fate(settings, THURSDAY - timedelta(days=1)) == "STAYED"
    assert fate(settings, THURSDAY) == "LEFT"


@pytest.mark.parametrize(("instead", "fated"), [("ELSEWHERE_HERE", "MOVED"), ("MISTAKE", "STAYED")])
def test_a_correction_takes_the_place_of_what_was_told_first_from_its_own_day_on(settings, database, instead, fated):
    wrong = log(database, left())
    bring_in(settings, database, DAY, on(DAY))
    correct(database, wrong, left(outcome=instead), NEXT_SUNDAY)
    bring_in(settings, database, NEXT_SUNDAY, on(NEXT_SUNDAY))

    assert visits(settings).height == 2
    assert fate(settings, DAY) == "LEFT"
    assert fate(settings, NEXT_SUNDAY) == fated


def test_corrected_before_the_run_only_the_last_version_is_told(settings, database):
    wrong = log(database, left())
    correct(database, wrong, left(outcome="ATTENDING"), THURSDAY)

    assert bring_in(settings, database, DAY, on(DAY)) == 1
    assert visits(settings)["result"].to_list() == ["ATTENDING"]


def test_the_weekly_run_brings_contacts_in_and_whoever_is_accompanied_leaves_the_list(settings, database):
    log(database, Told("CALL", "ABSENT_COMING_BACK", THURSDAY))
    log(database, Told("CALL", "NO_ANSWER", THURSDAY), pupil=Pupil("a1", "1"))
    done = run_this_week(Records.open(settings.archive), settings, DAY, 3, database, on(DAY))

    chosen = select(scores.c.student_id, scores.c.standing).where(scores.c.publication_id == done.id)
    with database.reading() as connection:
        standing = {row.student_id: row.standing for row in connection.execute(chosen)}
    assert standing["a0"] == "FOLLOWED" and standing["a1"] != "FOLLOWED"
    again = run_this_week(Records.open(settings.archive), settings, DAY, 3, database, on(DAY))
    assert again.id == done.id
    with database.reading() as connection:  # the figures of the schools are worked out once, with the list
        assert len(connection.execute(select(audit.c.id).where(audit.c.action == "school_figures")).all()) == 1


def test_a_contact_corrected_as_a_mistake_no_longer_keeps_the_child_off_the_list(settings, database):
    wrong = log(database, Told("CALL", "ATTENDING", THURSDAY))
    bring_in(settings, database, DAY, on(DAY))
    correct(database, wrong, Told("CALL", "MISTAKE", THURSDAY), NEXT_SUNDAY)
    done = run_this_week(Records.open(settings.archive), settings, NEXT_SUNDAY, 3, database, on(NEXT_SUNDAY))

    chosen = select(scores.c.standing).where(scores.c.publication_id == done.id, scores.c.student_id == "a0")
    with database.reading() as connection:
        assert connection.execute(chosen).scalar() != "FOLLOWED"


def test_no_word_of_a_note_reaches_the_archive(settings, database):
    log(database, left(note=SECRET))
    bring_in(settings, database, DAY, on(DAY))

    assert [entry.source for entry in Archive(settings.archive).entries()].count(SOURCE) == 1
    kept = b"".join(path.read_bytes() for path in settings.archive.rglob("*") if path.is_file())
    assert b"Quintero" not in kept and "Quintero" not in str(visits(settings).rows())


def test_notes_are_sealed_again_with_the_new_key(settings, database):
    made = log(database, left(note=SECRET))
    old, new = settings.keys().roster.keys[0], bytes(range(32))
    changed = Database(settings.database_url, Keys(Sealer((new, old))))
    assert roster_rotation.rotate(changed, on(DAY)) == 0
    changed.engine.dispose()

    only_new = Database(settings.database_url, Keys(Sealer((new,))))
    with only_new.reading_as(on(DAY).context) as connection:
        assert readable(connection, Person("s", Role.SUPERVISOR), [made.note_id]) == {made.note_id: SECRET}
        assert readable(connection, Person("e", Role.SCHOOL), [made.note_id]) == {}
        assert connection.execute(select(notes.c.by)).scalars().all() == ["cobertura"]
    only_new.engine.dispose()
