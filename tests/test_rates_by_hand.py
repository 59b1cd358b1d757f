"""The rates of a town that can be counted on one's fingers: whom each counts, among whom, and when it is final."""

from datetime import date

import polars as pl
import pytest
from ascii_tables import day, drawn

from features import Records
from features.rates.indicators import PARTITIONS
from features.rates.school_years import YearSpan, school_years
from features.rates.student_years import Enrolments
from features.rates.tables import NoSuchYear, year_rates

CALENDAR = """
| school_year | seen       | starts_on  | ends_on    |
| 2023        | 2023-01-01 | 2023-01-23 | 2023-12-01 |
| 2024        | 01-01      | 01-22      | 11-29      |
| 2025        | 2025-01-01 | 2025-01-20 | 2025-11-28 |
"""
HEADER = "| student_id | seen | institution_id | school_year | grade | status | reason | sector | zone |\n"

# What each name tells is what became of them in 2024.
LIVES = """
| passes    | 2023-01-27 | NORTE | 2023 | 5  | ENROLLED    |                | OFFICIAL | URBAN |
| passes    | 2023-12-08 | NORTE | 2023 | 5  | PROMOTED    |                | OFFICIAL | URBAN |
| passes    | 01-26      | NORTE | 2024 | 6  | ENROLLED    |                | OFFICIAL | URBAN |
| passes    | 12-06      | NORTE | 2024 | 6  | PROMOTED    |                | OFFICIAL | URBAN |
| passes    | 2025-01-24 | NORTE | 2025 | 7  | ENROLLED    |                | OFFICIAL | URBAN |
| repeats   | 2023-01-27 | NORTE | 2023 | 6  | ENROLLED    |                | OFFICIAL | URBAN |
| repeats   | 2023-12-08 | NORTE | 2023 | 6  | FAILED      |                | OFFICIAL | URBAN |
| repeats   | 01-26      | NORTE | 2024 | 6  | ENROLLED    |                | OFFICIAL | URBAN |
| repeats   | 12-06      | NORTE | 2024 | 6  | FAILED      |                | OFFICIAL | URBAN |
| repeats   | 2025-01-24 | NORTE | 2025 | 6  | ENROLLED    |                | OFFICIAL | URBAN |
| leaves    | 01-26      | NORTE | 2024 | 6  | ENROLLED    |                | OFFICIAL | URBAN |
| leaves    | 04-19      | NORTE | 2024 | 6  | WITHDRAWN   | NOT_CONTINUED  | OFFICIAL | URBAN |
| says      | 01-26      | SUR   | 2024 | 9  | ENROLLED    |                | OFFICIAL | RURAL |
| says      | 04-19      | SUR   | 2024 | 9  | WITHDRAWN   | DROPOUT        | OFFICIAL | RURAL |
| vanishes  | 01-26      | SUR   | 2024 | 8  | ENROLLED    |                | OFFICIAL | RURAL |
| vanishes  | 05-17      | SUR   | 2024 | 8  | NOT_SEEN    |                | OFFICIAL | RURAL |
| comesback | 01-26      | NORTE | 2024 | 7  | ENROLLED    |                | OFFICIAL | URBAN |
| comesback | 03-15      | NORTE | 2024 | 7  | WITHDRAWN   |                | OFFICIAL | URBAN |
| comesback | 05-17      | SUR   | 2024 | 7  | ENROLLED    |                | OFFICIAL | RURAL |
| comesback | 12-06      | SUR   | 2024 | 7  | PROMOTED    |                | OFFICIAL | RURAL |
| comesback | 2025-02-21 | SUR   | 2025 | 8  | ENROLLED    |                | OFFICIAL | RURAL |
| shortgap  | 01-26      | NORTE | 2024 | 7  | ENROLLED    |                | OFFICIAL | URBAN |
| shortgap  | 03-15      | NORTE | 2024 | 7  | NOT_SEEN    |                | OFFICIAL | URBAN |
| shortgap  | 03-29      | NORTE | 2024 | 7  | ENROLLED    |                | OFFICIAL | URBAN |
| shortgap  | 12-06      | NORTE | 2024 | 7  | PROMOTED    |                | OFFICIAL | URBAN |
| changes   | 01-26      | NORTE | 2024 | 8  | ENROLLED    |                | OFFICIAL | URBAN |
| changes   | 06-14      | SUR   | 2024 | 8  | ENROLLED    |                | OFFICIAL | RURAL |
| changes   | 12-06      | SUR   | 2024 | 8  | PROMOTED    |                | OFFICIAL | RURAL |
| changes   | 2025-01-24 | SUR   | 2025 | 9  | ENROLLED    |                | OFFICIAL | RURAL |
| private   | 01-26      | NORTE | 2024 | 4  | ENROLLED    |                | OFFICIAL | URBAN |
| private   | 06-14      | ALTO  | 2024 | 4  | ENROLLED    |                | PRIVATE  | URBAN |
| private   | 12-06      | ALTO  | 2024 | 4  | PROMOTED    |                | PRIVATE  | URBAN |
| farther   | 01-26      | NORTE | 2024 | 4  | ENROLLED    |                | OFFICIAL | URBAN |
| farther   | 06-14      | NORTE | 2024 | 4  | TRANSFERRED | TRANSFER       | OFFICIAL | URBAN |
| nobody    | 01-26      | NORTE | 2024 | 3  | ENROLLED    |                | OFFICIAL | URBAN |
| nobody    | 06-14      | NORTE | 2024 | 3  | WITHDRAWN   | RELOCATION     | OFFICIAL | URBAN |
| dies      | 01-26      | NORTE | 2024 | 3  | ENROLLED    |                | OFFICIAL | URBAN |
| dies      | 06-14      | NORTE | 2024 | 3  | WITHDRAWN   | DEATH          | OFFICIAL | URBAN |
| twice     | 01-26      | NORTE | 2024 | 3  | ENROLLED    |                | OFFICIAL | URBAN |
| twice     | 06-14      | NORTE | 2024 | 3  | WITHDRAWN   | ADMINISTRATIVE | OFFICIAL | URBAN |
| graduates | 01-26      | NORTE | 2024 | 11 | ENROLLED    |                | OFFICIAL | URBAN |
| graduates | 12-06      | NORTE | 2024 | 11 | GRADUATED   |                | OFFICIAL | URBAN |
| notagain  | 01-26      | NORTE | 2024 | 9  | ENROLLED    |                | OFFICIAL | URBAN |
| notagain  | 12-06      | NORTE | 2024 | 9  | PROMOTED    |                | OFFICIAL | URBAN |
| toolate   | 01-26      | NORTE | 2024 | 9  | ENROLLED    |                | OFFICIAL | URBAN |
| toolate   | 12-06      | NORTE | 2024 | 9  | PROMOTED    |                | OFFICIAL | URBAN |
| toolate   | 2025-05-16 | NORTE | 2025 | 10 | ENROLLED    |                | OFFICIAL | URBAN |
| leftlater | 01-26      | NORTE | 2024 | 10 | ENROLLED    |                | OFFICIAL | URBAN |
| leftlater | 12-06      | NORTE | 2024 | 10 | PROMOTED    |                | OFFICIAL | URBAN |
| leftlater | 2025-01-24 | NORTE | 2024 | 10 | WITHDRAWN   | TRANSFER       | OFFICIAL | URBAN |
| neverheard| 01-26      | NORTE | 2024 | 2  | ENROLLED    |                | OFFICIAL | URBAN |
| neverheard| 2025-01-24 | NORTE | 2025 | 3  | ENROLLED    |                | OFFICIAL | URBAN |
| hurries   | 01-26      | NORTE | 2024 | 99 | ENROLLED    |                | OFFICIAL | URBAN |
| hurries   | 12-06      | NORTE | 2024 | 99 | PROMOTED    |                | OFFICIAL | URBAN |
| grownup   | 01-26      | NORTE | 2024 | 22 | ENROLLED    |                | OFFICIAL | URBAN |
| other     | 01-26      | ALTO  | 2024 | 6  | ENROLLED    |                | PRIVATE  | URBAN |
| other     | 04-19      | ALTO  | 2024 | 6  | WITHDRAWN   | DROPOUT        | PRIVATE  | URBAN |
"""

