"""What became of a student: the rules of who is said to have left, drawn one by one."""

from datetime import timedelta

import polars as pl
import pytest
from ascii_tables import day, drawn
from personas import SUNDAY, town

from features import CATALOGUE, outcomes

SEEN_FROM = """
| student_id | seen  | institution_id | school_year | grade | status   | reason |
| eva        | 01-26 | NORTE          | 2024        | 7     | ENROLLED |        |
"""


def became(events: str, on=SUNDAY, horizon=4, until="12-20", **tables):
    """What became of Eva within the horizon, given what happened to her after January."""
    enrolment = drawn("enrolment", SEEN_FROM + events)
    found = outcomes(town(enrolment=enrolment, **tables), [on], horizon, known_by=day(until))
    return found["outcome"].item()


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ("", "STAYED"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | DROPOUT |", "LEFT"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | UNSTATED |", "LEFT"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | NOT_CONTINUED |", "LEFT"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | NOT_SEEN |  |", "LEFT"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | TRANSFER |", "MOVED"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | TRANSFERRED |  |", "MOVED"),
        ("| eva | 03-15 | SUR | 2024 | 7 | ENROLLED |  |", "MOVED"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | RELOCATION |", "UNKNOWN"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | DEATH |", "UNKNOWN"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | ADMINISTRATIVE |", "UNKNOWN"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | CANCELLED |  |", "UNKNOWN"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | GRADUATED |  |", "GRADUATED"),
        ("| eva | 03-15 | NORTE | 2024 | 7 | PROMOTED |  |", "STAYED"),
        ("| eva | 04-26 | NORTE | 2024 | 7 | WITHDRAWN | DROPOUT |", "STAYED"),
        ("| eva | 03-15 | NORTE | 2024 | 8 | ENROLLED |  |", "STAYED"),
    ],
)
def test_an_event_within_the_horizon_decides_the_outcome(events, outcome):
    assert became(events) == outcome


def test_a_child_missed_and_back_within_four_weeks_had_not_left():
    assert became(
        "| eva | 03-15 | NORTE | 2024 | 7 | NOT_SEEN | |\n| eva | 04-05 | NORTE | 2024 | 7 | ENROLLED | |"
    ) == ("STAYED")


def test_coming_back_after_four_weeks_does_not_undo_having_left():
    assert became(
        "| eva | 03-15 | NORTE | 2024 | 7 | NOT_SEEN | |\n| eva | 05-10 | NORTE | 2024 | 7 | ENROLLED | |"
    ) == ("LEFT")


def test_how_long_is_too_long_can_be_chosen():
    enrolment = drawn(
        "enrolment",
        SEEN_FROM + "| eva | 03-15 | NORTE | 2024 | 7 | NOT_SEEN | |\n| eva | 04-05 | NORTE | 2024 | 7 | ENROLLED | |",
    )

    assert outcomes(town(enrolment=enrolment), [SUNDAY], absent_weeks=2)["outcome"].item() == "LEFT"


def test_a_child_missed_and_found_elsewhere_has_moved():
    assert became("| eva | 03-15 | NORTE | 2024 | 7 | NOT_SEEN | |\n| eva | 03-29 | SUR | 2024 | 7 | ENROLLED | |") == (
        "MOVED"
    )


def test_a_reason_given_later_is_heard():
    missed = "| eva | 03-15 | NORTE | 2024 | 7 | NOT_SEEN | |\n"

    assert became(missed + "| eva | 04-26 | NORTE | 2024 | 7 | WITHDRAWN | TRANSFER |") == "MOVED"
    assert became(missed + "| eva | 04-26 | NORTE | 2024 | 7 | WITHDRAWN | TRANSFER |", until="04-20") == "LEFT"


def test_missing_from_next_years_first_export_is_not_leaving_during_the_year():
    november = day("11-10")

    assert became(
        "| eva | 2025-01-31 | NORTE | 2024 | 7 | NOT_SEEN | |", on=november, horizon=12, until="2025-06-01"
    ) == ("STAYED")


def test_the_closing_export_still_belongs_to_the_year():
    november = day("11-10")

    assert became("| eva | 12-06 | NORTE | 2024 | 7 | WITHDRAWN | |", on=november, until="2025-06-01") == "LEFT"


def test_who_had_left_without_our_knowing_counts_as_having_left():
    enrolment = drawn(
        "enrolment",
        """
        | student_id | happened_on | known_on | institution_id | school_year | grade | status    |
        | eva        | 01-26       | 01-26    | NORTE          | 2024        | 7     | ENROLLED  |
        | eva        | 02-23       | 03-08    | NORTE          | 2024        | 7     | WITHDRAWN |
        """,
    )

    found = outcomes(town(enrolment=enrolment), [SUNDAY])

    assert found.select("outcome", "happened_on").row(0) == ("LEFT", day("02-23"))


