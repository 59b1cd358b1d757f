"""What was known about each student on each of many days, and nothing that was learnt later."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property

import narwhals as nw
import polars as pl

from features.engines import Engine, Frame, How, Polars
from features.predecessors import with_previous
from features.records import Records
from features.retold import FACTS, LOOKED_BACK, STANDS_UNTIL, standing, told_twice

__all__ = ["ENROLMENT_REPORTS", "STUDENT_DAY", "Frame", "How", "Prepare", "Story", "View", "oldest_year"]

Prepare = Callable[[Frame, "View"], Frame]
Story = tuple[str, Prepare | None]

STUDENT_DAY = ("student_id", "day")
ENROLMENT_REPORTS = ("detallado", "anexo_6a")
"""The exports from which a secretariat's enrolment is read."""

ORDER = ("happened_on", "known_on", "turn")

# NOTE: two rows of one day are told apart by this turn: a child who leaves one school and enters another on the same
# day is enrolled at the end of it.
_TURN = nw.when(nw.col("status") == "ENROLLED").then(nw.lit(1)).otherwise(nw.lit(0))


class View:
    """The records on the student × day grid.

    A row counts from the later of the day it happened and the day it became known. Every verb answers for all the days
    at once: rows are put into the first day that can see them (their bucket), gathered there, and told to the days that
    follow. No verb loops over days, and no verb can reach a row that a day could not see.
    """

    def __init__(
        self,
        records: Records,
        days: Sequence[date],
        engine: Engine | None = None,
        share: tuple[int, int] = (0, 1),
        told: Mapping[Story, Frame] | None = None,
    ) -> None:
        """``share`` looks at one of so many shares of the students; ``told`` are stories worked out elsewhere."""
        if not days:
            raise ValueError("hace falta al menos un día para mirar los registros")
        self.days = tuple(sorted(set(days)))
        self.whole = records.known_by(self.days[-1])
        self.records = self.whole.share(*share)
        self.engine = engine or Polars()
        self._kept: dict[Story, Frame] = dict(told or {})
        self._twice: dict[str, Frame | None] = {}

    @cached_property
    def year_began(self) -> date:
        """When the oldest school year in class on the days began; the days of one view share it (see ``batches``)."""
        return min(oldest_year(self.records, day) for day in self.days)

    @cached_property
    def eves(self) -> tuple[date, ...]:
        """The eves of the school years in class: what was known then is what a year starts from."""
        starts = self.records.table("calendar").select(pl.col("starts_on").unique()).collect()["starts_on"]
        eves = {start - timedelta(days=1) for start in starts.drop_nulls() if start >= self.year_began}
        return tuple(sorted(eve for eve in eves if eve <= self.days[-1]))

    def table(self, name: str, since: date | None = None) -> Frame:
        """A table's rows, of all time or of what happened since a day, with the day from which they could be seen."""
        frame = self.engine.scan(self.records, name)
        if since is not None:
            frame = frame.filter(nw.col("happened_on") >= since)
        turn = _TURN if "status" in frame.collect_schema() else nw.lit(0)
        seen = nw.max_horizontal(nw.col("happened_on"), nw.col("known_on"))
        rows = frame.with_columns(visible_on=seen, turn=turn)
        return standing(rows, name, self) if name in FACTS else rows

    def told_twice(self, name: str) -> Frame | None:
        """The facts of this year, and of what a window reaches back to, that were corrected later; looked for once."""
        if name not in self._twice:
            recent = nw.col("happened_on") >= min(self.year_began, self.days[0]) - LOOKED_BACK
            self._twice[name] = told_twice(self.engine.scan(self.records, name).filter(recent), name, self)
        return self._twice[name]

    def story(self, name: str, prepare: Prepare | None = None) -> Frame:
        """All rows of a table, each with its ``place`` among its student's: the order in which things happened.

        Worked out once for the view, and once more for each way of preparing it: ordering is what costs.
        """
        if (name, prepare) not in self._kept:
            rows = self.story(name) if prepare else self.placed(self.table(name))
            self._kept[name, prepare] = self.engine.settled(prepare(rows, self) if prepare else rows)
        return self._kept[name, prepare]

    def placed(self, rows: Frame, by: Sequence[str] = ("student_id",)) -> Frame:
        """The rows numbered by what happened first, of that by what was known first."""
        # Two rows of the same days are told apart by what they say: the order of the file must not matter.
        columns = rows.collect_schema().names()
        rest = [column for column in columns if column not in (*by, *ORDER, "visible_on")]
        return self.engine.placed(rows, by, (*ORDER, *rest))

    def with_previous(self, rows: Frame, columns: Sequence[str]) -> Frame:
        """The rows of a story with ``last_…``: what the student's row before said, as far as was known."""
        return with_previous(rows, columns, self)

    def while_standing(self, rows: Frame) -> Frame:
        """Rows that stand only for a while, told on every ``day`` on which they do."""
        pairs = rows.select("visible_on", STANDS_UNTIL).unique().join(self.engine.days(self.days), how="cross")
        reach = pairs.filter(nw.col("visible_on") <= nw.col("day"), nw.col("day") < nw.col(STANDS_UNTIL))
        return rows.join(reach, on=["visible_on", STANDS_UNTIL], how="inner")

    def bucketed(self, rows: Frame) -> Frame:
        """The rows with ``bucket``, the first day that sees them; rows that no day sees are gone."""
        dates = rows.select("visible_on").unique().join(self.engine.days(self.days), how="cross")
        seeing = dates.filter(nw.col("day") >= nw.col("visible_on")).with_columns(bucket=self.engine.numbers("day"))
        first = seeing.group_by("visible_on").agg(nw.col("bucket").min())
        first = first.with_columns(bucket=self.engine.dates("bucket"))
        return rows.join(first, on="visible_on", how="inner")

    def running(self, gathered: Frame, how: Mapping[str, How], by: Sequence[str] = ("student_id",)) -> Frame:
        """What was gathered per key and bucket, added up over the buckets so far."""
        return self.engine.running(gathered, how, by)

    def last_values(self, rows: Frame, columns: Sequence[str], by: Sequence[str] = ("student_id",)) -> Frame:
        """Per key and bucket, the newest known value of each column, a null saying nothing and so hiding nothing."""
        return self.engine.last_values(self.bucketed(rows), columns, by)

    def carried(self, states: Frame, by: Sequence[str] = ("student_id",)) -> Frame:
        """One state per key and bucket, told on every ``day`` until the key's next."""
        spans = self.engine.with_until(states, by)
        pairs = spans.select("bucket", "until").unique().join(self.engine.days(self.days), how="cross")
        reach = pairs.filter(nw.col("day") >= nw.col("bucket"), nw.col("day") < nw.col("until"))
        return spans.join(reach, on=["bucket", "until"], how="inner").drop("bucket", "until")

    def last_state(self, rows: Frame, by: Sequence[str], columns: Sequence[str]) -> Frame:
        """On each day, the row about the latest happening among those known; late news of old facts changes nothing."""
        rows = rows if "place" in rows.collect_schema() else self.placed(rows, by)
        seen = self.bucketed(rows.select(*by, "visible_on", "place"))
        newest = self.running(seen.group_by(*by, "bucket").agg(nw.col("place").max()), {"place": "max"}, by)
        states = newest.join(rows.select(*by, "place", *columns), on=[*by, "place"], how="inner").drop("place")
        return self.carried(states, by)

    @cached_property
    def on_roll(self) -> Frame:
        """One row per student and day: enrolled that day, in a school year that is in class that day."""
        rows = self.story("enrolment")
        columns = [c for c in rows.collect_schema().names() if c not in _BOOKKEEPING]
        state = self.last_state(rows, ["student_id"], columns)
        enrolled = state.filter(nw.col("status") == "ENROLLED")
        ours = enrolled.filter(nw.col("sector").fill_null("") != self._other_sector)
        # Sorted while it is narrow: to sort the wide frame at the end would copy it.
        placed = self._in_class(ours).sort("day", "student_id")
        return self.engine.settled(placed.with_columns(register_began=nw.lit(self.began("enrolment"), dtype=nw.Date)))

    def sized(self, grid: Frame) -> Frame:
        """The students on roll with how many their school has."""
        sizes = grid.group_by("institution_id", "day").agg(students_on_roll=nw.len())
        return grid.join(sizes, on=["institution_id", "day"], how="left")

    @property
    def _other_sector(self) -> str:
        """Whose students a secretariat does not list: a child found in a private annex is followed by that school."""
        reports = self.records.table("report").filter(pl.col("source").is_in(ENROLMENT_REPORTS)).head(1).collect()
        return "PRIVATE" if reports.height else "NONE"

    def began(self, name: str) -> date | None:
        """The day on which a first row of a table was known, whoever's it is: before it the table says nothing."""
        began: date | None = self.whole.table(name).select(pl.col("known_on").min()).collect().item()
        return began

    def _in_class(self, enrolled: Frame) -> Frame:
        calendar = self.engine.scan(self.records, "calendar")
        span = ["school_year", "starts_on", "ends_on"]
        general = _newest(calendar.filter(nw.col("institution_id").is_null()), ["school_year"]).select(*span)
        own = calendar.filter(~nw.col("institution_id").is_null())
        own = _newest(own, ["institution_id", "school_year"]).select("institution_id", *span)
        placed = enrolled.join(general, on="school_year", how="left").join(
            own, on=["institution_id", "school_year"], how="left", suffix="_own"
        )
        placed = placed.with_columns(
            starts_on=nw.coalesce("starts_on_own", "starts_on"), ends_on=nw.coalesce("ends_on_own", "ends_on")
        ).drop("starts_on_own", "ends_on_own")
        return placed.filter(nw.col("starts_on") <= nw.col("day"), nw.col("day") <= nw.col("ends_on"))


def _newest(calendar: Frame, by: Sequence[str]) -> Frame:
    """A year's dates as they were told last; told twice on one day, the later dates."""
    return calendar.unique(subset=list(by), keep="last", order_by=["known_on", "starts_on", "ends_on"])


def oldest_year(records: Records, day: date) -> date:
    """The first day of the oldest school year in class on a day; in the holidays, the day itself."""
    years = records.table("calendar").filter(pl.col("starts_on") <= day, pl.col("ends_on") >= day)
    start: date | None = years.select(pl.col("starts_on").min()).collect().item()
    return start or day


_BOOKKEEPING = ("student_id", "happened_on", "known_on", "visible_on", "turn", "place")
