"""What each line of the enrolment register does to a child: moves, leaves, or comes back."""

import narwhals as nw

from features.retold import kept_columns
from features.view import Frame, View

PLACE = ("institution_id", "campus_id", "grade", "shift", "class_group")
AWAY = ("WITHDRAWN", "NOT_SEEN", "CANCELLED")


def with_moves(rows: Frame, view: View) -> Frame:
    """Each row with whether it changes institution or shift, leaves the register, or comes back to it."""
    rows = view.with_previous(rows, ("institution_id", "status", "school_year", "shift"))
    enrolled, known = nw.col("status") == "ENROLLED", ~nw.col("last_status").is_null()
    same_year = nw.col("school_year") == nw.col("last_school_year")
    elsewhere = nw.col("institution_id") != nw.col("last_institution_id")
    return rows.select(
        "student_id",
        "happened_on",
        "visible_on",
        *kept_columns(rows),
        *PLACE,
        moves=enrolled & known & elsewhere,
        moves_mid_year=enrolled & known & same_year & elsewhere,
        changes_shift=enrolled & same_year & ~elsewhere & (nw.col("shift") != nw.col("last_shift")),
        leaves=nw.col("status").is_in(["WITHDRAWN", "NOT_SEEN"]) & (nw.col("last_status") == "ENROLLED"),
        returns=enrolled & known & nw.col("last_status").is_in(list(AWAY)),
    )
