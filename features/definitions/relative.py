"""Relative: the student beside the others of the same school, grade and week, since raw counts do not travel."""

import narwhals as nw

from features.among import Among, Ranks
from features.definitions.arithmetic import days_between, known_or_zero, one_if, ratio
from features.definitions.attendance import FOUR_WEEKS, LAST_WEEK, RECENT_AWAY, SO_FAR, UNTOLD
from features.definitions.enrolment import AGE_GAP, BIRTH, OLDER, YEARS
from features.definitions.household import HOME
from features.definitions.progress import DAYS_LATE, MARKS, MEAN, MISSED_LATELY, MISSED_SHARE, RECENT
from features.definitions.support import RUNNING
from features.feature import Feature

ABSENT, EXPECTED = nw.col("attendance_4w__absent"), nw.col("attendance_4w__expected")
BOTH = ~(ABSENT.is_null() | EXPECTED.is_null())
ABSENCE = ratio(ABSENT, EXPECTED)
_YEAR = ratio(nw.col("attendance__absent_year"), nw.col("attendance__expected_year"))
_LAST = ratio(nw.col("attendance_1w__absent"), nw.col("attendance_1w__expected"))
_FAILING = ratio(nw.col("marks_14w__failed"), nw.col("marks_14w__marks"))
REPEATS = one_if((known_or_zero("years__repeated_year") > 0) | nw.col("repeating").fill_null(False))

READ = (BIRTH, YEARS, LAST_WEEK, FOUR_WEEKS, RECENT_AWAY, SO_FAR, MARKS, RECENT, MISSED_LATELY, HOME, RUNNING)
"""What the comparisons build on: whoever is compared has been read before."""

ATTENDED = {"absent": nw.when(BOTH).then(ABSENT), "expected": nw.when(BOTH).then(EXPECTED)}

SCHOOL = Among(
    "school",
    "enrolment",
    {
        **ATTENDED,
        "students": nw.lit(1),
        "older": OLDER,
        "regular": one_if(~AGE_GAP.is_null()),
        "repeating": REPEATS,
        "untold": UNTOLD,
        "fed": nw.col("running__feeding"),
        "listed": one_if(~nw.col("running__feeding").is_null()),
    },
    by=("institution_id",),
)
GRADE = Among(
    "grade_mates",
    "enrolment",
    {
        **ATTENDED,
        "students": nw.lit(1),
        "age_gap": AGE_GAP,
        "regular": one_if(~AGE_GAP.is_null()),
        "points": nw.col("marks__points_year"),
        "marks": nw.col("marks__marks_year"),
        "missed": nw.col("marks__missed_year"),
    },
    by=("institution_id", "grade"),
)
CLASS = Among(
    "classmates",
    "enrolment",
    {
        **ATTENDED,
        "students": nw.lit(1),
        "older": OLDER,
        "regular": one_if(~AGE_GAP.is_null()),
        "repeating": REPEATS,
    },
    by=("institution_id", "campus_id", "grade", "shift", "class_group"),
    known=("class_group",),
)
PLACES = Ranks(
    "place",
    "enrolment",
    {
        "absence_4w": ABSENCE,
        "absence_1w": _LAST,
        "absence_year": _YEAR,
        "age_gap": AGE_GAP,
        "mean": MEAN,
        "failing": _FAILING,
        "missed": nw.col("marks__missed_year"),
        "missed_6w": nw.col("missed_6w__missed"),
        "missed_share": MISSED_SHARE,
        "days_late": DAYS_LATE,
        "handed": nw.col("marks__marks_year"),
        "last_mark": days_between("marks__last_on", "day"),
    },
    by=("institution_id", "grade"),
)
IN_SCHOOL = Ranks("place_in_school", "enrolment", {"commute": nw.col("home__commute_minutes")}, by=("institution_id",))


def share_of(others: Among, part: str, whole: str) -> nw.Expr:
    return ratio(nw.col(f"{others.name}__{part}"), nw.col(f"{others.name}__{whole}"))


_MISSED_OF_OTHERS = ratio(nw.col("grade_mates__missed"), nw.col("grade_mates__missed") + nw.col("grade_mates__marks"))

