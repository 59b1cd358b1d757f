"""Beside the others: own school, grade and week, own class, own home and own comuna, each drawn small."""

from datetime import date

import polars as pl
import pytest
from ascii_tables import answers, day, drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from personas import YEAR_2024

from features import CATALOGUE, Records, build_frame

# Ana, Beto, Cira and Dora are in one class; Eva is in another of the same grade; Fito is alone in another school.
# Ana and Fito share a home with Gil, who left; Beto and Cira share another; of Dora's and Eva's homes nothing is known.
ENROLMENT = drawn(
    "enrolment",
    """
    | student_id | seen       | institution_id | campus_id | school_year | grade | shift   | class_group | status    |
    | gil        | 2023-01-27 | NORTE          | N1        | 2023        | 8     | MORNING | 801         | ENROLLED  |
    | gil        | 2023-06-02 | NORTE          | N1        | 2023        | 8     | MORNING | 801         | WITHDRAWN |
    | hugo       | 01-26      | NORTE          | N1        | 2024        | 6     | MORNING | 601         | ENROLLED  |
    | hugo       | 02-09      | NORTE          | N1        | 2024        | 6     | MORNING | 601         | WITHDRAWN |
    | ana        | 01-26      | NORTE          | N1        | 2024        | 6     | MORNING | 601         | ENROLLED  |
    | beto       | 01-26      | NORTE          | N1        | 2024        | 6     | MORNING | 601         | ENROLLED  |
    | cira       | 01-26      | NORTE          | N1        | 2024        | 6     | MORNING | 601         | ENROLLED  |
    | dora       | 01-26      | NORTE          | N1        | 2024        | 6     | MORNING | 601         | ENROLLED  |
    | eva        | 01-26      | NORTE          | N1        | 2024        | 6     | MORNING | 602         | ENROLLED  |
    | fito       | 01-26      | SUR            | S1        | 2024        | 6     | MORNING |             | ENROLLED  |
    """,
)
PERSON = drawn(
    "person",
    """
    | student_id | seen       | birth_date | household_id |
    | gil        | 2023-01-27 | 2009-05-05 | h1           |
    | ana        | 01-26      | 2012-05-05 | h1           |
    | fito       | 01-26      | 2009-05-05 | h1           |
    | beto       | 01-26      | 2012-05-05 | h2           |
    | cira       | 01-26      | 2010-05-05 | h2           |
    | dora       | 01-26      | 2012-05-05 |              |
    | eva        | 01-26      | 2012-05-05 |              |
    """,
)
ATTENDANCE = drawn(
    "attendance",
    """
    | student_id | seen  | week  | days_expected | days_absent |
    | ana        | 02-23 | 02-19 | 5             | 0           |
    | beto       | 02-23 | 02-19 | 5             | 1           |
    | cira       | 02-23 | 02-19 | 5             | 1           |
    | dora       | 02-23 | 02-19 | 5             | 5           |
    | dora       | 02-16 | 02-12 | 0             | 0           |
    | eva        | 02-23 | 02-19 | 5             | 3           |
    | fito       | 02-23 | 02-19 | 5             | 2           |
    """,
)
SUPPORT = drawn(
    "support",
    """
    | student_id | seen  | strategy         | starts_on | ends_on |
    | ana        | 02-02 | SCHOOL_FEEDING   | 02-01     |         |
    | beto       | 02-02 | SCHOOL_TRANSPORT | 02-01     | 02-20   |
    | cira       | 02-02 | SCHOOL_TRANSPORT | 02-01     | 05-20   |
    """,
)
INSTITUTION = drawn(
    "institution",
    """
    | institution_id | seen  | comuna |
    | NORTE          | 01-01 | 14     |
    | SUR            | 01-01 | 14     |
    """,
)
PROGRESS = drawn(
    "progress",
    """
    | student_id | seen  | period | area | score | due_on |
    | ana        | 02-16 | 1      | MAT  | 90    | 02-16  |
    | beto       | 02-16 | 1      | MAT  | 50    | 02-16  |
    | cira       | 02-09 | 1      | LEN  | 70    | 02-09  |
    | cira       | 02-16 | 1      | MAT  |       | 02-16  |
    | dora       | 02-16 | 1      | MAT  |       | 02-16  |
    | dora       | 02-20 | 1      | MAT  | 60    | 02-16  |
    """,
)
TABLES = {
    "calendar": YEAR_2024,
    "enrolment": ENROLMENT,
    "person": PERSON,
    "attendance": ATTENDANCE,
    "support": SUPPORT,
    "institution": INSTITUTION,
    "progress": PROGRESS,
}
SUNDAY = date(2024, 2, 25)

