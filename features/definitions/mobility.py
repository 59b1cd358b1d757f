"""Moves: changes of school and home, and absences from the register that ended in a return."""

import narwhals as nw

from features.definitions.arithmetic import known_or_zero, one_if, weeks_since
from features.feature import Feature
from features.passes import Measure, Total
from features.view import Frame

ORDER = ("visible_on", "happened_on", "known_on", "turn", "institution_id", "grade")


def with_moves(rows: Frame) -> Frame:
    """Each row with whether it changes institution, leaves the register, or comes back to it."""
    before = {
        f"last_{c}": nw.col(c).shift(1).over("student_id", order_by=ORDER)
        for c in ("institution_id", "status", "school_year")
    }
    rows = rows.with_columns(**before)
    enrolled, known = nw.col("status") == "ENROLLED", ~nw.col("last_status").is_null()
    away = nw.col("last_status").is_in(["WITHDRAWN", "NOT_SEEN", "CANCELLED"])
    same_year = nw.col("school_year") == nw.col("last_school_year")
    return rows.with_columns(
        moves=enrolled & known & (nw.col("institution_id") != nw.col("last_institution_id")),
        moves_mid_year=enrolled & known & same_year & (nw.col("institution_id") != nw.col("last_institution_id")),
        leaves=nw.col("status").is_in(["WITHDRAWN", "NOT_SEEN"]) & (nw.col("last_status") == "ENROLLED"),
        returns=enrolled & known & away,
    )


MOVES = Total(
    "moves",
    "enrolment",
    {
        "changes": Measure(one_if(nw.col("moves").fill_null(False))),
        "mid_year": Measure(one_if(nw.col("moves_mid_year").fill_null(False))),
        "exits": Measure(one_if(nw.col("leaves").fill_null(False))),
        "returns": Measure(one_if(nw.col("returns").fill_null(False))),
        "moved_on": Measure(nw.when(nw.col("moves")).then(nw.col("happened_on")), "max"),
    },
    prepare=with_moves,
    all_years=True,
)

FEATURES = (
    Feature(
        "school_changes", "mobility", "enrolment", "number", "count", known_or_zero("moves__changes"),
        "Ha cambiado de institución {value} veces",
        "No ha cambiado de institución desde que se tiene registro", reads=(MOVES,),
    ),
    Feature(
        "school_changes_this_year", "mobility", "enrolment", "number", "count", known_or_zero("moves__mid_year_year"),
        "Cambió de institución {value} veces durante este año", "Sigue en la misma institución este año",
        reads=(MOVES,),
    ),
    Feature(
        "weeks_since_move", "mobility", "enrolment", "number", "weeks", weeks_since("moves__moved_on"),
        "Llegó a esta institución hace {value} semanas", "Lleva {value} semanas en esta institución", reads=(MOVES,),
    ),
    Feature(
        "earlier_exits", "mobility", "enrolment", "number", "count", known_or_zero("moves__exits"),
        "Ha interrumpido antes su matrícula {value} veces",
        "No ha interrumpido su matrícula desde que se tiene registro", reads=(MOVES,),
    ),
    Feature(
        "returned_this_year", "mobility", "enrolment", "flag", "yes_no",
        one_if(known_or_zero("moves__returns_year") > 0),
        "Volvió a estudiar este año después de una interrupción", reads=(MOVES,), actionable=True,
    ),
)  # fmt: skip