BIRTHS = """
| student_id | seen  | birth_date |
| passes     | 01-26 | 2013-03-31 |
| repeats    | 01-26 | 2011-03-31 |
| leaves     | 01-26 | 2011-04-01 |
| says       | 01-26 | 2007-01-01 |
| hurries    | 01-26 | 2009-01-01 |
| grownup    | 01-26 | 1990-01-01 |
| vanishes   | 01-26 | 1950-01-01 |
"""

SIMPADE = """
| student_id | seen  | school_year | institution_id |
| leaves     | 12-20 | 2024        | NORTE          |
| vanishes   | 12-20 | 2024        | SUR            |
| grownup    | 12-20 | 2024        | NORTE          |
"""


def records(lives: str = LIVES, **changed: pl.DataFrame) -> Records:
    tables = {
        "calendar": drawn("calendar", CALENDAR),
        "enrolment": drawn("enrolment", HEADER + lives),
        "person": drawn("person", BIRTHS),
        "registered_dropout": drawn("registered_dropout", SIMPADE),
    }
    return Records.from_frames(tables | changed)


def figures(of: Records, on: str = "2025-06-01", by: str = "total", group: str = "", **options: object):
    """(indicator, definition) → (numerator, denominator, status)."""
    rates = year_rates(Enrolments.known_by(of, day(on)), "2024", **options)
    rows = rates.table.filter(pl.col("by") == by, pl.col("group") == group)
    return {
        (row["indicator"], row["definition"]): (row["numerator"], row["denominator"], row["status"])
        for row in rows.iter_rows(named=True)
    }