def test_a_window_without_any_enrolment_report_says_nothing():
    report = pl.DataFrame({"source": ["detallado"], "happened_on": [day("03-01")], "known_on": [day("03-01")]})

    assert became("", report=report) == "UNKNOWN"


def test_a_report_inside_the_window_makes_it_speak():
    days = [day("03-01"), day("03-22")]
    report = pl.DataFrame({"source": ["detallado"] * 2, "happened_on": days, "known_on": days})

    assert became("", report=report) == "STAYED"


def test_all_outcomes_wait_equally_long_before_they_are_ripe():
    enrolment = drawn("enrolment", SEEN_FROM + "| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | DROPOUT |")
    left = outcomes(town(enrolment=enrolment), [SUNDAY], known_by=SUNDAY + timedelta(weeks=8))
    stayed = outcomes(town(), [SUNDAY], known_by=SUNDAY + timedelta(weeks=8))

    assert set(left["known_on"]) == set(stayed["known_on"]) == {SUNDAY + timedelta(weeks=8)}
    assert left["ripe"].all()
    assert stayed["ripe"].all()


def test_what_became_of_rosa_and_juan():
    found = outcomes(town(), [day("02-25")], known_by=day("06-30"))

    assert dict(found.select("student_id", "outcome").rows()) == {
        "ana": "STAYED", "juan": "LEFT", "leo": "STAYED", "rosa": "MOVED"
    }  # fmt: skip


# What a visit found


def visited(*rows: str):
    header = "| student_id | happened_on | known_on | visited_on | kind | result |\n"
    return drawn("visit", header + "\n".join(f"| eva | {row} |" for row in rows))


NOT_SEEN = "| eva | 03-15 | NORTE | 2024 | 7 | NOT_SEEN |  |"
RELOCATED = "| eva | 03-15 | NORTE | 2024 | 7 | WITHDRAWN | RELOCATION |"
TRANSFERRED = "| eva | 03-15 | NORTE | 2024 | 7 | TRANSFERRED | TRANSFER |"


@pytest.mark.parametrize(
    ("register", "finding", "outcome"),
    [
        ("", "03-10 | 03-13 | 03-12 | HOME_VISIT | LEFT", "LEFT"),
        ("", "03-10 | 03-13 | 03-12 | HOME_VISIT | ABSENT", "STAYED"),
        ("", "03-10 | 03-13 | 03-12 | HOME_VISIT | NOT_FOUND", "STAYED"),
        ("", "03-10 | 03-13 | 03-12 | PHONE_CALL | ATTENDING", "STAYED"),
        (NOT_SEEN, "03-20 | 03-21 | 03-20 | PHONE_CALL | ELSEWHERE", "MOVED"),
        (NOT_SEEN, "03-20 | 03-21 | 03-20 | PHONE_CALL | MIGRATED", "MOVED"),
        (NOT_SEEN, "03-20 | 03-21 | 03-20 | HOME_VISIT | DATA_ERROR", "UNKNOWN"),
        (NOT_SEEN, "03-20 | 03-21 | 03-20 | HOME_VISIT | DECEASED", "UNKNOWN"),
        (NOT_SEEN, "03-20 | 03-21 | 03-20 | SCHOOL_REPORT | ATTENDING", "STAYED"),
        (NOT_SEEN, "04-26 | 04-26 | 04-26 | HOME_VISIT | RETURNED", "LEFT"),
        (RELOCATED, "03-15 | 04-10 | 04-10 | HOME_VISIT | LEFT", "LEFT"),
        (TRANSFERRED, "03-15 | 04-10 | 04-10 | HOME_VISIT | LEFT", "LEFT"),
        (TRANSFERRED, "03-10 | 03-12 | 03-12 | HOME_VISIT | LEFT", "MOVED"),
    ],
)
def test_what_a_visit_found_counts_in_the_outcome(register, finding, outcome):
    assert became(register, visit=visited(finding)) == outcome


def test_a_finding_counts_from_the_day_it_is_known():
    visit = visited("03-10 | 05-02 | 05-01 | HOME_VISIT | LEFT")

    assert became("", visit=visit, until="05-01") == "STAYED"
    assert became("", visit=visit, until="05-02") == "LEFT"


def test_a_finding_about_a_child_who_was_never_enrolled_says_nothing():
    visit = visited("03-10 | 03-13 | 03-12 | HOME_VISIT | LEFT").with_columns(student_id=pl.lit("nadie"))

    assert became("", visit=visit) == "STAYED"


def test_no_feature_reads_what_a_visit_found():
    assert "visit" not in {reading.table for reading in CATALOGUE.passes}
