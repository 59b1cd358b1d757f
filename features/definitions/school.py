"""School and territory: how many leave it, how much class its students miss, and the schools around it."""

import narwhals as nw

from features.definitions.arithmetic import known_or_zero, ratio
from features.definitions.relative import ATTENDED, GRADE, READ, SCHOOL, share_of
from features.definitions.siblings import EXITS
from features.feature import Feature
from features.territory import Territory

A_YEAR_KNOWN = nw.col("day") >= nw.col("register_began").dt.offset_by("364d")
"""Before the register is a year old, who left in a year would only tell how old it is."""

AROUND = Territory("around", {**ATTENDED, "students": nw.lit(1)}, {"exits": "exits__school"})
NEAR = (*READ, EXITS, AROUND)

FEATURES = (
    Feature(
        "school_exit_rate", "school", "enrolment", "number", "share",
        nw.when(A_YEAR_KNOWN).then(ratio(known_or_zero("exits__school"), nw.col("students_on_roll"))),
        "El {value} de los estudiantes de su institución salió de la matrícula en un año",
        reads=(*READ, EXITS), shown=False,
        window="52w", fill="unknown",
    ),
    Feature(
        "grade_exit_rate", "school", "enrolment", "number", "share",
        nw.when(A_YEAR_KNOWN & ~nw.col("grade").is_null())
        .then(ratio(known_or_zero("exits__grade"), nw.col("grade_mates__students") + 1)),
        "El {value} de los estudiantes de su grado salió de la matrícula en un año",
        reads=(*READ, EXITS, GRADE), shown=False,
        window="52w", fill="unknown",
    ),
    Feature(
        "school_absence_rate", "school", "attendance", "number", "share", share_of(SCHOOL, "absent", "expected"),
        "Sus compañeros de institución faltan al {value} de las clases",
        "Sus compañeros de institución asisten al {rest} de las clases", reads=(*READ, SCHOOL),
        window="4w", fill="unknown",
    ),
    Feature(
        "school_over_age_share", "school", "person", "number", "share", share_of(SCHOOL, "older", "regular"),
        "En su institución hay {value} de estudiantes en extraedad", reads=(*READ, SCHOOL), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "school_repeating_share", "school", "enrolment", "number", "share", share_of(SCHOOL, "repeating", "students"),
        "En su institución repite el {value} de los estudiantes", reads=(*READ, SCHOOL), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "school_feeding_share", "school", "support", "number", "share", share_of(SCHOOL, "fed", "listed"),
        "En su institución recibe alimentación el {value} de los estudiantes", reads=(*READ, SCHOOL), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "school_size", "school", "enrolment", "number", "count", nw.col("students_on_roll"),
        "Su institución tiene {value} estudiantes", reads=(), shown=False,
        window="day", fill="always",
    ),
    Feature(
        "comuna_exit_rate", "school", "institution", "number", "share",
        nw.when(A_YEAR_KNOWN).then(ratio(nw.col("around__exits"), nw.col("around__students"))),
        "Del resto de la comuna salió el {value} en un año", reads=NEAR, shown=False,
        window="52w", fill="unknown",
    ),
    Feature(
        "comuna_absence_rate", "school", "institution", "number", "share",
        ratio(nw.col("around__absent"), nw.col("around__expected")),
        "En el resto de la comuna se falta al {value} de las clases", reads=NEAR, shown=False,
        window="4w", fill="unknown",
    ),
)  # fmt: skip
