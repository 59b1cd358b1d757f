"""Attendance: how much class was missed lately, whether it is growing, and since when nothing was reported."""

import narwhals as nw

from features.definitions.arithmetic import one_if, ratio, weeks_since
from features.feature import Feature
from features.passes import Measure, Total, Window

_DAYS = {"expected": Measure(nw.col("days_expected")), "absent": Measure(nw.col("days_absent"))}
_CLASS = nw.col("days_expected") > 0
_AWAY = _CLASS & (nw.col("days_absent") >= nw.col("days_expected"))

LAST_WEEK = Window("attendance_1w", "attendance", 1, _DAYS)
TWO_WEEKS = Window("attendance_2w", "attendance", 2, _DAYS)
FOUR_WEEKS = Window("attendance_4w", "attendance", 4, _DAYS)
EARLIER_WEEKS = Window("attendance_8w", "attendance", 12, {**_DAYS, "away": Measure(one_if(_AWAY))}, skip=4)
RECENT_AWAY = Window("away_6w", "attendance", 6, {"weeks": Measure(one_if(_AWAY))})
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


FEATURES = (
    Feature(
        "absence_rate_1w", "attendance", "attendance", "number", "share", _rate("attendance_1w"),
        "Faltó al {value} de las clases la última semana",
        "Asistió al {rest} de las clases la última semana",
        reads=(LAST_WEEK,), actionable=True, monotone=1,
    ),
    Feature(
        "absence_rate_2w", "attendance", "attendance", "number", "share", _rate("attendance_2w"),
        "Faltó al {value} de las clases en las últimas dos semanas",
        "Asistió al {rest} de las clases en las últimas dos semanas",
        reads=(TWO_WEEKS,), actionable=True, monotone=1,
    ),
    Feature(
        "absence_rate_4w", "attendance", "attendance", "number", "share", _rate("attendance_4w"),
        "Faltó al {value} de las clases en las últimas cuatro semanas",
        "Asistió al {rest} de las clases en las últimas cuatro semanas",
        reads=(FOUR_WEEKS,), actionable=True, monotone=1,
    ),
    Feature(
        "absence_change", "attendance", "attendance", "number", "points",
        _rate("attendance_4w") - _rate("attendance_8w"),
        "De cada 100 clases, faltó a {value} más que en los dos meses anteriores",
        "De cada 100 clases, faltó a {value} menos que en los dos meses anteriores",
        reads=(FOUR_WEEKS, EARLIER_WEEKS), actionable=True,
    ),
    Feature(
        "absence_rate_year", "attendance", "attendance", "number", "share", _rate("attendance", "_year"),
        "Ha faltado al {value} de las clases reportadas este año",
        "Ha asistido al {rest} de las clases reportadas este año",
        reads=(SO_FAR,), actionable=True, monotone=1,
    ),
    Feature(
        "whole_weeks_away", "attendance", "attendance", "number", "count", nw.col("away_6w__weeks"),
        "Faltó {value} semanas completas en las últimas seis",
        "No ha faltado ninguna semana completa en las últimas seis",
        reads=(RECENT_AWAY,), actionable=True, monotone=1,
    ),
    Feature(
        "weeks_since_present", "attendance", "attendance", "number", "weeks",
        (nw.col("attendance__reported_on") - nw.col("attendance__present_on")).dt.total_minutes() / (60 * 24 * 7),
        "Completa {value} semanas sin asistir", "Asistió a clase en la última semana reportada",
        reads=(SO_FAR,), actionable=True, monotone=1,
    ),
    Feature(
        "weeks_without_report", "attendance", "attendance", "number", "weeks", weeks_since("attendance__reported_on"),
        "La institución no reporta asistencia hace {value} semanas", reads=(SO_FAR,), shown=False,
    ),
)  # fmt: skip
