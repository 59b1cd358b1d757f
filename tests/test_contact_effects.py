"""The question that a secretariat asks after a year of lists: did being on them change anything?"""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from drawn_lists import BY, student
from sqlalchemy import select

from features import Records
from models.list_order import OrderRules
from serving.contact_effects import effects_of_contacts, fates, near_the_cut
from serving.database import Database
from serving.faults import Missing
from serving.publishing import publish
from serving.risk_lists import Capacity, RiskList, ranked, seated
from serving.tables import scores

SUNDAYS = [date(2024, 3, 3) + timedelta(weeks=4 * n) for n in range(5)]
SEATS = 100
RULES = OrderRules(band=60, decision="Resolución 12 de 2024")


def a_list(day, rng, numbers, horizon=4, absent=4):
    """A list of a made-up Sunday; nobody needs to be explained to be compared."""
    chance = rng.uniform(0.05, 0.5, len(numbers))
    drawn = pl.DataFrame({"student_id": [student(n) for n in numbers], "institution_id": "1", "score": chance})
    everyone = ranked(drawn.with_columns(raw_score=pl.col("score").log()), day)
    told = seated(everyone, day, Capacity(SEATS), RULES)
    return RiskList(day, "1", "m", horizon, Capacity(SEATS), (), (), told, rules=RULES, absent_weeks=absent)


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """Five lists of other children each; a third of all leave, of those on the list only a tenth."""
    rng = np.random.default_rng(8)
    database = Database.open(f"sqlite:///{tmp_path_factory.mktemp('year') / 'x.sqlite'}")
    rows = []
    for place, day in enumerate(SUNDAYS):
        numbers = range(1000 * place, 1000 * place + 400)
        week = a_list(day, rng, numbers)
        publish(database, week, BY)
        on_list = week.scores["standing"].is_in(["LISTED", "KEPT", "DRAWN_IN"])
        leaves = rng.random(400) < np.where(on_list, 0.1, 1 / 3)
        rows += [event(name, gone, day) for name, gone in zip(week.scores["student_id"], leaves, strict=True)]
    yield records([row for pair in rows for row in pair]), database
    database.engine.dispose()


def event(name, gone, day):
    enrolled = {"student_id": name, "institution_id": "1", "school_year": "2024", "grade": 6, "status": "ENROLLED"}
    start = date(2024, 1, 22)
    first = {**enrolled, "happened_on": start, "known_on": start}
    left = day + timedelta(days=10)
    return [first, *([{**enrolled, "status": "WITHDRAWN", "happened_on": left, "known_on": left}] if gone else [])]


def records(rows):
    calendar = {"school_year": "2024", "starts_on": date(2024, 1, 22), "ends_on": date(2024, 11, 29)}
    fridays = [date(2024, 1, 26) + timedelta(weeks=n) for n in range(44)]
    return Records.from_frames(
        {
            "enrolment": pl.DataFrame(rows),
            "calendar": pl.DataFrame([{**calendar, "happened_on": date(2024, 1, 22), "known_on": date(2024, 1, 22)}]),
            "report": pl.DataFrame({"source": "detallado", "happened_on": fridays, "known_on": fridays}),
        }
    )


def test_a_year_of_lists_tells_what_they_changed_by_lot(year):
    found = effects_of_contacts(*year, SUNDAYS[0], SUNDAYS[-1])["by_lot"]

    assert found.effect.compared == 5 * 120
    assert found.effect.low < 0.1 - 1 / 3 < found.effect.high < 0
    assert found.sentence.startswith("En la franja sorteada (600 estudiantes y semanas): Entre quienes estuvieron")


def test_and_at_the_cut_without_those_whom_the_lot_moved(year):
    found = effects_of_contacts(*year, SUNDAYS[0], SUNDAYS[-1])["at_the_cut"]

    with year[1].reading() as connection:
        stood = near_the_cut(connection, SUNDAYS[0], SUNDAYS[-1])
    assert found.effect is None or found.effect.compared <= stood.height - 600
    assert found.effect is None or found.effect.low < 0.1 - 1 / 3 < found.effect.high


def test_outcomes_that_are_not_ripe_are_not_counted(year):
    known, database = year
    early = known.known_by(SUNDAYS[2] + timedelta(weeks=2))

    found = effects_of_contacts(early, database, SUNDAYS[0], SUNDAYS[-1])["by_lot"]

    assert found.effect.compared == 120


def test_with_too_few_the_sentence_says_so_and_no_number_is_given(year):
    known, database = year
    nobody_yet = known.known_by(SUNDAYS[0] + timedelta(days=3))

    found = effects_of_contacts(nobody_yet, database, SUNDAYS[0], SUNDAYS[0])

    assert found["by_lot"].effect is None
    assert found["by_lot"].as_dict() == {"sentence": found["by_lot"].sentence}
    assert "muy pocos" in found["by_lot"].sentence


def test_without_lists_in_those_days_something_is_missing(year):
    with pytest.raises(Missing, match="No hay listas"):
        effects_of_contacts(*year, date(2023, 1, 1), date(2023, 12, 31))


def test_every_student_s_standing_is_kept_and_only_those_near_the_cut_are_read(year):
    with year[1].reading() as connection:
        kept = connection.execute(select(scores.c.standing, scores.c.above_cut)).all()
        read = near_the_cut(connection, SUNDAYS[0], SUNDAYS[-1])

    assert len(kept) == 2_000 and all(row.standing and row.above_cut is not None for row in kept)
    assert 0 < read.height <= 2_000
    assert replace(RULES, band=0).band == 0


def back_after(weeks, name, day):
    """Withdrawn ten days after the list, and enrolled again in the same school so many weeks later."""
    first, left = event(name, True, day)
    back = left["happened_on"] + timedelta(weeks=weeks)
    return [first, left, {**first, "happened_on": back, "known_on": back}]


@pytest.mark.parametrize(("absent", "left"), [(2, 1.0), (4, 0.0)])
def test_who_counts_as_gone_is_the_model_s_own_question(tmp_path, absent, left):
    """All are away for three weeks: to a model that asks for two weeks they left, to one of four they did not."""
    database = Database.open(f"sqlite:///{tmp_path / 'x.sqlite'}")
    publish(database, a_list(SUNDAYS[0], np.random.default_rng(1), range(400), absent=absent), BY)
    away = [row for number in range(400) for row in back_after(3, student(number), SUNDAYS[0])]

    with database.reading() as connection:
        told = fates(records(away), near_the_cut(connection, SUNDAYS[0], SUNDAYS[0]))

    assert told.height == 400 and (told["outcome"] == "LEFT").mean() == left


def test_lists_that_looked_ahead_for_other_weeks_are_each_judged_by_their_own(tmp_path):
    """All leave ten days after each list: within two weeks, but not within one."""
    database = Database.open(f"sqlite:///{tmp_path / 'x.sqlite'}")
    rng, gone = np.random.default_rng(1), []
    for place, (day, horizon) in enumerate(zip(SUNDAYS, (2, 1), strict=False)):
        numbers = range(1000 * place, 1000 * place + 300)
        publish(database, a_list(day, rng, numbers, horizon=horizon), BY)
        gone += [row for number in numbers for row in event(student(number), True, day)]

    with database.reading() as connection:
        stood = near_the_cut(connection, SUNDAYS[0], SUNDAYS[1])

    told = fates(records(gone), stood).join(stood, on=["student_id", "day"], how="semi")
    shares = told.group_by("day").agg((pl.col("outcome") == "LEFT").mean()).sort("day")
    assert shares["outcome"].to_list() == [1.0, 0.0]
