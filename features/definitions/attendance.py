"""Attendance: how much class was missed lately, whether it is growing, and since when nothing was reported."""

import narwhals as nw

from features.definitions.arithmetic import days_between, known_or_zero, one_if, ratio, weeks_between, weeks_since
from features.feature import Feature
from features.passes import Measure, Total, Window

_DAYS = {"expected": Measure(nw.col("days_expected")), "absent": Measure(nw.col("days_absent"))}
_CLASS = nw.col("days_expected") > 0
_AWAY = _CLASS & (nw.col("days_absent") >= nw.col("days_expected"))

WEEKS_SEEN = 6
_HELD = {
    "weeks": Measure(one_if(_AWAY)),
    "class": Measure(one_if(_CLASS)),
    "no_class": Measure(one_if(nw.col("days_expected") == 0)),
    "missed": Measure(one_if(_CLASS & (nw.col("days_absent") > 0))),
}
"""A week of a student is one of three: there was class, whether attended or missed; there was none; or nobody told."""

LAST_WEEK = Window("attendance_1w", "attendance", 1, _DAYS)
TWO_WEEKS = Window("attendance_2w", "attendance", 2, _DAYS)
FOUR_WEEKS = Window("attendance_4w", "attendance", 4, _DAYS)
EARLIER_WEEKS = Window("attendance_8w", "attendance", 12, {**_DAYS, "away": Measure(one_if(_AWAY))}, skip=4)
RECENT_AWAY = Window("away_6w", "attendance", WEEKS_SEEN, _HELD)
SO_FAR = Total(
    "attendance",
    "attendance",
    {
        **_DAYS,
        "reported_on": Measure(nw.when(_CLASS).then(nw.col("happened_on")), "max"),
        "present_on": Measure(nw.when(_CLASS & ~_AWAY).then(nw.col("happened_on")), "max"),
    },
)


def _rate(name: str, since: str = "") -> nw.Expr:
    return ratio(nw.col(f"{name}__absent{since}"), nw.col(f"{name}__expected{since}"))


_WEEKS_SO_FAR = days_between("starts_on", "day") // 7
_TOLD = known_or_zero("away_6w__class") + known_or_zero("away_6w__no_class")
_OWED = nw.min_horizontal(_WEEKS_SO_FAR, nw.lit(WEEKS_SEEN))
UNTOLD = nw.max_horizontal(_OWED - _TOLD, nw.lit(0))
"""Weeks of the last six, and of this school year, of which nothing was told of the student."""

FEATURES = (
    Feature(
        "absence_rate_1w", "attendance", "attendance", "number", "share", _rate("attendance_1w"),
        "Faltó al {value} de las clases la última semana",
        "Asistió al {rest} de las clases la última semana",
        reads=(LAST_WEEK,), actionable=True, monotone=1,
        window="1w", fill="unknown",
    ),
    Feature(
        "absence_rate_2w", "attendance", "attendance", "number", "share", _rate("attendance_2w"),
        "Faltó al {value} de las clases en las últimas dos semanas",
        "Asistió al {rest} de las clases en las últimas dos semanas",
        reads=(TWO_WEEKS,), actionable=True, monotone=1,
        window="2w", fill="unknown",
    ),
    Feature(
        "absence_rate_4w", "attendance", "attendance", "number", "share", _rate("attendance_4w"),
        "Faltó al {value} de las clases en las últimas cuatro semanas",
        "Asistió al {rest} de las clases en las últimas cuatro semanas",
        reads=(FOUR_WEEKS,), actionable=True, monotone=1,
        window="4w", fill="unknown",
    ),
    Feature(
        "absence_change", "attendance", "attendance", "number", "points",
        _rate("attendance_4w") - _rate("attendance_8w"),
        "De cada 100 clases, faltó a {value} más que en los dos meses anteriores",
        "De cada 100 clases, faltó a {value} menos que en los dos meses anteriores",
        reads=(FOUR_WEEKS, EARLIER_WEEKS), actionable=True,
        window="12w", fill="unknown",
    ),
    Feature(
        "absence_rate_year", "attendance", "attendance", "number", "share", _rate("attendance", "_year"),
        "Ha faltado al {value} de las clases reportadas este año",
        "Ha asistido al {rest} de las clases reportadas este año",
        reads=(SO_FAR,), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "whole_weeks_away", "attendance", "attendance", "number", "count", nw.col("away_6w__weeks"),
        "Faltó {value} semanas completas en las últimas seis",
        "No ha faltado ninguna semana completa en las últimas seis",
        reads=(RECENT_AWAY,), actionable=True, monotone=1,
        window="6w", fill="unknown",
    ),
    Feature(
        "weeks_since_present", "attendance", "attendance", "number", "weeks",
        weeks_between("attendance__present_on", "attendance__reported_on"),
        "Completa {value} semanas sin asistir", "Asistió a clase en la última semana reportada",
        reads=(SO_FAR,), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "weeks_without_report", "attendance", "attendance", "number", "weeks", weeks_since("attendance__reported_on"),
        "La institución no reporta asistencia hace {value} semanas", reads=(SO_FAR,), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "days_absent_4w", "attendance", "attendance", "number", "count", nw.col("attendance_4w__absent"),
        "Faltó {value} días en las últimas cuatro semanas", "No faltó ningún día en las últimas cuatro semanas",
        reads=(FOUR_WEEKS,), actionable=True, monotone=1,
        window="4w", fill="unknown",
    ),
    Feature(
        "weeks_with_absence_6w", "attendance", "attendance", "number", "count", nw.col("away_6w__missed"),
        "Faltó algún día en {value} de las últimas seis semanas", "No faltó ningún día en las últimas seis semanas",
        reads=(RECENT_AWAY,), actionable=True, monotone=1,
        window="6w", fill="unknown",
    ),
    Feature(
        "weeks_without_class_6w", "attendance", "attendance", "number", "count", nw.col("away_6w__no_class"),
        "No hubo clase en {value} de las últimas seis semanas", reads=(RECENT_AWAY,), shown=False,
        window="6w", fill="unknown",
    ),
    Feature(
        "weeks_unrecorded_6w", "attendance", "attendance", "number", "count", UNTOLD,
        "No hay registro de asistencia de {value} de las últimas seis semanas", reads=(RECENT_AWAY,), shown=False,
        window="6w", fill="always",
    ),
    Feature(
        "never_attended_this_year", "attendance", "attendance", "flag", "yes_no",
        nw.when(~nw.col("attendance__reported_on").is_null()).then(one_if(nw.col("attendance__present_on").is_null())),
        "Todavía no asiste a clase este año", "Ya asistió a clase este año", reads=(SO_FAR,), actionable=True,
        monotone=1, window="year", fill="unknown",
    ),
    Feature(
        "absence_beyond_own_year", "attendance", "attendance", "number", "points",
        _rate("attendance_2w") - _rate("attendance", "_year"),
        "De cada 100 clases, falta ahora a {value} más que en el resto del año",
        "De cada 100 clases, falta ahora a {value} menos que en el resto del año",
        reads=(TWO_WEEKS, SO_FAR), actionable=True,
        window="year", fill="unknown",
    ),
)  # fmt: skip