FEATURES = (
    Feature(
        "absence_beyond_class", "attendance", "attendance", "number", "points",
        ABSENCE - share_of(GRADE, "absent", "expected"),
        "De cada 100 clases, faltó a {value} más que sus compañeros de grado",
        "De cada 100 clases, faltó a {value} menos que sus compañeros de grado",
        reads=(*READ, GRADE), actionable=True, monotone=1,
        window="4w", fill="unknown",
    ),
    Feature(
        "absence_beyond_school", "attendance", "attendance", "number", "points",
        ABSENCE - share_of(SCHOOL, "absent", "expected"),
        "De cada 100 clases, faltó a {value} más que los demás de su institución",
        "De cada 100 clases, faltó a {value} menos que los demás de su institución",
        reads=(*READ, SCHOOL), actionable=True, monotone=1,
        window="4w", fill="unknown",
    ),
    Feature(
        "absence_beyond_group", "attendance", "attendance", "number", "points",
        ABSENCE - share_of(CLASS, "absent", "expected"),
        "De cada 100 clases, faltó a {value} más que sus compañeros de grupo",
        "De cada 100 clases, faltó a {value} menos que sus compañeros de grupo",
        reads=(*READ, CLASS), actionable=True, monotone=1,
        window="4w", fill="unknown",
    ),
    Feature(
        "absence_rate_4w_rank", "attendance", "attendance", "number", "rank", nw.col("place__absence_4w"),
        "En cuatro semanas faltó más que el {value} de su grado",
        "En cuatro semanas faltó menos que el {rest} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=1,
        window="4w", fill="unknown",
    ),
    Feature(
        "absence_rate_1w_rank", "attendance", "attendance", "number", "rank", nw.col("place__absence_1w"),
        "La última semana faltó más que el {value} de su grado",
        "La última semana faltó menos que el {rest} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=1,
        window="1w", fill="unknown",
    ),
    Feature(
        "absence_rate_year_rank", "attendance", "attendance", "number", "rank", nw.col("place__absence_year"),
        "Este año ha faltado más que el {value} de su grado",
        "Este año ha faltado menos que el {rest} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "unrecorded_beyond_school", "attendance", "attendance", "number", "number",
        UNTOLD - share_of(SCHOOL, "untold", "students"),
        "Le faltan {value} semanas de registro más que a los demás de su institución", reads=(*READ, SCHOOL),
        shown=False, window="6w", fill="unknown",
    ),
    Feature(
        "over_age_beyond_grade", "enrolment", "enrolment", "number", "years",
        AGE_GAP - nw.when(nw.col("grade_mates__regular") > 0)
        .then(nw.col("grade_mates__age_gap") / nw.col("grade_mates__regular")),
        "Tiene {value} años más que sus compañeros de grado", "Tiene la edad de sus compañeros de grado",
        reads=(*READ, GRADE), monotone=1, window="day", fill="unknown",
    ),
    Feature(
        "over_age_years_rank", "enrolment", "enrolment", "number", "rank", nw.col("place__age_gap"),
        "Es mayor que el {value} de su grado", "Es menor que el {rest} de su grado",
        reads=(*READ, PLACES), shown=False, monotone=1, window="day", fill="unknown",
    ),
    Feature(
        "mean_score_beyond_grade", "progress", "progress", "number", "score",
        MEAN - ratio(nw.col("grade_mates__points"), 100 * nw.col("grade_mates__marks")),
        "Su promedio está a {value} puntos del promedio de su grado", reads=(*READ, GRADE), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "mean_score_rank", "progress", "progress", "number", "rank", nw.col("place__mean"),
        "Su promedio supera apenas al {value} de su grado", "Su promedio supera al {value} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=-1,
        window="year", fill="unknown",
    ),
    Feature(
        "failing_share_rank", "progress", "progress", "number", "rank", nw.col("place__failing"),
        "Va perdiendo más áreas que el {value} de su grado", "Va perdiendo menos áreas que el {rest} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=1,
        window="14w", fill="unknown",
    ),
    Feature(
        "missed_share_beyond_grade", "progress", "progress", "number", "points", MISSED_SHARE - _MISSED_OF_OTHERS,
        "De cada 100 entregas, dejó {value} más sin presentar que su grado",
        "De cada 100 entregas, dejó {value} menos sin presentar que su grado",
        reads=(*READ, GRADE), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "missed_work_rank", "progress", "progress", "number", "rank", nw.col("place__missed"),
        "Dejó más entregas sin presentar que el {value} de su grado",
        "Dejó menos entregas sin presentar que el {rest} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "missed_share_rank", "progress", "progress", "number", "rank", nw.col("place__missed_share"),
        "La parte de entregas que no presentó supera la del {value} de su grado",
        "Presentó mayor parte de sus entregas que el {rest} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "missed_work_6w_rank", "progress", "progress", "number", "rank", nw.col("place__missed_6w"),
        "En seis semanas dejó más entregas sin presentar que el {value} de su grado",
        "En seis semanas dejó menos entregas sin presentar que el {rest} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=1,
        window="6w", fill="unknown",
    ),
    Feature(
        "days_late_rank", "progress", "progress", "number", "rank", nw.col("place__days_late"),
        "Entrega sus trabajos más tarde que el {value} de su grado",
        "Entrega sus trabajos antes que el {rest} de su grado",
        reads=(*READ, PLACES), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "marks_count_rank", "progress", "progress", "number", "rank", nw.col("place__handed"),
        "Tiene más valoraciones que el {value} de su grado", reads=(*READ, PLACES), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "weeks_since_mark_rank", "progress", "progress", "number", "rank", nw.col("place__last_mark"),
        "Su última valoración es más antigua que la del {value} de su grado", reads=(*READ, PLACES), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "commute_minutes_rank", "household", "characterisation", "number", "rank", nw.col("place_in_school__commute"),
        "Vive más lejos de la sede que el {value} de su institución",
        "Vive más cerca de la sede que el {rest} de su institución", reads=(*READ, IN_SCHOOL), actionable=True,
        window="record", fill="carried", companion="form_missing",
    ),
)  # fmt: skip
