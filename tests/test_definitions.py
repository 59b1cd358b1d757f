"""Each feature, drawn: who, on which day, and what it says about them."""

import pytest
from ascii_tables import answers, day, drawn
from personas import SUNDAY, town

from features import build_frame

DRAWN = answers(
    """
    | feature                  | student | day   | value |
    | grade                    | ana     | 03-03 | 6     |
    | age_years                | ana     | 03-03 | 15    |
    | age_years                | leo     | 03-03 | 11    |
    | over_age_years           | ana     | 03-03 | 4     |
    | over_age_years           | leo     | 03-03 | 0     |
    | over_age_years           | rosa    | 03-03 | 0     |
    | repeating                | ana     | 03-03 | 1     |
    | repeating                | leo     | 03-03 | 0     |
    | grades_repeated          | ana     | 03-03 | 1     |
    | years_on_record          | ana     | 03-03 | 2     |
    | years_on_record          | rosa    | 03-03 | 1     |
    | late_entry_weeks         | rosa    | 03-03 | 0.571 |
    | weeks_into_year          | rosa    | 03-03 | 5.857 |
    | school_changes           | rosa    | 03-03 | 0     |
    | school_changes           | rosa    | 03-10 | 1     |
    | school_changes_this_year | rosa    | 03-10 | 1     |
    | weeks_since_move         | rosa    | 03-15 | 1     |
    | weeks_since_move         | leo     | 03-15 |       |
    | earlier_exits            | juan    | 05-05 | 1     |
    | returned_this_year       | juan    | 05-05 | 1     |
    | returned_this_year       | ana     | 05-05 | 0     |
    | absence_rate_1w          | ana     | 02-18 | 1     |
    | absence_rate_1w          | ana     | 02-11 | 0.2   |
    | absence_rate_1w          | ana     | 02-25 |       |
    | absence_rate_2w          | ana     | 02-18 | 0.6   |
    | absence_rate_2w          | leo     | 02-18 | 0     |
    | absence_rate_2w          | rosa    | 02-18 |       |
    | absence_rate_4w          | ana     | 02-25 | 0.4   |
    | absence_rate_4w          | ana     | 03-03 | 0.733 |
    | absence_rate_year        | ana     | 02-25 | 0.4   |
    | absence_rate_year        | ana     | 03-03 | 0.55  |
    | whole_weeks_away         | ana     | 02-25 | 1     |
    | whole_weeks_away         | ana     | 03-03 | 2     |
    | whole_weeks_away         | leo     | 03-03 | 0     |
    | whole_weeks_away         | rosa    | 03-03 |       |
    | weeks_since_present      | ana     | 03-03 | 2     |
    | weeks_since_present      | leo     | 03-03 | 0     |
    | weeks_without_report     | leo     | 03-01 | 1     |
    | failing_share            | ana     | 02-18 | 0.5   |
    | mean_score               | ana     | 02-18 | 55    |
    | lowest_score             | ana     | 02-18 | 40    |
    | missed_work              | ana     | 02-18 | 0     |
    | missed_work              | ana     | 02-20 | 0     |
    | missed_work              | ana     | 02-21 | 1     |
    | missed_work_6w           | ana     | 02-21 | 1     |
    | missed_share             | ana     | 02-21 | 0.333 |
    | marks_count              | ana     | 02-18 | 2     |
    | weeks_since_mark         | leo     | 03-01 | 2     |
    | stratum                  | ana     | 03-03 | 1     |
    | commute_minutes          | ana     | 02-25 | 70    |
    | commute_minutes          | ana     | 03-03 | 20    |
    | mother_heads_household   | ana     | 03-03 | 1     |
    | both_parents             | leo     | 03-03 | 1     |
    | has_internet             | ana     | 03-03 | 0     |
    | has_internet             | rosa    | 03-03 |       |
    | school_feeding           | ana     | 03-03 | 1     |
    | school_feeding           | leo     | 03-03 | 0     |
    | school_feeding           | leo     | 01-28 |       |
    | school_transport         | ana     | 02-18 | 1     |
    | school_transport         | ana     | 02-21 | 0     |
    | strategies_received      | ana     | 02-18 | 2     |
    | school_exit_rate         | leo     | 03-03 | 0.333 |
    | school_exit_rate         | leo     | 2023-08-06 |  |
    | school_absence_rate      | leo     | 02-25 | 0.4   |
    | school_absence_rate      | ana     | 02-25 | 0     |
    | absence_beyond_class     | ana     | 02-25 | 0.4   |
    | school_over_age_share    | leo     | 03-03 | 0.5   |
    | is_male                  | leo     | 03-03 | 1     |
    | foreign_origin           | ana     | 03-03 | 1     |
    """
)


@pytest.fixture(scope="module")
def frames():
    days = sorted({day(d) for _, _, d, _ in DRAWN})
    return build_frame(town(), days)


@pytest.mark.parametrize(("feature", "student", "on", "value"), DRAWN)
def test_a_feature_says_what_the_records_say(frames, feature, student, on, value):
    row = frames.filter(student_id=student, day=day(on))

    found = row[feature].item()

    assert found == (pytest.approx(float(value), abs=1e-3) if value else None)


def test_a_school_that_stops_reporting_gives_unknown_and_not_safe():
    frame = build_frame(town(), [day("04-28")])

    assert frame["absence_rate_4w"].null_count() == frame.height
    assert frame.filter(student_id="leo")["weeks_without_report"].item() > 8


def test_work_handed_in_after_all_is_no_longer_missed_and_was_late():
    marks = drawn(
        "progress",
        """
        | student_id | happened_on | known_on | period | area | score | due_on |
        | ana        | 02-09       | 02-09    | 1      | MAT  |       | 02-08  |
        | ana        | 02-20       | 02-20    | 1      | MAT  | 70    | 02-08  |
        | ana        | 02-09       | 02-09    | 1      | LEN  |       | 02-08  |
        | ana        | 02-02       | 02-02    | 1      | SOC  | 70    | 02-08  |
        """,
    )

    frame = build_frame(town(progress=marks), [day("02-18"), day("02-25")]).filter(student_id="ana")

    assert frame["missed_work"].to_list() == [2, 1]
    assert frame["days_late"].to_list() == [0, 6]


def test_a_new_school_year_starts_its_sums_from_zero():
    marks = drawn(
        "progress",
        """
        | student_id | seen       | period | area | score |
        | ana        | 2023-11-03 | 4      | MAT  | 20    |
        | ana        | 02-16      | 1      | MAT  | 80    |
        """,
    )

    frame = build_frame(town(progress=marks), [SUNDAY])

    assert frame.filter(student_id="ana")["mean_score"].item() == 80


def test_accelerated_learning_has_no_over_age():
    enrolment = drawn(
        "enrolment",
        """
        | student_id | seen  | institution_id | school_year | grade | status   |
        | ana        | 01-26 | NORTE          | 2024        | 99    | ENROLLED |
        """,
    )

    frame = build_frame(town(enrolment=enrolment), [SUNDAY])

    assert frame["over_age_years"].item() is None
    assert frame["grade"].item() is None


def test_an_engine_that_is_not_there_is_refused_in_words():
    with pytest.raises(ValueError, match="los motores son: polars"):
        build_frame(town(), [SUNDAY], engine="abacus")


def test_pandas_holds_the_same_table():
    frame = build_frame(town(), [SUNDAY])

    assert list(frame.to_pandas().columns) == frame.columns
    assert len(frame.to_pandas()) == frame.height
