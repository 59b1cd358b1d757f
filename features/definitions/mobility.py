"""Moves: changes of school and home, and absences from the register that ended in a return."""

import narwhals as nw

from features.definitions.arithmetic import known_or_zero, one_if, weeks_since
from features.feature import Feature
from features.moves import with_moves
from features.passes import Measure, Total

MOVES = Total(
    "moves",
    "enrolment",
    {
        "changes": Measure(one_if(nw.col("moves").fill_null(False))),
        "mid_year": Measure(one_if(nw.col("moves_mid_year").fill_null(False))),
        "shift": Measure(one_if(nw.col("changes_shift").fill_null(False))),
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
        window="record", fill="zero", companion="first_year_on_record",
    ),
    Feature(
        "school_changes_this_year", "mobility", "enrolment", "number", "count", known_or_zero("moves__mid_year_year"),
        "Cambió de institución {value} veces durante este año", "Sigue en la misma institución este año",
        reads=(MOVES,),
        window="year", fill="always",
    ),
    Feature(
        "weeks_since_move", "mobility", "enrolment", "number", "weeks", weeks_since("moves__moved_on"),
        "Llegó a esta institución hace {value} semanas", "Lleva {value} semanas en esta institución", reads=(MOVES,),
        window="record", fill="unknown",
    ),
    Feature(
        "shift_changes_this_year", "mobility", "enrolment", "number", "count", known_or_zero("moves__shift_year"),
        "Cambió de jornada {value} veces durante este año", reads=(MOVES,),
        window="year", fill="always",
    ),
    Feature(
        "earlier_exits", "mobility", "enrolment", "number", "count", known_or_zero("moves__exits"),
        "Ha interrumpido antes su matrícula {value} veces",
        "No ha interrumpido su matrícula desde que se tiene registro", reads=(MOVES,),
        window="record", fill="zero", companion="first_year_on_record",
    ),
    Feature(
        "returned_this_year", "mobility", "enrolment", "flag", "yes_no",
        one_if(known_or_zero("moves__returns_year") > 0),
        "Volvió a estudiar este año después de una interrupción", reads=(MOVES,), actionable=True,
        window="year", fill="always",
    ),
)  # fmt: skip