DRAWN = answers(
    """
    | feature                   | student | day   | value |
    | absence_rate_4w_rank      | ana     | 02-25 | 0.1   |
    | absence_rate_4w_rank      | beto    | 02-25 | 0.4   |
    | absence_rate_4w_rank      | cira    | 02-25 | 0.4   |
    | absence_rate_4w_rank      | eva     | 02-25 | 0.7   |
    | absence_rate_4w_rank      | dora    | 02-25 | 0.9   |
    | absence_rate_4w_rank      | fito    | 02-25 | 0.5   |
    | absence_rate_4w_rank      | ana     | 02-18 |       |
    | absence_beyond_class      | dora    | 02-25 | 0.75  |
    | absence_beyond_class      | fito    | 02-25 |       |
    | absence_beyond_group      | dora    | 02-25 | 0.867 |
    | absence_beyond_group      | eva     | 02-25 |       |
    | absence_beyond_school     | eva     | 02-25 | 0.25  |
    | days_absent_4w            | dora    | 02-25 | 5     |
    | weeks_with_absence_6w     | dora    | 02-25 | 1     |
    | weeks_with_absence_6w     | ana     | 02-25 | 0     |
    | weeks_without_class_6w    | dora    | 02-25 | 1     |
    | weeks_unrecorded_6w       | dora    | 02-25 | 2     |
    | weeks_unrecorded_6w       | ana     | 02-25 | 3     |
    | weeks_unrecorded_6w       | ana     | 01-28 | 0     |
    | unrecorded_beyond_school  | ana     | 02-25 | 0.25  |
    | never_attended_this_year  | dora    | 02-25 | 1     |
    | never_attended_this_year  | ana     | 02-25 | 0     |
    | never_attended_this_year  | ana     | 02-18 |       |
    | class_size                | ana     | 02-25 | 4     |
    | class_size                | eva     | 02-25 | 1     |
    | class_size                | fito    | 02-25 |       |
    | class_absence_rate        | ana     | 02-25 | 0.467 |
    | class_over_age_share      | ana     | 02-25 | 0.333 |
    | class_over_age_share      | cira    | 02-25 | 0     |
    | class_exit_rate           | ana     | 02-25 | 0.25  |
    | class_exit_rate           | eva     | 02-25 | 0     |
    | class_exit_rate           | ana     | 2024-02-04 | 0 |
    | grade_exit_rate           | eva     | 02-25 | 0.2   |
    | school_exit_rate          | eva     | 02-25 | 0.4   |
    | school_size               | eva     | 02-25 | 5     |
    | siblings_on_roll          | ana     | 02-25 | 1     |
    | siblings_on_roll          | fito    | 02-25 | 1     |
    | siblings_on_roll          | dora    | 02-25 |       |
    | siblings_in_school        | ana     | 02-25 | 0     |
    | siblings_in_school        | beto    | 02-25 | 1     |
    | siblings_absence_rate     | ana     | 02-25 | 0.4   |
    | siblings_absence_rate     | beto    | 02-25 | 0.2   |
    | siblings_over_age         | ana     | 02-25 | 1     |
    | siblings_over_age         | fito    | 02-25 | 0     |
    | siblings_left             | ana     | 02-25 | 1     |
    | siblings_left             | fito    | 02-25 | 1     |
    | siblings_left             | beto    | 02-25 | 0     |
    | siblings_left             | dora    | 02-25 |       |
    | siblings_left             | ana     | 06-09 | 0     |
    | over_age_beyond_grade     | cira    | 02-25 | 2     |
    | over_age_beyond_grade     | ana     | 02-25 | -0.5  |
    | over_age_years_rank       | cira    | 02-25 | 0.9   |
    | mean_score_beyond_grade   | ana     | 02-25 | 30    |
    | mean_score_rank           | ana     | 02-25 | 0.875 |
    | mean_score_rank           | beto    | 02-25 | 0.125 |
    | mean_score_rank           | eva     | 02-25 |       |
    | missed_work_rank          | cira    | 02-25 | 0.875 |
    | missed_share_beyond_grade | cira    | 02-25 | 0.5   |
    | last_work_missed          | cira    | 02-25 | 1     |
    | last_work_missed          | dora    | 02-25 | 0     |
    | last_work_missed          | dora    | 02-18 | 1     |
    | last_work_missed          | ana     | 02-25 | 0     |
    | last_work_missed          | eva     | 02-25 |       |
    | areas_failed              | beto    | 02-25 | 1     |
    | unmarked_this_year        | eva     | 02-25 | 1     |
    | unmarked_this_year        | cira    | 02-25 | 0     |
    | comuna_exit_rate          | fito    | 02-25 | 0.4   |
    | comuna_exit_rate          | ana     | 02-25 | 0     |
    | comuna_absence_rate       | ana     | 02-25 | 0.4   |
    | comuna_absence_rate       | fito    | 02-25 | 0.4   |
    | school_feeding_share      | beto    | 02-25 | 0.25  |
    | school_feeding_share      | ana     | 02-25 | 0     |
    | support_unlisted          | dora    | 02-25 | 1     |
    | support_unlisted          | beto    | 02-25 | 0     |
    | support_unlisted          | dora    | 01-28 |       |
    | support_ended_this_year   | beto    | 02-25 | 1     |
    | support_ended_this_year   | beto    | 02-18 | 0     |
    | support_ended_this_year   | cira    | 02-25 | 0     |
    | first_year_on_record      | ana     | 02-25 | 1     |
    | form_missing              | ana     | 02-25 | 1     |
    """
)


