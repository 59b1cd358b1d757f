"""How well a school reports, told by hand-drawn registers: a silence is never taken for safety."""

from datetime import date, timedelta

import polars as pl
import pytest
from ascii_tables import answers, day
from hypothesis import given, settings
from hypothesis import strategies as st
from personas import YEAR_2024

from features import Records, build_frame
from features.definitions import reporting
from features.feature import Catalogue
from features.quality.reports import LOW, PARTS, by_school, notice, reporting_quality

MONDAY = date(2024, 1, 22)
NORTE, SUR = "NORTE", "SUR"


def records(reported, exports=(), moves=(), born=date(2012, 5, 1), children=10):
    """Two schools of ten children of grade 6; ``reported`` gives, by school, how many are told of in which weeks."""
    roll = [(f"{school[0]}{n}", school, day("01-22")) for school in (NORTE, SUR) for n in range(children)]
    told = [
        (f"{school[0]}{n}", MONDAY + timedelta(weeks=week)) for school, many, weeks in reported for week in weeks
        for n in range(many)
    ]  # fmt: skip
    enrolment = pl.DataFrame([*roll, *moves], schema=["student_id", "institution_id", "happened_on"], orient="row")
    attendance = pl.DataFrame(told, schema={"student_id": pl.String, "week": pl.Date}, orient="row")
    report = pl.DataFrame(
        [("detallado", school, day(seen)) for school, seen in exports],
        schema={"source": pl.String, "institution_id": pl.String, "happened_on": pl.Date}, orient="row",
    )  # fmt: skip
    sixth = {"school_year": pl.lit("2024"), "grade": pl.lit(6), "status": pl.lit("ENROLLED")}
    names = enrolment["student_id"].unique().sort()
    return Records.from_frames(
        {
            "calendar": YEAR_2024,
            "enrolment": enrolment.with_columns(known_on="happened_on", **sixth),
            "attendance": attendance.with_columns(
                happened_on=pl.col("week") + timedelta(days=4), known_on=pl.col("week") + timedelta(days=4),
                days_expected=pl.lit(5), days_absent=pl.lit(0),
            ),
            "person": pl.DataFrame({"student_id": names, "birth_date": [born] * len(names)}).with_columns(
                happened_on=pl.lit(MONDAY), known_on=pl.lit(MONDAY)
            ),
            "report": report.with_columns(known_on="happened_on", rows=pl.lit(10)),
        }
    )  # fmt: skip


def scores(told, *days):
    found = reporting_quality(told, days)
    return {(row["institution_id"], row["day"]): row for row in found.iter_rows(named=True)}


def test_a_score_is_that_of_the_weakest_side_and_falls_week_by_week_in_a_silence():
    fridays = [f"{MONDAY + timedelta(days=7 * n + 4):%m-%d}" for n in range(12)]
    told = records([(SUR, 10, range(6))], [(SUR, friday) for friday in fridays])
    days = [day("03-03") + timedelta(weeks=n) for n in range(6)]
    expected = answers(
        """
        | day   | coverage | weeks silent | score |
        | 03-03 | 1.0      | 0.29         | 1.0   |
        | 03-10 | 1.0      | 1.29         | 0.96  |
        | 03-17 | 1.0      | 2.29         | 0.82  |
        | 03-24 | 1.0      | 3.29         | 0.67  |
        | 03-31 | 0.0      | 4.29         | 0.0   |
        | 04-07 | 0.0      | 5.29         | 0.0   |
        """
    )

    found = scores(told, *days)

    sur = [found[SUR, on] for on in days]
    assert [
        (
            f"{row['day']:%m-%d}",
            str(row["school_attendance_coverage"]),
            f"{row['school_weeks_silent']:.2f}",
            str(round(row["reporting_quality"], 2)),
        )
        for row in sur
    ] == expected


def test_a_school_that_reports_everyone_every_week_is_worth_one():
    found = scores(records([(NORTE, 10, range(20)), (SUR, 10, range(20))]), day("04-21"))

    assert {row["reporting_quality"] for row in found.values()} == {1.0}
    assert {notice(row) for row in found.values()} == {None}


def test_the_share_of_students_told_of_counts():
    found = scores(records([(NORTE, 7, range(20))]), day("04-21"))[NORTE, day("04-21")]

    assert found["school_attendance_coverage"] == found["reporting_quality"] == 0.7
    assert found["students"] == 10


def test_ages_that_cannot_be_right_count():
    found = scores(records([(NORTE, 10, range(20))], born=date(2000, 1, 1)), day("04-21"))[NORTE, day("04-21")]

    assert (found["school_flawed_share"], found["reporting_quality"]) == (1.0, 0.0)
    assert notice(found) == "El 100 % de la matrícula de la institución tiene datos por corregir."


