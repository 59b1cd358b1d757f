"""Class group: how large the student's class is, and how the others in it do."""

import narwhals as nw

from features.definitions.arithmetic import known_or_zero, ratio
from features.definitions.relative import CLASS, READ, share_of
from features.definitions.school import A_YEAR_KNOWN
from features.definitions.siblings import EXITS
from features.feature import Feature

_SIZE = nw.col("classmates__students") + 1

FEATURES = (
    Feature(
        "class_size", "class_group", "enrolment", "number", "count", _SIZE,
        "En su grupo hay {value} estudiantes", reads=(*READ, CLASS), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "class_absence_rate", "class_group", "attendance", "number", "share", share_of(CLASS, "absent", "expected"),
        "Sus compañeros de grupo faltan al {value} de las clases",
        "Sus compañeros de grupo asisten al {rest} de las clases", reads=(*READ, CLASS), shown=False,
        window="4w", fill="unknown",
    ),
    Feature(
        "class_over_age_share", "class_group", "enrolment", "number", "share", share_of(CLASS, "older", "regular"),
        "En su grupo hay {value} de estudiantes en extraedad", reads=(*READ, CLASS), shown=False,
        window="day", fill="unknown",
    ),
    Feature(
        "class_repeating_share", "class_group", "enrolment", "number", "share",
        share_of(CLASS, "repeating", "students"),
        "En su grupo repite el {value} de los estudiantes", reads=(*READ, CLASS), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "class_exit_rate", "class_group", "enrolment", "number", "share",
        nw.when(A_YEAR_KNOWN).then(ratio(known_or_zero("exits__class"), _SIZE)),
        "De su grupo salió el {value} de los estudiantes en un año", reads=(*READ, CLASS, EXITS), shown=False,
        window="52w", fill="unknown",
    ),
)  # fmt: skip
