"""A week or a mark corrected later, and a past that came late: each day sees them as they stood that day."""

from datetime import date

import polars as pl
import pytest
from made_up_exports import Secretariat

from features import Records, build_frame

DAYS = [date(2024, 3, 3), date(2024, 3, 17)]
CALENDAR = pl.DataFrame({"school_year": ["2024"], "starts_on": [date(2024, 1, 15)], "ends_on": [date(2024, 11, 29)]})
ENGINES = ["polars", "duckdb", "pandas"]


def enrolled(student="ana", on=date(2024, 1, 15), **told):
    row = {"student_id": student, "happened_on": on, "known_on": on, "institution_id": "NORTE", "school_year": "2024"}
    return {**row, "grade": 5, "status": "ENROLLED", **told}


def week(known_on, absent, monday=date(2024, 2, 19)):
    friday = date.fromordinal(monday.toordinal() + 4)
    row = {"student_id": "ana", "happened_on": friday, "known_on": known_on, "week": monday}
    return {**row, "days_expected": 5, "days_absent": absent}


def mark(known_on, score):
    row = {"student_id": "ana", "happened_on": date(2024, 2, 20), "known_on": known_on, "period": "2024-1"}
    return {**row, "area": "LANGUAGE", "score": score}


def town(**tables):
    rows = {"enrolment": [enrolled()], **tables}
    return Records.from_frames({"calendar": CALENDAR, **{name: pl.DataFrame(r) for name, r in rows.items()}})


def told(records, engine, *names, student="ana"):
    frame = build_frame(records, DAYS, engine).filter(pl.col("student_id") == student)
    return frame.select(names).rows()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_corrected_week_counts_once_and_only_from_the_day_of_the_correction(engine):
    other = week(date(2024, 2, 23), 1, date(2024, 2, 12))
    corrected = town(attendance=[other, week(date(2024, 2, 23), 5), week(date(2024, 3, 15), 0)])
    names = ("days_absent_4w", "absence_rate_year", "whole_weeks_away", "weeks_since_present")

    assert told(corrected, engine, *names) == [(6.0, 0.6, 1.0, 1.0), (0.0, 0.1, 0.0, 0.0)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_corrected_mark_takes_the_place_of_the_one_before(engine):
    corrected = town(progress=[mark(date(2024, 2, 23), 30.0), mark(date(2024, 3, 15), 80.0)])

    assert told(corrected, engine, "mean_score", "failing_share") == [(30.0, 1.0), (80.0, 0.0)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_week_corrected_twice_stands_as_it_was_told_last(engine):
    tellings = [week(date(2024, 2, 23), 5), week(date(2024, 2, 29), 2), week(date(2024, 3, 15), 4)]

    assert told(town(attendance=tellings), engine, "absence_rate_year") == [(0.4,), (0.8,)]


LATE = [
    enrolled(on=date(2024, 2, 1), known_on=date(2024, 2, 1), institution_id="NORTE"),
    enrolled(on=date(2024, 1, 15), known_on=date(2024, 3, 8), institution_id="SUR"),
    enrolled("leo"),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_past_that_came_late_makes_an_arrival_a_move_from_that_day(engine):
    names = ("school_changes", "weeks_since_move")

    before, after = told(town(enrolment=LATE), engine, *names)

    assert before == (0.0, None)
    assert after == (1.0, pytest.approx(45 / 7))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_child_whose_past_came_late_and_who_then_leaves_is_counted_among_the_departures(engine):
    left = enrolled(on=date(2024, 3, 12), status="WITHDRAWN")
    past = enrolled(on=date(2023, 11, 30), known_on=date(2024, 3, 8), institution_id="SUR", status="PROMOTED")
    register = [enrolled("old", date(2022, 2, 1), status="CANCELLED"), enrolled("leo"), enrolled(), past, left]

    rates = told(town(enrolment=register), engine, "school_exit_rate", student="leo")

    assert rates == [(0.0,), (1.0,)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_move_of_years_ago_that_becomes_known_now_is_no_move_of_this_year(engine):
    years = {"school_year": "2022", "known_on": date(2024, 3, 8)}
    past = [
        enrolled(on=date(2022, 2, 1), institution_id="SUR", **years),
        enrolled(on=date(2022, 5, 1), institution_id="ESTE", **years),
    ]

    _, after = told(town(enrolment=[enrolled(), *past]), engine, "school_changes", "school_changes_this_year")

    assert after == (2.0, 0.0)


def test_a_list_of_marks_without_dates_that_comes_every_week_is_the_same_marks(tmp_path):
    secretariat = Secretariat(tmp_path)
    rows = "ANO;PER_ID;PERIODO;AREA;NOTA\n2024;1000001;1;MATEMATICAS;{}\n2024;1000001;1;LENGUAJE;4.0\n"
    for day, score in (("2024-03-01", "2.0"), ("2024-03-08", "2.0"), ("2024-03-15", "4.5")):
        secretariat.drop(day, valoracion__csv=rows.format(score))
    secretariat.ingest()

    told = secretariat.table("progress").sort("known_on", "score").select("happened_on", "known_on").rows()

    first, third = date(2024, 3, 1), date(2024, 3, 15)
    assert told == [(first, first), (first, first), (first, third)]


def test_a_week_told_twice_in_one_file_goes_in_as_it_was_told_last_and_the_other_is_set_aside(tmp_path):
    secretariat = Secretariat(tmp_path)
    head = "PER_ID;SEMANA;DIAS_PROGRAMADOS;DIAS_AUSENTE\n"
    secretariat.drop("2024-03-01", inasistencia__csv=head + "1;19/02/2024;5;5\n1;19/02/2024;5;0\n2;19/02/2024;5;1\n")

    report = secretariat.ingest()

    assert (report.rows_in, report.accepted, report.quarantined) == (3, 2, 1)
    assert sorted(secretariat.table("attendance")["days_absent"]) == [0, 1]
