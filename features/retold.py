"""What was told twice: a week or a mark corrected later stands as it was until the correction came, and no longer."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import narwhals as nw

from features.engines import Frame

if TYPE_CHECKING:
    from features.view import View

STANDS_UNTIL = "stands_until"
"""The day from which a row no longer counts. A frame of rows that all stand for good has no such column."""

LOOKED_BACK = timedelta(weeks=26)
"""How far before the year corrections are looked for: no window on these tables may reach further."""

FACTS = {
    "attendance": ("student_id", "week"),
    "progress": ("student_id", "period", "area", "happened_on"),
}
"""What tells two facts of a table apart, their date last; a second row of one fact is a correction of the first."""


def standing(rows: Frame, name: str, view: "View") -> Frame:
    """The rows, with ``stands_until`` where any fact of the table was told twice."""
    twice = view.told_twice(name)
    if twice is None:
        return rows
    fact = list(FACTS[name])
    once = rows.join(twice, on=fact, how="anti").with_columns(**{STANDS_UNTIL: nw.lit(None, dtype=nw.Date)})
    return nw.concat([once, _each_until_the_next(rows.join(twice, on=fact, how="semi"), name)])


def told_twice(rows: Frame, name: str, view: "View") -> Frame | None:
    """The facts that were told on more than one day, or None; what one delivery says twice, both its rows say.

    Nearly all weeks of all children came with one delivery: only what came after the first of its date is looked at.
    """
    fact, settled = list(FACTS[name]), view.engine.settled
    told = comparable(rows, name).with_columns(_known=view.engine.numbers("known_on"))
    when = FACTS[name][-1]
    first = told.group_by(when).agg(_first=nw.col("_known").min(), _last=nw.col("_known").max())
    late = settled(first.filter(nw.col("_last") > nw.col("_first")).select(when, "_first"))
    if is_empty(late, view):
        return None
    later = told.join(late, on=when, how="inner").filter(nw.col("_known") > nw.col("_first"))
    keys = settled(later.select(*fact).unique())
    again = told.select(*fact, "_known").join(keys, on=fact, how="semi").group_by(*fact)
    spans = again.agg(_first=nw.col("_known").min(), _last=nw.col("_known").max())
    twice = settled(spans.filter(nw.col("_last") > nw.col("_first")).select(*fact))
    return None if is_empty(twice, view) else twice


def comparable(rows: Frame, name: str) -> Frame:
    """NOTE: work not handed in is no mark, and the mark that comes later makes up for it: it is told apart."""
    return rows.filter(~nw.col("score").is_null()) if name == "progress" else rows


def is_empty(rows: Frame, view: "View") -> bool:
    return view.engine.collected(rows.head(1)).is_empty()


def _each_until_the_next(rows: Frame, name: str) -> Frame:
    """NOTE: two rows of one delivery stand and fall together: which of them is right cannot be told from the order."""
    fact = FACTS[name]
    tellings = comparable(rows, name).select(*fact, "visible_on", "known_on").unique()
    ends = nw.col("visible_on").shift(-1).over(*fact, order_by=("visible_on", "known_on"))
    tellings = tellings.with_columns(**{STANDS_UNTIL: ends}).drop("visible_on")
    told = rows.join(tellings, on=[*fact, "known_on"], how="left")
    if name == "progress":
        is_mark = ~nw.col("score").is_null()
        return told.with_columns(**{STANDS_UNTIL: nw.when(is_mark).then(nw.col(STANDS_UNTIL))})
    return told


def may_fall(rows: Frame) -> bool:
    """Whether some row may cease to stand."""
    return STANDS_UNTIL in rows.collect_schema()


def kept_columns(rows: Frame) -> Sequence[str]:
    """The column to take along where there is one."""
    return (STANDS_UNTIL,) if may_fall(rows) else ()


def never_null(rows: Frame) -> Frame:
    """The rows with the end of time where they stand for good: engines do not join what is unknown."""
    return rows.with_columns(**{STANDS_UNTIL: nw.col(STANDS_UNTIL).fill_null(date.max)}) if may_fall(rows) else rows