@pytest.fixture(scope="module")
def found():
    return figures(records())


@pytest.mark.parametrize(
    ("indicator", "definition", "numerator", "denominator"),
    [
        # leaves, says, vanishes, comesback; beside them passes, repeats, shortgap, changes, graduates, notagain,
        # toolate, leftlater, neverheard and hurries. Not those who moved away, died or cannot be placed, nor adults.
        ("intra_annual_dropout", "ABSENCE", 4, 14),
        ("intra_annual_dropout", "STATED", 1, 14),
        ("intra_annual_dropout", "REGISTERED", 2, 14),
        ("adjusted_dropout", "ABSENCE", 3, 14),
        ("adjusted_dropout", "STATED", 1, 14),
        ("approval", "", 9, 14),
        ("failure", "", 1, 14),
        ("no_result", "", 1, 14),
        # + private, farther, nobody, dies
        ("repetition", "", 1, 18),
        ("unknown_destination", "", 1, 18),
        # leaves, says, vanishes, notagain, shortgap, toolate; without graduates, leftlater and hurries
        ("inter_annual_dropout", "ABSENCE", 6, 11),
        ("inter_annual_dropout", "STATED", 1, 11),
        ("abandonment", "ABSENCE", 7, 11),
        ("abandonment", "STATED", 1, 11),
        # on 31 March repeats is 13 in the sixth grade and says 17 in the ninth; leaves turns 13 the day after
        ("over_age", "", 2, 4),
        ("over_age_3", "", 1, 4),
    ],
)
def test_each_rate_counts_whom_it_says(found, indicator, definition, numerator, denominator):
    assert found[(indicator, definition)][:2] == (numerator, denominator)


def test_passed_failed_gone_and_without_result_make_a_whole(found):
    ((_, parts),) = PARTITIONS

    assert sum(found[part][0] for part in parts) == found[("approval", "")][1]


def test_a_child_of_two_schools_counts_in_the_last(found):
    south = figures(records(), by="institution", group="SUR")

    assert south[("approval", "")][:2] == (2, 4)  # comesback and changes, beside says and vanishes
    assert south[("intra_annual_dropout", "ABSENCE")][:2] == (3, 4)


def test_every_level_adds_up_to_the_whole():
    table = year_rates(Enrolments.known_by(records(), day("2025-06-01")), "2024").table
    sums = table.group_by("by", "indicator", "definition").agg(pl.col("numerator", "denominator").sum())
    whole = sums.filter(pl.col("by") == "total").drop("by")

    for level in ("institution", "grade", "zone", "comuna"):
        told = sums.filter(pl.col("by") == level).drop("by").sort("indicator", "definition")
        assert told.equals(whole.sort("indicator", "definition")), level


RENEWED = """
| noshow | 01-26      | NORTE | 2024 | 7 | ENROLLED    |               | OFFICIAL | URBAN |
| noshow | 12-06      | NORTE | 2024 | 7 | PROMOTED    |               | OFFICIAL | URBAN |
| noshow | 2025-01-10 | NORTE | 2025 | 8 | ENROLLED    |               | OFFICIAL | URBAN |
"""


@pytest.mark.parametrize(
    ("struck_off", "out"),
    [
        ("| noshow | 2025-01-17 | NORTE | 2025 | 8 | WITHDRAWN   | NOT_CONTINUED | OFFICIAL | URBAN |", 7),
        ("| noshow | 2025-01-17 | NORTE | 2025 | 8 | TRANSFERRED | TRANSFER      | OFFICIAL | URBAN |", 6),
        ("| noshow | 2025-01-31 | NORTE | 2025 | 8 | WITHDRAWN   | NOT_CONTINUED | OFFICIAL | URBAN |", 6),
    ],
    ids=["before the first class", "to another entity", "after the first class"],
)
def test_who_was_enrolled_in_advance_and_struck_off_before_the_first_class_did_not_come(struck_off, out):
    """Struck off once the classes have begun, they left during the year that followed."""
    told = figures(records(LIVES + RENEWED + struck_off))

    assert told[("inter_annual_dropout", "ABSENCE")][:2] == (out, 12)


