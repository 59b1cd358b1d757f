"""Enrolment: which grade, how old for it, since when, and whether the grade is being repeated."""

import narwhals as nw

from features.definitions.arithmetic import known_or_zero, one_if, weeks_between, weeks_since
from features.feature import Feature
from features.passes import Latest, Measure, Total
from features.retold import kept_columns
from features.view import Frame, View

ACCELERATED = 99
FIRST_GRADE_AGE = 5
"""A child of grade g is expected to be g + 5 years old on 31 March (transición is grade 0)."""

BIRTH = Latest(
    "birth",
    "person",
    ["birth_date", "sex", "country_of_origin", "disability", "ethnic_group", "conflict_victim", "household_id"],
)
"""What enrolment says of the person, read once: the birth, the traits kept to audit, and the home."""

HOUSEHOLD = "birth__household_id"

LONG_AGO = 450
"""Days between two enrolments that leave room for a whole school year in which there was none."""


BEFORE = ("school_year", "grade", "happened_on")
KEPT = ("student_id", "happened_on", "visible_on", "repeating")


def with_years(rows: Frame, view: View) -> Frame:
    """Each row with whether it opens a school year, and whether that year repeats the grade of the one before."""
    rows = view.with_previous(rows.filter(nw.col("status") == "ENROLLED"), BEFORE)
    opens = (nw.col("school_year") != nw.col("last_school_year")).fill_null(True)
    gap = nw.col("happened_on") > nw.col("last_happened_on").dt.offset_by(f"{LONG_AGO}d")
    return rows.select(
        *KEPT,
        *kept_columns(rows),
        opens=opens,
        same_grade=(nw.col("grade") == nw.col("last_grade")).fill_null(False),
        after_gap=opens & gap.fill_null(False),
    )


YEARS = Total(
    "years",
    "enrolment",
    {
        "begun": Measure(one_if(nw.col("opens"))),
        "repeated": Measure(one_if(nw.col("opens") & (nw.col("same_grade") | nw.col("repeating").fill_null(False)))),
        "after_gap": Measure(one_if(nw.col("after_gap"))),
        "opened_on": Measure(nw.when(nw.col("opens")).then(nw.col("happened_on")), "max"),
    },
    prepare=with_years,
    all_years=True,
)

_REGULAR = (nw.col("grade") >= 0) & (nw.col("grade") <= 11)
_MARCH = (
    nw.col("starts_on").dt.year()
    - nw.col("birth__birth_date").dt.year()
    - one_if(nw.col("birth__birth_date").dt.month() > 3)
)
"""Age on 31 March of the year in which the school year begins: the convention of ``docs/decisions``."""
AGE_GAP = nw.when(_REGULAR).then(_MARCH - nw.col("grade") - FIRST_GRADE_AGE)

OVER_AGE_FROM = 2
OLDER = one_if(AGE_GAP >= OVER_AGE_FROM)

FEATURES = (
    Feature(
        "grade", "enrolment", "enrolment", "number", "grade",
        nw.when(nw.col("grade") != ACCELERATED).then(nw.col("grade")),
        "Cursa el grado {value}", reads=(), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "age_years", "enrolment", "person", "number", "years", _MARCH,
        "Tiene {value} años", reads=(BIRTH,), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        # Told with the date of the enrolment: the gap is that of the present grade, not of the day of birth.
        "over_age_years", "enrolment", "enrolment", "number", "years",
        AGE_GAP,
        "Tiene {value} años más que la edad esperada para su grado",
        "Su edad no supera la esperada para su grado", reads=(BIRTH,), monotone=1,
        window="day", fill="unknown",
    ),
    Feature(
        "repeating", "enrolment", "enrolment", "flag", "yes_no",
        one_if((known_or_zero("years__repeated_year") > 0) | nw.col("repeating").fill_null(False)),
        "Repite grado este año", "No repite grado este año", reads=(YEARS,), monotone=1,
        window="year", fill="zero", companion="first_year_on_record",
    ),
    Feature(
        "grades_repeated", "enrolment", "enrolment", "number", "count", known_or_zero("years__repeated"),
        "Ha repetido grado {value} veces", "No ha repetido grado desde que se tiene registro", reads=(YEARS,),
        window="record", fill="zero", companion="first_year_on_record",
    ),
    Feature(
        "years_on_record", "enrolment", "enrolment", "number", "count", known_or_zero("years__begun"),
        "Lleva {value} años en la matrícula", "Lleva {value} años en la matrícula",
        reads=(YEARS,), shown=False,
        window="record", fill="always",
    ),
    Feature(
        "first_year_on_record", "enrolment", "enrolment", "flag", "yes_no", one_if(known_or_zero("years__begun") <= 1),
        "Es su primer año en la matrícula que se conoce", reads=(YEARS,), shown=False,
        window="record", fill="always",
    ),
    Feature(
        "returned_after_gap", "enrolment", "enrolment", "flag", "yes_no",
        one_if(known_or_zero("years__after_gap_year") > 0),
        "Volvió a la matrícula este año después de más de un año por fuera", reads=(YEARS,), actionable=True,
        window="year", fill="zero", companion="first_year_on_record",
    ),
    Feature(
        "late_entry_weeks", "enrolment", "enrolment", "number", "weeks",
        nw.when(nw.col("years__opened_on") >= nw.col("starts_on"))
        .then(weeks_between("starts_on", "years__opened_on"))
        .otherwise(nw.lit(0.0)),
        "Se matriculó {value} semanas después de iniciar las clases",
        "Se matriculó desde el inicio de las clases", reads=(YEARS,),
        window="year", fill="always",
    ),
    Feature(
        "weeks_into_year", "enrolment", "enrolment", "number", "weeks", weeks_since("starts_on"),
        "Van {value} semanas del año lectivo", reads=(), shown=False,
        window="year", fill="always",
    ),
    Feature(
        "is_new", "enrolment", "enrolment", "flag", "yes_no", one_if(nw.col("is_new")),
        "Figura como nuevo ingreso en la institución", "Ya estudiaba antes en la institución", reads=(),
        window="year", fill="unknown",
    ),
    Feature(
        "shift", "enrolment", "enrolment", "category", "text", nw.col("shift"),
        "Estudia en la jornada {value}", "Estudia en la jornada {value}", reads=(), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "teaching_model", "enrolment", "enrolment", "category", "text", nw.col("teaching_model"),
        "Estudia en el modelo {value}", "Estudia en el modelo {value}", reads=(), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "rural_campus", "enrolment", "enrolment", "flag", "yes_no", one_if(nw.col("zone") == "RURAL"),
        "Estudia en una sede rural", reads=(), shown=False,
        window="day", fill="unknown",
    ),
)  # fmt: skip
