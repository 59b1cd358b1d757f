"""Progress: marks, failing areas, work not handed in, and whether it goes up or down."""

import narwhals as nw

from features.definitions.arithmetic import day_number, days_between, known_or_zero, one_if, ratio, weeks_since
from features.feature import Feature
from features.passes import Measure, Total, Window
from features.view import Frame, View

PASS_MARK = 60
"""3.0 on the usual scale of 1.0 to 5.0."""

_MARKED = ~nw.col("score").is_null()
_MARKS = {
    # In hundredths, whole: sums of fractions would differ in the last digit with the order of the rows.
    "points": Measure((nw.col("score").fill_null(0.0) * 100).round().cast(nw.Int64)),
    "marks": Measure(one_if(_MARKED)),
    "failed": Measure(one_if((nw.col("score") < PASS_MARK).fill_null(False))),
}


def with_missed(rows: Frame, _: View) -> Frame:
    """Each row with whether it is missed work, which shows only once the due day has passed, or makes up for it."""
    missed = nw.col("score").is_null() & ~nw.col("due_on").is_null()
    late = nw.when(missed).then(nw.max_horizontal("visible_on", nw.col("due_on").dt.offset_by("1d")))
    rows = rows.with_columns(missed=missed, visible_on=nw.coalesce(late, "visible_on"))
    rows = rows.with_columns(seen=day_number("visible_on"))
    work = ("student_id", "period", "area")
    first = rows.filter(nw.col("missed")).group_by(*work).agg(missed_since=nw.col("seen").min())
    rows = rows.join(first, on=list(work), how="left")
    return rows.with_columns(made_up=_MARKED & (nw.col("missed_since") <= nw.col("seen")).fill_null(False))


_DAYS_LATE = days_between("due_on", "happened_on")
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
        "missed_due": Measure(nw.when(nw.col("missed")).then(nw.col("due_on")), "max"),
        "handed_due": Measure(nw.when(_MARKED).then(nw.col("due_on")), "max"),
        "dated": Measure(one_if(_MARKED & ~nw.col("due_on").is_null())),
    },
    prepare=with_missed,
)
RECENT = Window("marks_14w", "progress", 14, {**_MARKS, "lowest": Measure(nw.col("score"), "min")})
MISSED_LATELY = Window("missed_6w", "progress", 6, {"missed": Measure(one_if(nw.col("missed")))}, prepare=with_missed)

MEAN = ratio(nw.col("marks__points_year"), 100 * nw.col("marks__marks_year"))
MISSED_SHARE = ratio(nw.col("marks__missed_year"), nw.col("marks__missed_year") + nw.col("marks__marks_year"))
DAYS_LATE = ratio(nw.col("marks__days_late_year"), nw.col("marks__dated_year"))

_SOME_DUE = ~(nw.col("marks__missed_due").is_null() & nw.col("marks__handed_due").is_null())
_LAST_MISSED = (nw.col("marks__missed_due") > nw.col("marks__handed_due")).fill_null(
    nw.col("marks__handed_due").is_null()
)

FEATURES = (
    Feature(
        "failing_share", "progress", "progress", "number", "share",
        ratio(nw.col("marks_14w__failed"), nw.col("marks_14w__marks")),
        "Va perdiendo el {value} de las áreas valoradas", "Aprueba el {rest} de las áreas valoradas",
        reads=(RECENT,), actionable=True, monotone=1,
        window="14w", fill="unknown",
    ),
    Feature(
        "mean_score", "progress", "progress", "number", "score", MEAN,
        "Su promedio del año es {value} sobre 100", "Su promedio del año es {value} sobre 100",
        reads=(MARKS,), actionable=True,
        window="year", fill="unknown",
    ),
    Feature(
        "score_change", "progress", "progress", "number", "score",
        ratio(nw.col("marks_14w__points"), 100 * nw.col("marks_14w__marks")) - MEAN,
        "Su promedio reciente bajó {value} puntos frente al del año",
        "Su promedio reciente mejoró {value} puntos frente al del año",
        reads=(MARKS, RECENT), actionable=True,
        window="year", fill="unknown",
    ),
    Feature(
        "lowest_score", "progress", "progress", "number", "score", nw.col("marks_14w__lowest"),
        "Su valoración más baja reciente es {value} sobre 100", "Su valoración más baja reciente es {value} sobre 100",
        reads=(RECENT,), actionable=True,
        window="14w", fill="unknown",
    ),
    Feature(
        "missed_work", "progress", "progress", "number", "count", nw.col("marks__missed_year"),
        "Tiene {value} entregas sin presentar este año",
        reads=(MARKS,), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "missed_work_6w", "progress", "progress", "number", "count", nw.col("missed_6w__missed"),
        "Dejó {value} entregas sin presentar en seis semanas",
        reads=(MISSED_LATELY,), actionable=True, monotone=1,
        window="6w", fill="unknown",
    ),
    Feature(
        "missed_share", "progress", "progress", "number", "share",
        MISSED_SHARE,
        "No presentó el {value} de sus entregas", "Tiene valoración en el {rest} de las entregas registradas",
        reads=(MARKS,), actionable=True, monotone=1,
        window="year", fill="unknown",
    ),
    Feature(
        "marks_count", "progress", "progress", "number", "count", nw.col("marks__marks_year"),
        "Tiene {value} valoraciones este año", "Tiene {value} valoraciones este año", reads=(MARKS,), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "weeks_since_mark", "progress", "progress", "number", "weeks", weeks_since("marks__last_on"),
        "Su última valoración es de hace {value} semanas", "Fue valorado hace {value} semanas",
        reads=(MARKS,), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "days_late", "progress", "progress", "number", "number",
        DAYS_LATE,
        "Entrega sus trabajos con {value} días de retraso", "Entrega sus trabajos a tiempo",
        reads=(MARKS,), actionable=True,
        window="year", fill="unknown",
    ),
    Feature(
        "areas_failed", "progress", "progress", "number", "count", nw.col("marks_14w__failed"),
        "Tiene {value} áreas por debajo de lo básico", "No tiene áreas por debajo de lo básico",
        reads=(RECENT,), actionable=True, monotone=1,
        window="14w", fill="unknown",
    ),
    Feature(
        "last_work_missed", "progress", "progress", "flag", "yes_no",
        nw.when(_SOME_DUE).then(one_if(_LAST_MISSED)),
        "Dejó sin presentar su última entrega", "Presentó su última entrega", reads=(MARKS,), actionable=True,
        monotone=1, window="year", fill="unknown",
    ),
    Feature(
        "weeks_since_missed_work", "progress", "progress", "number", "weeks", weeks_since("marks__missed_due"),
        "Dejó una entrega sin presentar hace {value} semanas", reads=(MARKS,), shown=False,
        window="year", fill="unknown",
    ),
    Feature(
        "unmarked_this_year", "progress", "progress", "flag", "yes_no",
        one_if(known_or_zero("marks__marks_year") + known_or_zero("marks__missed_year") == 0),
        "Todavía no tiene valoraciones este año", reads=(MARKS,), shown=False,
        window="year", fill="always",
    ),
)  # fmt: skip
