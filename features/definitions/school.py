"""School: how many leave it, how much its students miss class, and how the student compares with them."""

import narwhals as nw

from features.definitions.arithmetic import known_or_zero, ratio
from features.definitions.attendance import FOUR_WEEKS
from features.definitions.enrolment import AGE_GAP, BIRTH
from features.definitions.mobility import with_moves
from features.feature import Feature
from features.passes import Measure, Window
from features.peers import Peers

OVER_AGE_FROM = 2

EXITS = Window(
    "school_exits",
    "enrolment",
    52,
    {"exits": Measure(nw.col("leaves").fill_null(False).cast(nw.Int64))},
    by=("institution_id",),
    prepare=with_moves,
    whole=True,
)
_OWN_ABSENCE = ratio(nw.col("attendance_4w__absent"), nw.col("attendance_4w__expected"))
_ABSENCE = (nw.col("attendance_4w__absent"), nw.col("attendance_4w__expected"))
_OLDER = (AGE_GAP >= OVER_AGE_FROM).cast(nw.Int64)
SCHOOL = Peers("peers", "attendance", {"absence": _ABSENCE, "over_age": (_OLDER, nw.lit(1))})
CLASS = Peers("class_peers", "attendance", {"absence": _ABSENCE}, by=("institution_id", "grade", "day"))

FEATURES = (
    Feature(
        "school_exit_rate", "school", "enrolment", "number", "share",
        nw.when(nw.col("day") >= nw.col("register_began").dt.offset_by("364d"))
        .then(ratio(known_or_zero("school_exits__exits"), nw.col("students_on_roll"))),
        "El {value} de los estudiantes de su institución salió de la matrícula en un año",
        reads=(EXITS,), shown=False,
    ),
    Feature(
        "school_absence_rate", "school", "attendance", "number", "share", nw.col("peers__absence"),
        "Sus compañeros de institución faltan al {value} de las clases",
        "Sus compañeros de institución asisten al {rest} de las clases", reads=(FOUR_WEEKS, SCHOOL),
    ),
    Feature(
        "school_over_age_share", "school", "person", "number", "share", nw.col("peers__over_age"),
        "En su institución hay {value} de estudiantes en extraedad", reads=(BIRTH, FOUR_WEEKS, SCHOOL), shown=False,
    ),
    Feature(
        "absence_beyond_class", "attendance", "attendance", "number", "points",
        _OWN_ABSENCE - nw.col("class_peers__absence"),
        "De cada 100 clases, faltó a {value} más que sus compañeros de grado",
        "De cada 100 clases, faltó a {value} menos que sus compañeros de grado",
        reads=(FOUR_WEEKS, CLASS), actionable=True, monotone=1,
    ),
)  # fmt: skip
