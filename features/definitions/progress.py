"""Progress: marks, failing areas, work not handed in, and whether it goes up or down."""

import narwhals as nw

from features.definitions.arithmetic import one_if, ratio, weeks_since
from features.feature import Feature
from features.passes import Measure, Total, Window
from features.view import Frame

PASS_MARK = 60
"""3.0 on the usual scale of 1.0 to 5.0."""

_MARKED = ~nw.col("score").is_null()
_MARKS = {
    # In hundredths, whole: sums of fractions would differ in the last digit with the order of the rows.
    "points": Measure((nw.col("score").fill_null(0.0) * 100).round().cast(nw.Int64)),
    "marks": Measure(one_if(_MARKED)),
    "failed": Measure(one_if((nw.col("score") < PASS_MARK).fill_null(False))),
}


def with_missed(rows: Frame) -> Frame:
    """Each row with whether it is missed work, which shows only once the due day has passed, or makes up for it."""
    missed = nw.col("score").is_null() & ~nw.col("due_on").is_null()
    late = nw.when(missed).then(nw.max_horizontal("visible_on", nw.col("due_on").dt.offset_by("1d")))
    rows = rows.with_columns(missed=missed, visible_on=nw.coalesce(late, "visible_on"))
    order = ("visible_on", "happened_on", "known_on", "score")
    so_far = one_if(nw.col("missed")).cum_sum().over("student_id", "period", "area", order_by=order)
    rows = rows.with_columns(missed_so_far=so_far)
    return rows.with_columns(made_up=_MARKED & (nw.col("missed_so_far") > 0))


_DAYS_LATE = (nw.col("happened_on") - nw.col("due_on")).dt.total_minutes() // (60 * 24)
"""Early work does not make up for late work: it counts as no day late."""

MARKS = Total(
    "marks",
    "progress",
    {
        **_MARKS,
        # Work handed in after all no longer counts as missed.
        "missed": Measure(one_if(nw.col("missed")) - one_if(nw.col("made_up"))),
        "lowest": Measure(nw.col("score"), "min"),
        "last_on": Measure(nw.when(_MARKED).then(nw.col("happened_on")), "max"),
        "days_late": Measure(
            nw.when(_MARKED & ~nw.col("due_on").is_null())
            .then(nw.max_horizontal(_DAYS_LATE, nw.lit(0)))
            .otherwise(nw.lit(0))
        ),
        "dated": Measure(one_if(_MARKED & ~nw.col("due_on").is_null())),
    },
    prepare=with_missed,
)
RECENT = Window("marks_14w", "progress", 14, {**_MARKS, "lowest": Measure(nw.col("score"), "min")})
MISSED_LATELY = Window("missed_6w", "progress", 6, {"missed": Measure(one_if(nw.col("missed")))}, prepare=with_missed)

_MEAN = ratio(nw.col("marks__points_year"), 100 * nw.col("marks__marks_year"))

FEATURES = (
    Feature(
        "failing_share", "progress", "progress", "number", "share",
        ratio(nw.col("marks_14w__failed"), nw.col("marks_14w__marks")),
        "Va perdiendo el {value} de las áreas valoradas", "Aprueba el {rest} de las áreas valoradas",
        reads=(RECENT,), actionable=True, monotone=1,
    ),
    Feature(
        "mean_score", "progress", "progress", "number", "score", _MEAN,
        "Su promedio del año es {value} sobre 100", "Su promedio del año es {value} sobre 100",
        reads=(MARKS,), actionable=True,
    ),
    Feature(
        "score_change", "progress", "progress", "number", "score",
        ratio(nw.col("marks_14w__points"), 100 * nw.col("marks_14w__marks")) - _MEAN,
        "Su promedio reciente bajó {value} puntos frente al del año",
        "Su promedio reciente mejoró {value} puntos frente al del año",
        reads=(MARKS, RECENT), actionable=True,
    ),
    Feature(
        "lowest_score", "progress", "progress", "number", "score", nw.col("marks_14w__lowest"),
        "Su valoración más baja reciente es {value} sobre 100", "Su valoración más baja reciente es {value} sobre 100",
        reads=(RECENT,), actionable=True,
    ),
    Feature(
        "missed_work", "progress", "progress", "number", "count", nw.col("marks__missed_year"),
        "Tiene {value} entregas sin presentar este año",
        reads=(MARKS,), actionable=True, monotone=1,
    ),
    Feature(
        "missed_work_6w", "progress", "progress", "number", "count", nw.col("missed_6w__missed"),
        "Dejó {value} entregas sin presentar en seis semanas",
        reads=(MISSED_LATELY,), actionable=True, monotone=1,
    ),
    Feature(
        "missed_share", "progress", "progress", "number", "share",
        ratio(nw.col("marks__missed_year"), nw.col("marks__missed_year") + nw.col("marks__marks_year")),
        "No presentó el {value} de sus entregas", "Tiene valoración en el {rest} de las entregas registradas",
        reads=(MARKS,), actionable=True, monotone=1,
    ),
    Feature(
        "marks_count", "progress", "progress", "number", "count", nw.col("marks__marks_year"),
        "Tiene {value} valoraciones este año", "Tiene {value} valoraciones este año", reads=(MARKS,), shown=False,
    ),
    Feature(
        "weeks_since_mark", "progress", "progress", "number", "weeks", weeks_since("marks__last_on"),
        "Su última valoración es de hace {value} semanas", "Fue valorado hace {value} semanas",
        reads=(MARKS,), shown=False,
    ),
    Feature(
        "days_late", "progress", "progress", "number", "number",
        ratio(nw.col("marks__days_late_year"), nw.col("marks__dated_year")),
        "Entrega sus trabajos con {value} días de retraso", "Entrega sus trabajos a tiempo",
        reads=(MARKS,), actionable=True,
    ),
)  # fmt: skip
