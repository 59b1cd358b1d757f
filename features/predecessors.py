"""What a student's row before said, also when a part of the past came to be known late."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals as nw

from features.engines import Frame
from features.retold import STANDS_UNTIL, is_empty

if TYPE_CHECKING:
    from features.view import View

NOBODY = -1


def with_previous(rows: Frame, columns: Sequence[str], view: "View") -> Frame:
    """The rows of a story with ``last_…``: what the same student's row before said, as far as was known.

    Where everything became known in the order in which it happened, the row seen before is the row before. A child
    whose past came late (a link to another file, a delivery out of turn) gets a row per telling: from the day on which
    its predecessor changed, it says the new one, and the old telling has ``stands_until`` that day.
    """
    told = view.engine.settled(view.engine.with_previous(rows, (*columns, "place")))
    late = told.filter(nw.col("place") < nw.col("last_place")).select("student_id").unique()
    late = view.engine.settled(late)
    told = told.drop("last_place")
    if is_empty(late, view):
        return told
    in_turn = told.join(late, on="student_id", how="anti").with_columns(**{STANDS_UNTIL: nw.lit(None, dtype=nw.Date)})
    out_of_turn = _told_again(view.engine.settled(rows.join(late, on="student_id", how="semi")), columns)
    return nw.concat([in_turn, out_of_turn.select(*in_turn.collect_schema().names())])


def _told_again(rows: Frame, columns: Sequence[str]) -> Frame:
    """Each row once for every predecessor it had, in the order in which they became known."""
    seen = rows.select("student_id", _seen="visible_on").unique()
    known = rows.join(seen, on="student_id", how="inner").filter(nw.col("visible_on") <= nw.col("_seen"))
    before = {f"last_{c}": nw.col(c).shift(1).over("student_id", "_seen", order_by="place") for c in columns}
    own = nw.col("place").shift(1).over("student_id", "_seen", order_by="place").fill_null(NOBODY)
    known = known.with_columns(**before, _previous=own)
    told_before = nw.col("_previous").shift(1).over("student_id", "place", order_by="_seen")
    news = known.with_columns(_same=(nw.col("_previous") == told_before).fill_null(False)).filter(~nw.col("_same"))
    until = nw.col("_seen").shift(-1).over("student_id", "place", order_by="_seen")
    news = news.with_columns(**{STANDS_UNTIL: until}, visible_on=nw.col("_seen"))
    return news.drop("_seen", "_previous", "_same")
