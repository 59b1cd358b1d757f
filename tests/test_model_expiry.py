"""A model whose time is nearly over is told of; one whose time is over makes no list but by a written decision."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from drawn_lists import BY
from small_school import DAY, given, grown_model, records_of
from sqlalchemy import select

from models.card import CARD
from models.model_files import add_file, write_note
from models.risk_model import ORIGIN
from serving import published
from serving.api.answers import Publication
from serving.database import Database
from serving.export_tables import about
from serving.exports import Export
from serving.faults import Refused
from serving.model_expiry import WARNED, expires_on, standing
from serving.settings import Settings, open_home
from serving.tables import audit, pointers
from serving.weekly import run_this_week

DECISION = "Resolución 12 de 2024"


@pytest.fixture
def settings(tmp_path):
    chosen = Settings(home=tmp_path / "h")
    open_home(chosen)
    return chosen


@pytest.fixture
def database(settings):
    opened = Database.open(settings.database_url)
    yield opened
    opened.engine.dispose()


def put_in_use(settings, until, agreed=None):
    """A model in the service's folder; `until` is on its card, `agreed` in the note of who put it in use."""
    replace(grown_model(), version="3").save(settings.champion)
    add_file(settings.champion, CARD, json.dumps({"expires_on": str(until or "")}))
    write_note(settings.champion / ORIGIN, {"version": "3", "expires_on": str(agreed or "")})


def publish(settings, database, decision=""):
    return run_this_week(records_of(given(12)["tables"]), settings, DAY, 3, database, BY, decision=decision)


def lists_of(database):
    with database.reading() as connection:
        return connection.execute(select(pointers.c.publication_id)).scalars().all()


@pytest.mark.parametrize(("left", "warned"), [(WARNED + 1, False), (WARNED, True), (1, True), (0, True)])
def test_before_the_end_the_list_is_made_and_the_days_left_are_told(settings, database, left, warned):
    put_in_use(settings, DAY + timedelta(days=left))

    done = publish(settings, database)

    assert (f"quedan {left} días" in done.sentence()) == warned == bool(done.warning)
    assert lists_of(database) == [done.id]
    with database.reading() as connection:
        assert "model_note" not in published.publication_for(connection, DAY).header


def test_after_the_end_no_list_is_made_and_what_to_do_is_told(settings, database):
    put_in_use(settings, DAY - timedelta(days=1))

    for decision in ("", "  "):
        with pytest.raises(Refused, match="venció el 04/05/2024") as refused:
            publish(settings, database, decision)

    assert refused.value.exit_code == 4
    assert "permanencia train" in str(refused.value) and "--expired-model-approved" in str(refused.value)
    assert lists_of(database) == []


def test_by_a_written_decision_it_is_made_and_every_reader_and_the_audit_are_told(settings, database):
    put_in_use(settings, DAY - timedelta(days=1))

    done = publish(settings, database, DECISION)

    told = f"El modelo venció el 04/05/2024 y se usa por decisión escrita: {DECISION}."
    with database.reading() as connection:
        publication = published.publication_for(connection, DAY)
        detail = connection.execute(select(audit.c.detail).where(audit.c.action == "publish")).scalar_one()
    assert told in detail and told in done.sentence()
    assert Publication.model_validate(publication.header).model_note == told
    assert ["Aviso", told] in about(Export(publication, (), (), {}, "ana"))


def test_the_sooner_of_the_card_and_of_what_was_agreed_holds(settings):
    for until, agreed in ((date(2025, 7, 7), date(2024, 12, 1)), (date(2024, 12, 1), date(2025, 7, 7))):
        put_in_use(settings, until, agreed)

        assert expires_on(settings.champion) == date(2024, 12, 1)


def test_a_week_of_a_made_up_past_is_judged_by_its_own_day_and_not_by_today(settings, database):
    """The demonstration's city lives years ago, and its model ended years ago."""
    put_in_use(settings, DAY + timedelta(days=200))

    assert publish(settings, database).warning == ""


def test_a_model_that_says_no_end_is_used_as_before(settings):
    put_in_use(settings, None)

    assert standing(settings.champion, DAY).warning == ""
