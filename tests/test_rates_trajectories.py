"""Cohorts followed year after year: on time, behind, out of school, or beyond what can be seen from here."""

import pytest
from ascii_tables import day, drawn

from features import Records
from features.rates.publication import published
from features.rates.student_years import Enrolments
from features.trajectories import STATES, trajectories

CALENDAR = """
| school_year | seen       | starts_on  | ends_on    |
| 2022        | 2022-01-01 | 2022-01-24 | 2022-12-02 |
| 2023        | 2023-01-01 | 2023-01-23 | 2023-12-01 |
| 2024        | 01-01      | 01-22      | 11-29      |
"""


def lived(student: str, *years: str) -> str:
    """One line per event, a year written as ``2023 grade status`` and more events of it after commas."""
    return "".join(line(student, *event.split()) for year in years for event in year.split(","))


def line(student: str, seen: str, grade: str, status: str, reason: str = "", sector: str = "OFFICIAL") -> str:
    school_year = seen[:4]
    return f"| {student} | {seen} | NORTE | {school_year} | {grade} | {status} | {reason} | {sector} |\n"


def enrolled(year: int, grade: int, end: str = "PROMOTED") -> str:
    return f"{year}-01-28 {grade} ENROLLED,{year}-12-08 {grade} {end}"


LIVES = {
    "on time": lived("a", enrolled(2022, 9), enrolled(2023, 10), enrolled(2024, 11)),
    "a year lost": lived("b", enrolled(2022, 9, "FAILED"), enrolled(2023, 9), enrolled(2024, 10)),
    "away and back": lived(
        "c", "2022-01-28 9 ENROLLED,2022-04-01 9 WITHDRAWN,2022-06-10 9 ENROLLED,2022-12-08 9 PROMOTED",
        enrolled(2023, 10), enrolled(2024, 11),
    ),
    "a year missed": lived("d", enrolled(2022, 9), enrolled(2024, 11)),
    "in another sector": lived("e", enrolled(2022, 9), enrolled(2023, 10), "2024-01-28 11 ENROLLED - PRIVATE"),
    "gone": lived("f", enrolled(2022, 9), "2023-01-28 10 ENROLLED,2023-05-05 10 WITHDRAWN DROPOUT"),
    "gone this year": lived(
        "g", enrolled(2022, 9), enrolled(2023, 10), "2024-01-28 11 ENROLLED,2024-05-05 11 WITHDRAWN"
    ),
    "struck off before class": lived(
        "l", enrolled(2022, 9), enrolled(2023, 10), "2024-01-10 11 ENROLLED,2024-01-17 11 WITHDRAWN"
    ),
    "moved away": lived("h", enrolled(2022, 9), "2023-01-28 10 ENROLLED,2023-05-05 10 TRANSFERRED TRANSFER"),
    "graduated": lived("i", enrolled(2022, 10), enrolled(2023, 11, "GRADUATED")),
    "last grade again": lived("j", enrolled(2022, 10), enrolled(2023, 11, "FAILED"), enrolled(2024, 11)),
    "flexible": lived("k", enrolled(2022, 9), enrolled(2023, 10), enrolled(2024, 23)),
}  # fmt: skip
HEADER = "| student_id | seen | institution_id | school_year | grade | status | reason | sector |\n"


def states(lives: str, grade: int, began: str = "2022", on: str = "2025-06-01") -> dict[str, int]:
    enrolment = drawn("enrolment", HEADER + lives.replace("| - |", "|  |"))
    records = Records.from_frames({"calendar": drawn("calendar", CALENDAR), "enrolment": enrolment})
    table = trajectories(Enrolments.known_by(records, day(on)), "2024")[began].table
    rows = table.filter(by="grade", group=str(grade))
    return {state: count for state, count in rows.select("indicator", "numerator").rows() if count}


@pytest.mark.parametrize(
    ("life", "grade", "state"),
    [
        ("on time", 9, "on_time"),
        ("a year lost", 9, "behind"),
        ("away and back", 9, "behind"),
        ("a year missed", 9, "behind"),
        ("in another sector", 9, "on_time"),
        ("gone", 9, "out"),
        ("gone this year", 9, "out"),
        ("struck off before class", 9, "out"),
        ("moved away", 9, "not_followed"),
        ("graduated", 10, "on_time"),
        ("last grade again", 10, "behind"),
        ("flexible", 9, "behind"),
    ],
)
def test_a_life_is_on_time_behind_or_out(life, grade, state):
    assert states(LIVES[life], grade) == {state: 1}


def test_every_child_of_the_cohort_is_in_one_state():
    everyone = "".join(LIVES.values())

    ninth = states(everyone, 9)

    assert sum(ninth.values()) == 10
    assert sum(ninth[state] for state in STATES) == 9  # all but the one who moved away


def test_a_cohort_that_began_later_is_followed_for_less_long():
    assert states(LIVES["a year lost"], 9, began="2023") == {"on_time": 1}


def test_what_is_published_of_a_cohort_hides_small_counts():
    enrolment = drawn("enrolment", HEADER + "".join(LIVES.values()).replace("| - |", "|  |"))
    records = Records.from_frames({"calendar": drawn("calendar", CALENDAR), "enrolment": enrolment})

    told = published(trajectories(Enrolments.known_by(records), "2024")["2022"])

    assert told.filter(by="total")["hidden"].any()
    assert not told.filter(by="total", hidden=False).filter(numerator=1).height