def test_what_is_empty_counts_unless_it_is_empty_of_everyone():
    def flawed(empty):
        told = records([(NORTE, 10, range(20))])
        born = (
            told.table("person")
            .collect()
            .with_columns(birth_date=pl.when(pl.col("student_id").is_in(empty)).then(None).otherwise("birth_date"))
        )
        tables = {name: told.table(name).collect() for name in ("calendar", "enrolment", "attendance")}
        return scores(Records.from_frames({**tables, "person": born}), day("04-21"))[NORTE, day("04-21")]

    assert flawed(["N1", "N2"])["school_flawed_share"] == 0.2
    assert flawed([f"N{n}" for n in range(10)])["school_flawed_share"] == 0.0


def test_at_the_beginning_of_the_year_nothing_is_owed_yet():
    found = scores(records([]), day("02-18"), day("02-19"))

    early, late = found[NORTE, day("02-18")], found[NORTE, day("02-19")]
    assert early["school_attendance_coverage"] is None
    assert early["reporting_quality"] > LOW
    assert (late["school_attendance_coverage"], late["reporting_quality"]) == (0.0, 0.0)


def test_who_has_just_arrived_does_not_bring_the_reports_of_the_school_before():
    moved = ("N0", SUR, day("04-12"))
    told = records([(NORTE, 10, range(11))], moves=[moved])

    assert scores(told, day("04-21"))[SUR, day("04-21")]["school_attendance_coverage"] == 0.0


def test_a_register_without_exports_is_not_blamed_for_them():
    with_exports = records([(NORTE, 10, range(20))], [(NORTE, "01-26"), (SUR, "04-19")])

    assert scores(with_exports, day("04-21"))[NORTE, day("04-21")]["school_weeks_since_export"] > 12
    assert scores(records([(NORTE, 10, range(20))]), day("04-21"))[NORTE, day("04-21")]["reporting_quality"] == 1.0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"school_attendance_coverage": 0.0, "school_weeks_silent": 7.3}, "no reporta asistencia hace 7 semanas"),
        ({"school_attendance_coverage": 0.0, "school_weeks_silent": 1.3}, "no reporta asistencia hace 1 semana:"),
        ({"school_attendance_coverage": None, "school_weeks_silent": 5.0}, "no reporta asistencia hace 5 semanas"),
        ({"school_attendance_coverage": 0.42}, "reporta asistencia del 42 % de sus estudiantes"),
        ({"school_weeks_since_export": 9.1}, "no está en el reporte de matrícula hace 9 semanas"),
        ({"school_flawed_share": 0.6}, "El 60 % de la matrícula de la institución tiene datos por corregir"),
    ],
)
def test_the_warning_names_what_is_wrong(changed, sentence):
    well = dict(zip(PARTS, (0.2, 1.0, 0.3, 0.3, 0.0), strict=True))

    told = notice(well | changed)

    assert sentence in told
    assert len(told.split()) <= 20


@settings(max_examples=200)
@given(
    *(st.none() | st.floats(0, 1) for _ in range(2)), *(st.none() | st.floats(0, 60) for _ in range(2)), st.floats(0, 1)
)
def test_a_low_score_always_has_a_sentence_and_a_good_one_never(score, coverage, silent, export, flawed):
    row = dict(zip(PARTS, (score, coverage, silent or 0.0, export, flawed), strict=True))

    assert (notice(row) is not None) == (score is not None and score < LOW)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10), st.sets(st.integers(0, 17)), st.lists(st.integers(0, 120), min_size=1, max_size=3))
def test_a_score_is_a_share_is_never_above_its_parts_and_nothing_learnt_later_changes_it(many, weeks, after):
    told = records([(NORTE, many, sorted(weeks))], [(NORTE, "01-26"), (SUR, "03-01")])
    days = sorted({MONDAY + timedelta(days=n) for n in after})

    found = reporting_quality(told, days)

    assert found["reporting_quality"].is_between(0, 1).all()
    assert (found["reporting_quality"] <= found["school_attendance_coverage"].fill_null(1)).all()
    assert found.equals(pl.concat([reporting_quality(told.known_by(on), [on]) for on in days]))


def test_the_features_of_a_frame_give_the_same_as_the_report():
    told = records([(NORTE, 10, range(20)), (SUR, 3, range(9))])
    days = [day("02-04"), day("04-21")]

    assert by_school(build_frame(told, days)).equals(reporting_quality(told, days))


def test_a_child_missing_from_the_reports_of_a_school_that_reports_is_marked():
    told = records([(NORTE, 9, range(20)), (SUR, 2, range(20))])

    frame = build_frame(told, [day("04-21")], catalogue=Catalogue(reporting.FEATURES))

    missing = dict(frame.select("student_id", "missing_from_reports").iter_rows())
    assert (missing["N8"], missing["N9"]) == (0.0, 1.0)
    assert (missing["S0"], missing["S9"]) == (0.0, 0.0)


def test_reporting_is_never_said_of_a_child():
    assert not [feature.name for feature in reporting.FEATURES if feature.shown]
