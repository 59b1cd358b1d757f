"""A day sees what was known on it, and nothing else."""

from datetime import date

import polars as pl
import pytest
from ascii_tables import answers, day, drawn
from personas import ENROLMENT, SUNDAY, YEAR_2024, town

from features import Records, View, build_frame


def on_roll(records, *days):
    roll = View(records, days).on_roll.to_native().collect()
    return sorted(roll.select(pl.col("student_id").cast(pl.String), "day", "institution_id").rows())


def test_a_view_needs_a_day():
    with pytest.raises(ValueError, match="al menos un día"):
        View(town(), [])


def test_who_is_on_roll_follows_the_events():
    expected = answers(
        """
        | student | day   | institution |
        | ana     | 02-25 | NORTE       |
        | juan    | 02-25 | NORTE       |
        | leo     | 02-25 | NORTE       |
        | rosa    | 02-25 | NORTE       |
        | ana     | 03-03 | NORTE       |
        | leo     | 03-03 | NORTE       |
        | rosa    | 03-03 | NORTE       |
        | ana     | 03-10 | NORTE       |
        | leo     | 03-10 | NORTE       |
        | rosa    | 03-10 | SUR         |
        """
    )

    found = on_roll(town(), day("02-25"), day("03-03"), day("03-10"))

    assert found == sorted((student, day(d), school) for student, d, school in expected)


def test_a_child_who_came_back_is_on_roll_again():
    assert "juan" in {student for student, *_ in on_roll(town(), day("05-05"))}


def test_nobody_is_on_roll_in_the_holidays():
    assert on_roll(town(), date(2023, 12, 24)) == []


def test_last_years_enrolment_does_not_hold_this_year():
    students = {student for student, *_ in on_roll(town(enrolment=ENROLMENT.head(2)), SUNDAY)}

    assert students == set()


def test_an_event_counts_from_the_day_it_is_known_even_when_it_happened_before():
    told_late = ENROLMENT.with_columns(
        known_on=pl.when(status="WITHDRAWN").then(pl.lit(date(2024, 3, 22))).otherwise("known_on")
    )

    assert "juan" in {student for student, *_ in on_roll(town(enrolment=told_late), day("03-17"))}
    assert "juan" not in {student for student, *_ in on_roll(town(enrolment=told_late), day("03-24"))}


def test_late_news_of_an_old_fact_does_not_undo_a_newer_one():
    late = drawn(
        "enrolment",
        """
        | student_id | happened_on | known_on | institution_id | school_year | grade | status    |
        | juan       | 01-29       | 01-29    | NORTE          | 2024        | 6     | ENROLLED  |
        | juan       | 03-01       | 03-01    | SUR            | 2024        | 6     | ENROLLED  |
        | juan       | 02-20       | 03-08    | NORTE          | 2024        | 6     | WITHDRAWN |
        """,
    )

    assert on_roll(town(enrolment=late), day("03-10")) == [("juan", day("03-10"), "SUR")]


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_late_news_of_an_old_form_does_not_undo_a_newer_one_on_any_of_several_days(engine):
    forms = drawn(
        "characterisation",
        """
        | student_id | happened_on | known_on | commute_minutes |
        | ana        | 02-09       | 02-09    | 20              |
        | ana        | 02-02       | 02-20    | 70              |
        """,
    )

    frame = build_frame(town(characterisation=forms), [day("02-11"), day("02-25")], engine)

    assert frame.filter(student_id="ana")["commute_minutes"].to_list() == [20, 20]


def test_leaving_one_school_and_entering_another_on_one_day_is_being_enrolled():
    move = drawn(
        "enrolment",
        """
        | student_id | seen  | institution_id | school_year | grade | status    |
        | rosa       | 01-29 | NORTE          | 2024        | 7     | ENROLLED  |
        | rosa       | 03-01 | SUR            | 2024        | 7     | ENROLLED  |
        | rosa       | 03-01 | NORTE          | 2024        | 7     | WITHDRAWN |
        """,
    )

    assert on_roll(town(enrolment=move), SUNDAY) == [("rosa", SUNDAY, "SUR")]


def test_an_institutions_own_calendar_overrides_the_general_one():
    own = drawn(
        "calendar",
        """
        | school_year | seen  | starts_on | ends_on | institution_id |
        | 2024        | 01-01 | 03-04     | 11-29   | NORTE          |
        """,
    )
    both = pl.concat([YEAR_2024, own], how="diagonal")

    assert on_roll(town(calendar=both), SUNDAY) == []
    assert {student for student, *_ in on_roll(town(calendar=both), day("03-10"))} == {"ana", "leo", "rosa"}


def test_registration_before_classes_begin_counts_from_the_day_it_takes_effect():
    early = drawn(
        "enrolment",
        """
        | student_id | happened_on | known_on | institution_id | school_year | grade | status   |
        | luz        | 02-12       | 01-15    | NORTE          | 2024        | 7     | ENROLLED |
        """,
    )
    records = Records.from_frames({"calendar": YEAR_2024, "enrolment": early})

    assert on_roll(records, day("02-11"), day("02-18")) == [("luz", day("02-18"), "NORTE")]


def test_a_secretariats_list_is_not_of_private_schools_but_a_foreign_registers_may_be():
    private = ENROLMENT.with_columns(sector=pl.when(student_id="leo").then(pl.lit("PRIVATE")))
    report = pl.DataFrame({"source": ["detallado"], "happened_on": [SUNDAY], "known_on": [SUNDAY]})

    assert "leo" not in {student for student, *_ in on_roll(town(enrolment=private, report=report), SUNDAY)}
    assert "leo" in {student for student, *_ in on_roll(town(enrolment=private), SUNDAY)}