def test_schools_that_are_not_official_count_when_asked_for():
    everyone = figures(records(), sectors=None)

    assert everyone[("intra_annual_dropout", "STATED")][:2] == (2, 16)  # with `other`, and `private` who passed


def test_while_the_year_runs_the_rates_are_provisional_and_some_cannot_be_told():
    june = figures(records(), "06-30")

    assert june[("intra_annual_dropout", "ABSENCE")][2] == "provisional"
    assert june[("approval", "")] == (None, 14, "unavailable")
    assert june[("inter_annual_dropout", "ABSENCE")][0] is None
    assert june[("intra_annual_dropout", "REGISTERED")][0] is None


@pytest.mark.parametrize(
    ("on", "intra", "inter"),
    [
        ("12-07", "provisional", "unavailable"),
        ("2025-01-17", "final", "unavailable"),
        ("2025-02-16", "final", "unavailable"),
        ("2025-02-17", "final", "provisional"),
        ("2025-03-30", "final", "provisional"),
        ("2025-03-31", "final", "final"),
    ],
)
def test_a_rate_is_final_once_nothing_to_come_can_change_it(on, intra, inter):
    told = figures(records(), on)

    assert told[("intra_annual_dropout", "ABSENCE")][2] == intra
    assert told[("inter_annual_dropout", "ABSENCE")][2] == inter


def test_without_the_closing_export_a_year_is_not_final():
    silent = pl.DataFrame({"source": ["detallado"], "happened_on": [day("10-04")], "known_on": [day("10-04")]})

    assert figures(records(report=silent), "2025-06-01")[("approval", "")][2] == "provisional"


def test_a_rate_of_an_earlier_day_does_not_change_with_what_came_later():
    everything, until_june = records(), drawn("enrolment", HEADER + LIVES).filter(pl.col("known_on") <= day("06-30"))
    known = records(
        enrolment=until_june,
        registered_dropout=drawn("registered_dropout", SIMPADE).head(0),
    )

    assert figures(everything, "06-30") == figures(known, "06-30")


def test_a_year_nobody_was_enrolled_in_is_refused_with_the_years_there_are():
    with pytest.raises(NoSuchYear, match="2023, 2024, 2025"):
        year_rates(Enrolments.known_by(records()), "1998")


def test_a_child_whom_a_match_found_under_another_number_counts_once():
    link = pl.DataFrame(
        {
            "student_id": ["passes"], "same_as": ["living"], "happened_on": [day("2025-01-24")],
            "known_on": [day("2025-02-01")], "probability": [1.0], "decided_by": ["MODEL"], "verdict": ["SAME"],
        }
    )  # fmt: skip
    copied = LIVES + "".join(
        line.replace("passes", "living") + "\n" for line in LIVES.splitlines() if line.startswith("| passes")
    )
    births = drawn("person", BIRTHS + "| living | 01-26 | 2013-03-31 |")

    assert figures(records(copied, person=births, link=link)) == figures(records())
    assert figures(records(copied, person=births))[("approval", "")][:2] == (10, 15)


def test_the_calendar_of_a_school_decides_when_its_year_closes():
    own = pl.DataFrame(
        {
            "school_year": ["2024"], "happened_on": [day("01-01")], "known_on": [day("01-01")],
            "starts_on": [day("01-22")], "ends_on": [date(2024, 3, 1)], "institution_id": ["NORTE"],
        }
    )  # fmt: skip
    calendar = pl.concat([drawn("calendar", CALENDAR), own], how="diagonal")

    told = figures(records(calendar=calendar))

    assert told[("intra_annual_dropout", "ABSENCE")][0] == 3  # `leaves` left after the year of NORTE had closed


@pytest.mark.parametrize(
    ("starts_on", "cut_on"),
    [("2024-01-22", "2024-03-31"), ("2024-09-02", "2024-11-11")],
)
def test_the_cut_of_a_year_is_march_or_as_many_weeks_into_it(starts_on, cut_on):
    assert YearSpan("2024", day(starts_on), day(starts_on)).cut_on == day(cut_on)


def test_a_year_is_followed_by_the_next_to_begin():
    years = school_years(records())

    assert [(name, span.following.name if span.following else None) for name, span in years.items()] == [
        ("2023", "2024"), ("2024", "2025"), ("2025", None)
    ]  # fmt: skip
