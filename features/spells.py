"""Every stretch of enrolment: where it was, how and when it stopped, and whether the child came back."""

from datetime import date

import narwhals as nw

from features.records import Records
from features.view import Frame, View

ORDER = ("happened_on", "known_on", "turn", "institution_id")
COMPLETED = ("PROMOTED", "FAILED")
GONE = ("WITHDRAWN", "NOT_SEEN")
PLACE = ("institution_id", "school_year", "grade", "sector", "zone")
SAID = (*PLACE, "repeating", "status", "reason", "happened_on", "known_on")

# What a contact found, as the register would have said it. Who was absent, or not at home, is still enrolled.
FOUND = {
    "LEFT": "WITHDRAWN",
    "DECEASED": "WITHDRAWN",
    "ELSEWHERE": "TRANSFERRED",
    "MIGRATED": "TRANSFERRED",
    "DATA_ERROR": "CANCELLED",
    "ATTENDING": "ENROLLED",
    "RETURNED": "ENROLLED",
}


def spells(records: Records) -> Frame:
    """One row per enrolment (``run``) of a student: its place, its end if it has one, and the next enrolment.

    ``left_on`` and ``first_known_on`` are the first word of the end; the flags gather all that was ever said of it, by
    the register and by those who visited.
    """
    rows = _in_order(records)
    enrolled = rows.filter(nw.col("status") == "ENROLLED")
    stops = rows.filter(nw.col("status") != "ENROLLED", nw.col("run") > 0)
    told = stops.group_by("student_id", "run").agg(*_gathered())
    here = enrolled.select("student_id", "run", *PLACE, "repeating", enrolled_on=nw.col("happened_on"))
    back = enrolled.select(
        "student_id", run=nw.col("run") - 1, back_on=nw.col("happened_on"), back_to=nw.col("institution_id"),
        back_year=nw.col("school_year"), back_known_on=nw.col("known_on"),
    )  # fmt: skip
    both = here.join(told, on=["student_id", "run"], how="left").join(back, on=["student_id", "run"], how="left")
    return _with_silent_moves(both)


def _in_order(records: Records) -> Frame:
    """What was said of enrolment in the order of events, numbered by the enrolment (``run``) that each belongs to."""
    view = View(records, [records.last_known_on() or date.max])
    rows = view.table("enrolment").select(
        "student_id", *SAID, turn=nw.col("turn").cast(nw.Int64), result=nw.lit(None, dtype=nw.String)
    )
    if records.has("visit"):
        rows = _with_findings(rows, view.table("visit"))
    rows = rows.with_columns(one=(nw.col("status") == "ENROLLED").cast(nw.Int64))
    return rows.with_columns(run=nw.col("one").cum_sum().over("student_id", order_by=ORDER))


def _with_findings(rows: Frame, visits: Frame) -> Frame:
    """The findings among the enrolment rows, each about the place where the child was last enrolled.

    A child found in class has come back only if the register had lost them: else the finding says nothing new. What was
    told of a contact later takes the place of what was told first.
    """
    types = rows.collect_schema()
    last_told = nw.col("known_on").max().over("student_id", "visited_on", "kind")
    visits = visits.filter(nw.col("known_on") == last_told)
    unsaid = {name: nw.lit(None, dtype=types[name]) for name in (*PLACE, "repeating")}
    found = visits.filter(nw.col("result").is_in(list(FOUND))).with_columns(status=_as_status(), **unsaid)
    found = found.with_columns(
        reason=nw.when(nw.col("result") == "DECEASED").then(nw.lit("DEATH")),
        turn=(nw.col("status") == "ENROLLED").cast(nw.Int64),
    )
    both = nw.concat([rows, found.select(types.names())], how="vertical")
    both = both.with_columns(said=nw.when(nw.col("result").is_null()).then(nw.col("status")))
    order = ("happened_on", "known_on", "turn", "status", "institution_id")
    filled = {c: nw.col(c).fill_null(strategy="forward").over("student_id", order_by=order) for c in (*PLACE, "said")}
    # Only findings take these words: what a row of the register leaves unsaid is not what an earlier one said.
    told = both.with_columns(**filled).filter(~nw.col("result").is_null(), ~nw.col("institution_id").is_null())
    told = told.filter((nw.col("status") != "ENROLLED") | nw.col("said").is_in(list(GONE)))
    return nw.concat([rows, told.select(types.names())], how="vertical")


def _as_status() -> nw.Expr:
    status = nw.lit(None, dtype=nw.String)
    for result, said in FOUND.items():
        status = nw.when(nw.col("result") == result).then(nw.lit(said)).otherwise(status)
    return status


def _gathered() -> list[nw.Expr]:
    status, reason = nw.col("status"), nw.col("reason")
    completed = status.is_in(list(COMPLETED))
    transferred = ((status == "TRANSFERRED") | (reason == "TRANSFER")).fill_null(False)
    flags = {
        "graduated": status == "GRADUATED",
        "cancelled": status == "CANCELLED",
        "transferred": transferred,
        "withdrawn": status.is_in(list(GONE)),
        "relocated": reason == "RELOCATION",
        "set_aside": reason.is_in(["ADMINISTRATIVE", "DEATH"]),
        "dead": reason == "DEATH",
        "stated": reason == "DROPOUT",
    }
    days = {
        "ended_on": nw.when(~completed).then(nw.col("happened_on")).min(),
        "completed_on": nw.when(completed).then(nw.col("happened_on")).min(),
        "promoted_on": nw.when(status == "PROMOTED").then(nw.col("happened_on")).max(),
        "failed_on": nw.when(status == "FAILED").then(nw.col("happened_on")).max(),
        "moved_known_on": nw.when(transferred).then(nw.col("known_on")).max(),
        "found_gone_on": nw.when(nw.col("result") == "LEFT").then(nw.col("known_on")).max(),
    }
    return [
        nw.col("happened_on").min().alias("left_on"),
        nw.col("known_on").min().alias("first_known_on"),
        *(day.alias(name) for name, day in days.items()),
        *(flag.fill_null(False).cast(nw.Int64).max().alias(name) for name, flag in flags.items()),
    ]


def _with_silent_moves(rows: Frame) -> Frame:
    """Who appears in another institution in the same year, with no word of leaving the first, has moved."""
    elsewhere = (nw.col("back_to") != nw.col("institution_id")) & (nw.col("back_year") == nw.col("school_year"))
    silent = nw.col("left_on").is_null() & elsewhere.fill_null(False)
    return rows.with_columns(
        left_on=nw.when(silent).then(nw.col("back_on")).otherwise(nw.col("left_on")),
        first_known_on=nw.when(silent).then(nw.col("back_known_on")).otherwise(nw.col("first_known_on")),
    )
