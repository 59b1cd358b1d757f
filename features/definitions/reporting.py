"""Reporting: how much the school tells of its students; one that says nothing is not one without risk."""

import narwhals as nw

from features.definitions.arithmetic import one_if, ratio, weeks_since
from features.definitions.attendance import SO_FAR
from features.definitions.enrolment import AGE_GAP, BIRTH
from features.definitions.mobility import MOVES
from features.feature import Feature
from features.reporting import Reporting

WEEKS = 4
"""Of a student of whom no attendance came in so many weeks nothing is known."""

YOUNGEST, OLDEST = 3, 40
TOO_YOUNG, TOO_OLD = -2, 3
"""Outside these ages, or so far from the age of the grade, the register is taken to be wrong (domain §2.8)."""

AGE = nw.col("starts_on").dt.year() - nw.col("birth__birth_date").dt.year()
ADULT = (nw.col("grade") >= 20) & (nw.col("grade") <= 26) | nw.col("shift").is_in(["NIGHT", "WEEKEND"])
"""Adults go to school too, in their own cycles and at night: there nobody is too old."""

AGE_UNKNOWN = nw.col("birth__birth_date").is_null()
AGE_IMPOSSIBLE = ((AGE < YOUNGEST) | (AGE > OLDEST) & ~ADULT.fill_null(False)).fill_null(False)
AGE_UNLIKELY = ((AGE_GAP < TOO_YOUNG) | (AGE_GAP > TOO_OLD) & ~ADULT.fill_null(False)).fill_null(False)
GRADE_UNKNOWN = nw.col("grade").is_null()

_ARRIVED_BEFORE = nw.col("moves__moved_on").is_null() | (nw.col("attendance__reported_on") > nw.col("moves__moved_on"))
REPORTED_HERE = nw.when(_ARRIVED_BEFORE).then(nw.col("attendance__reported_on"))
"""The last day of class that this school told of: who has just arrived brings the reports of the school before."""

TOLD_LATELY = nw.col("day").dt.offset_by(f"-{7 * WEEKS}d") < REPORTED_HERE

WRONG = AGE_IMPOSSIBLE | AGE_UNLIKELY
BLANK = (AGE_UNKNOWN | GRADE_UNKNOWN) & ~WRONG
REPORTING = Reporting(
    "reporting", "attendance", REPORTED_HERE, {"reported": TOLD_LATELY, "wrong": WRONG, "blank": BLANK}
)
READS = (SO_FAR, MOVES, BIRTH, REPORTING)

LONGEST = 8
"""Weeks of silence after which a report is worth nothing; up to one week late it is worth everything."""

_ON_ROLL = nw.col("students_on_roll")
_OWED = nw.col("day") >= nw.col("starts_on").dt.offset_by(f"{7 * WEEKS}d")
COVERAGE = nw.when(_OWED | (nw.col("reporting__reported") > 0)).then(ratio(nw.col("reporting__reported"), _ON_ROLL))
SILENT = weeks_since("reporting__silent_since")
SINCE_EXPORT = weeks_since("reporting__export_on")
_BLANKS = nw.when(nw.col("reporting__blank") < _ON_ROLL).then(nw.col("reporting__blank")).otherwise(nw.lit(0))
"""Where nobody has a date of birth or a grade, the register does not keep them, and no clerk has failed to."""
FLAWED = ratio(nw.col("reporting__wrong") + _BLANKS, _ON_ROLL)


def _fresh(weeks: nw.Expr) -> nw.Expr:
    """1 for what came within a week, 0 for what is eight weeks old, unknown where nothing is known."""
    left = (LONGEST - weeks) * (1 / (LONGEST - 1))
    return nw.when(left > 1).then(nw.lit(1.0)).when(left < 0).then(nw.lit(0.0)).otherwise(left)


QUALITY = nw.min_horizontal(COVERAGE, _fresh(SILENT), _fresh(SINCE_EXPORT), 1 - FLAWED)
"""A school's reports are worth what their weakest side is worth: no other side makes up for a silence."""

FEATURES = (
    Feature(
        "reporting_quality", "reporting", "report", "number", "share", QUALITY,
        "La calidad del reporte de su institución es de {value}",
        reads=READS, shown=False, window="4w", fill="unknown",
    ),
    Feature(
        "school_attendance_coverage", "reporting", "attendance", "number", "share", COVERAGE,
        "Su institución reporta asistencia del {value} de sus estudiantes",
        reads=READS, shown=False, window="4w", fill="unknown",
    ),
    Feature(
        "school_weeks_silent", "reporting", "attendance", "number", "weeks", SILENT,
        "Su institución no reporta asistencia hace {value} semanas",
        reads=READS, shown=False, window="year", fill="unknown",
    ),
    Feature(
        "school_weeks_since_export", "reporting", "report", "number", "weeks", SINCE_EXPORT,
        "Su institución no aparece en un reporte de matrícula hace {value} semanas",
        reads=READS, shown=False, window="record", fill="unknown",
    ),
    Feature(
        "school_flawed_share", "reporting", "enrolment", "number", "share", FLAWED,
        "El {value} de su institución tiene la edad o el grado por corregir",
        reads=READS, shown=False, window="day", fill="unknown",
    ),
    Feature(
        "missing_from_reports", "reporting", "attendance", "flag", "yes_no",
        nw.when(~COVERAGE.is_null()).then(one_if((COVERAGE >= 0.5) & ~TOLD_LATELY.fill_null(False))),
        "Su institución reporta asistencia, pero de este estudiante no hay registro",
        reads=READS, shown=False, window="4w", fill="unknown",
    ),
)  # fmt: skip
