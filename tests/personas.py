"""The people of our tests, all made up, in two schools of one town in the school year 2024."""

from datetime import date

import polars as pl
from ascii_tables import drawn

from features import Records

YEAR_2024 = drawn(
    "calendar",
    """
    | school_year | seen       | starts_on  | ends_on    |
    | 2023        | 2023-01-01 | 2023-01-23 | 2023-12-01 |
    | 2024        | 01-01      | 01-22      | 11-29      |
    """,
)

# Rosa changes school in March; Juan leaves and comes back; Ana is over age and fails; Leo never misses a day.
ENROLMENT = drawn(
    "enrolment",
    """
    | student_id | seen       | institution_id | school_year | grade | status    |
    | ana        | 2023-01-27 | NORTE          | 2023        | 6     | ENROLLED  |
    | leo        | 2023-01-27 | NORTE          | 2023        | 5     | ENROLLED  |
    | ana        | 01-26      | NORTE          | 2024        | 6     | ENROLLED  |
    | leo        | 01-26      | NORTE          | 2024        | 6     | ENROLLED  |
    | rosa       | 01-26      | NORTE          | 2024        | 7     | ENROLLED  |
    | juan       | 01-26      | NORTE          | 2024        | 6     | ENROLLED  |
    | juan       | 03-01      | NORTE          | 2024        | 6     | WITHDRAWN |
    | rosa       | 03-08      | SUR            | 2024        | 7     | ENROLLED  |
    | juan       | 05-03      | NORTE          | 2024        | 6     | ENROLLED  |
    """,
)

PERSON = drawn(
    "person",
    """
    | student_id | seen       | birth_date | sex | country_of_origin |
    | ana        | 2023-01-27 | 2009-03-31 | F   | VEN               |
    | leo        | 2023-01-27 | 2012-04-01 | M   | COL               |
    | rosa       | 01-26      | 2011-08-02 | F   | COL               |
    | juan       | 01-26      | 2013-01-15 | M   | COL               |
    """,
)

ATTENDANCE = drawn(
    "attendance",
    """
    | student_id | happened_on | known_on | week  | days_expected | days_absent |
    | ana        | 02-02       | 02-02    | 01-29 | 5             | 0           |
    | ana        | 02-09       | 02-09    | 02-05 | 5             | 1           |
    | ana        | 02-16       | 02-16    | 02-12 | 5             | 5           |
    | ana        | 02-23       | 03-01    | 02-19 | 5             | 5           |
    | leo        | 02-02       | 02-02    | 01-29 | 5             | 0           |
    | leo        | 02-09       | 02-09    | 02-05 | 5             | 0           |
    | leo        | 02-16       | 02-16    | 02-12 | 5             | 0           |
    | leo        | 02-23       | 02-23    | 02-19 | 5             | 0           |
    """,
)

PROGRESS = drawn(
    "progress",
    """
    | student_id | seen  | period | area | score | due_on |
    | ana        | 02-16 | 1      | MAT  | 40    |        |
    | ana        | 02-16 | 1      | LEN  | 70    |        |
    | ana        | 02-16 | 1      | SOC  |       | 02-20  |
    | leo        | 02-16 | 1      | MAT  | 90    |        |
    """,
)

HOUSEHOLD = drawn(
    "characterisation",
    """
    | student_id | seen  | stratum | commute_minutes | has_internet | household_head |
    | ana        | 02-02 | 1       | 70              | no           | MOTHER         |
    | ana        | 03-01 |         | 20              |              |                |
    | leo        | 02-02 | 3       | 10              | yes          | BOTH           |
    """,
)

SUPPORT = drawn(
    "support",
    """
    | student_id | seen  | strategy         | starts_on | ends_on |
    | ana        | 02-02 | SCHOOL_FEEDING   | 02-01     |         |
    | ana        | 02-02 | SCHOOL_TRANSPORT | 02-01     | 02-20   |
    """,
)

TABLES = {
    "calendar": YEAR_2024,
    "enrolment": ENROLMENT,
    "person": PERSON,
    "attendance": ATTENDANCE,
    "progress": PROGRESS,
    "characterisation": HOUSEHOLD,
    "support": SUPPORT,
}

SUNDAY = date(2024, 3, 3)
"""The frozen day: the Sunday before the list of Monday 4 March 2024."""


def town(**changed: pl.DataFrame) -> Records:
    """The records of the town, some tables replaced."""
    return Records.from_frames(TABLES | changed)