@pytest.fixture(scope="module")
def frames():
    return build_frame(Records.from_frames(TABLES), sorted({day(d) for _, _, d, _ in DRAWN}))


@pytest.mark.parametrize(("feature", "student", "on", "value"), DRAWN)
def test_a_student_is_told_beside_the_others(frames, feature, student, on, value):
    found = frames.filter(student_id=student, day=day(on))[feature].item()

    assert found == (pytest.approx(float(value), abs=1e-3) if value else None)


def test_a_year_out_of_the_register_is_not_a_late_enrolment():
    enrolment = drawn(
        "enrolment",
        """
        | student_id | seen       | institution_id | school_year | grade | status   |
        | ana        | 2022-01-28 | NORTE          | 2022        | 6     | ENROLLED |
        | ana        | 01-26      | NORTE          | 2024        | 7     | ENROLLED |
        | beto       | 2023-01-27 | NORTE          | 2023        | 6     | ENROLLED |
        | beto       | 01-26      | NORTE          | 2024        | 7     | ENROLLED |
        """,
    )

    frame = build_frame(Records.from_frames({**TABLES, "enrolment": enrolment}), [SUNDAY])

    assert dict(frame.select("student_id", "returned_after_gap").rows()) == {"ana": 1.0, "beto": 0.0}


def test_a_change_of_shift_is_no_change_of_school():
    evening = drawn(
        "enrolment",
        """
        | student_id | seen  | institution_id | campus_id | school_year | grade | shift   | class_group | status   |
        | ana        | 02-16 | NORTE          | N1        | 2024        | 6     | EVENING | 605         | ENROLLED |
        """,
    )
    moved = pl.concat([ENROLMENT, evening])

    row = build_frame(Records.from_frames({**TABLES, "enrolment": moved}), [SUNDAY]).filter(student_id="ana")

    assert (row["shift_changes_this_year"].item(), row["school_changes_this_year"].item()) == (1, 0)


def test_who_missed_more_than_usual_misses_more_than_in_the_rest_of_the_year():
    before = ATTENDANCE.filter(student_id="ana").with_columns(
        happened_on=pl.lit(date(2024, 2, 2)), known_on=pl.lit(date(2024, 2, 2)), week=pl.lit(date(2024, 1, 29))
    )
    now = ATTENDANCE.with_columns(days_absent=pl.lit(5, pl.Int16))

    frame = build_frame(Records.from_frames({**TABLES, "attendance": pl.concat([before, now])}), [SUNDAY])

    assert frame.filter(student_id="ana")["absence_beyond_own_year"].item() == 0.5


PLACES = [f.name for f in CATALOGUE if f.unit == "rank"]


def test_every_number_with_a_place_keeps_its_own_name():
    assert len(PLACES) >= 10
    assert all(place.removesuffix("_rank") in CATALOGUE for place in PLACES)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=5, max_size=5), st.integers(2, 4))
def test_a_place_does_not_change_when_the_whole_school_counts_in_another_way(absences, times):
    """Absences of five days and of twenty: the rate is the same where both are counted, and so is the place."""
    who = ["ana", "beto", "cira", "dora", "eva"]

    def places(factor):
        rows = pl.DataFrame({"student_id": who, "days_absent": [min(7, a * factor) for a in absences]})
        week = ATTENDANCE.filter(pl.col("days_expected") > 0, pl.col("student_id") != "fito").drop("days_absent")
        told = week.join(rows.with_columns(pl.col("days_absent").cast(pl.Int16)), on="student_id")
        told = told.with_columns(days_expected=pl.lit(7 if factor > 1 else 5, pl.Int16))
        frame = build_frame(Records.from_frames({**TABLES, "attendance": told}), [SUNDAY])
        return frame.filter(institution_id="NORTE").select("student_id", "absence_rate_4w_rank").rows()

    if max(absences) * times <= 7:
        assert places(1) == places(times)


def test_the_places_of_a_grade_add_up_to_half_its_students():
    frame = build_frame(Records.from_frames(TABLES), [SUNDAY]).filter(institution_id="NORTE")

    for place in PLACES:
        known = frame[place].drop_nulls()
        assert known.len() == 0 or known.mean() == pytest.approx(0.5), place
