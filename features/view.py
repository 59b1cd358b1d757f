"""What was known about each student on each of many days, and nothing that was learnt later."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property

import narwhals as nw
import polars as pl

from features.records import Records

Frame = nw.LazyFrame[pl.LazyFrame]

STUDENT_DAY = ("student_id", "day")
ENROLMENT_REPORTS = ("detallado", "anexo_6a")
"""The exports from which a secretariat's enrolment is read."""

ORDER = ("bucket", "happened_on", "known_on", "turn")

# NOTE: two rows of one day are told apart by this turn: a child who leaves one school and enters another on the same
# day is enrolled at the end of it.
_TURN = nw.when(nw.col("status") == "ENROLLED").then(nw.lit(1)).otherwise(nw.lit(0))


class View:
    """The records on the student × day grid.

    A row counts from the later of the day it happened and the day it became known. Every verb answers for all the days
    at once: rows are put into the first day that can see them (their bucket), gathered there, and carried forward to
    the days that follow. No verb loops over days, and no verb can reach a row that a day could not see.
    """

    def __init__(self, records: Records, days: Sequence[date]) -> None:
        if not days:
            raise ValueError("hace falta al menos un día para mirar los registros")
        self.days = tuple(sorted(set(days)))
        self.records = records.known_by(self.days[-1])

    @cached_property
    def year_began(self) -> date:
        """When the oldest school year in class on the days began; the days of one view share it (see ``spans``)."""
        return min(oldest_year(self.records, day) for day in self.days)

    @cached_property
    def year_starts(self) -> tuple[date, ...]:
        """The eves of the school years: what was known then is what a year starts from."""
        starts = self.records.table("calendar").select(pl.col("starts_on").unique()).collect()["starts_on"]
        eves = {start - timedelta(days=1) for start in starts.drop_nulls()}
        return tuple(sorted(eve for eve in eves if eve <= self.days[-1]))

    def table(self, name: str, since: date | None = None) -> Frame:
        """A table's rows, of all time or of what happened since a day, with the day from which they could be seen."""
        native = self.records.table(name)
        if since is not None:
            native = native.filter(pl.col("happened_on") >= since)
        if "student_id" in native.collect_schema():
            # Joins and groups on text cost five times as much as on its dictionary.
            native = native.with_columns(pl.col("student_id").cast(pl.Categorical))
        frame = nw.from_native(native)
        turn = _TURN if "status" in frame.collect_schema() else nw.lit(0)
        return frame.with_columns(
            visible_on=nw.max_horizontal(nw.col("happened_on"), nw.col("known_on")),
            turn=turn,
        )

    def bucketed(self, rows: Frame, with_year_starts: bool = False) -> Frame:
        """The rows with ``bucket``, the first day that sees them; rows that no day sees are gone."""
        days = set(self.days) | (set(self.year_starts) if with_year_starts else set())
        dates = rows.select("visible_on").unique().join(days_frame(sorted(days)), how="cross")
        first = (
            dates.filter(nw.col("day") >= nw.col("visible_on")).group_by("visible_on").agg(bucket=nw.col("day").min())
        )
        return rows.join(first, on="visible_on", how="inner")

    def carried(self, states: Frame, by: Sequence[str], with_year_starts: bool = False) -> Frame:
        """One state per key and bucket, repeated on every day until the key's next state."""
        days = set(self.days) | (set(self.year_starts) if with_year_starts else set())
        until = nw.col("bucket").shift(-1).over(*by, order_by="bucket").fill_null(date.max)
        spans = states.with_columns(until=until)
        pairs = spans.select("bucket", "until").unique().join(days_frame(sorted(days)), how="cross")
        reach = pairs.filter(nw.col("day") >= nw.col("bucket"), nw.col("day") < nw.col("until"))
        return spans.join(reach, on=["bucket", "until"], how="inner").drop("bucket", "until")

    def last_state(self, rows: Frame, by: Sequence[str], columns: Sequence[str]) -> Frame:
        """On each day, the row about the latest happening among those known; late news of old facts changes nothing."""
        # Two rows of the same days are told apart by what they say: the order of the file must not matter.
        order = (*ORDER, *(column for column in columns if column not in by))
        seen = self.bucketed(rows)
        newest = nw.col("happened_on").cum_max().over(*by, order_by=order)
        seen = seen.with_columns(newest=newest).filter(nw.col("happened_on") >= nw.col("newest"))
        following = nw.col("bucket").shift(-1).over(*by, order_by=order)
        last = seen.with_columns(following=following).filter(
            nw.col("following").is_null() | (nw.col("following") != nw.col("bucket"))
        )
        return self.carried(last.select(*by, "bucket", *columns), by).select(*by, "day", *columns)

    @cached_property
    def on_roll(self) -> Frame:
        """One row per student and day: enrolled that day, in a school year that is in class that day."""
        columns = [c for c in self.table("enrolment").collect_schema().names() if c not in _BOOKKEEPING]
        state = self.last_state(self.table("enrolment"), ["student_id"], columns)
        enrolled = state.filter(nw.col("status") == "ENROLLED")
        grid = settled(self._in_class(enrolled.filter(nw.col("sector").fill_null("") != self._other_sector)))
        sizes = grid.group_by("institution_id", "day").agg(students_on_roll=nw.len())
        grid = grid.join(sizes, on=["institution_id", "day"], how="left")
        return settled(grid.with_columns(register_began=nw.lit(self._register_began, dtype=nw.Date)))

    @property
    def _other_sector(self) -> str:
        """Whose students a secretariat does not list: a child found in a private annex is followed by that school."""
        reports = self.records.table("report").filter(pl.col("source").is_in(ENROLMENT_REPORTS)).head(1).collect()
        return "PRIVATE" if reports.height else "NONE"

    @property
    def _register_began(self) -> date | None:
        """The first day of which the register knows anything: before a year has passed it has no yearly rates."""
        began: date | None = self.records.table("enrolment").select(pl.col("known_on").min()).collect().item()
        return began

    def _in_class(self, enrolled: Frame) -> Frame:
        calendar = nw.from_native(self.records.table("calendar"))
        span = ["school_year", "starts_on", "ends_on"]
        general = calendar.filter(nw.col("institution_id").is_null()).select(*span).unique(subset=["school_year"])
        own = calendar.filter(~nw.col("institution_id").is_null()).select("institution_id", *span)
        own = own.unique(subset=["institution_id", "school_year"])
        placed = enrolled.join(general, on="school_year", how="left").join(
            own, on=["institution_id", "school_year"], how="left", suffix="_own"
        )
        placed = placed.with_columns(
            starts_on=nw.coalesce("starts_on_own", "starts_on"), ends_on=nw.coalesce("ends_on_own", "ends_on")
        ).drop("starts_on_own", "ends_on_own")
        return placed.filter(nw.col("starts_on") <= nw.col("day"), nw.col("day") <= nw.col("ends_on"))


def settled(frame: Frame) -> Frame:
    """The frame worked out once and kept: what several readings build on is not worked out again for each."""
    return nw.from_native(frame.to_native().collect().lazy())


def oldest_year(records: Records, day: date) -> date:
    """The first day of the oldest school year in class on a day; in the holidays, the day itself."""
    years = records.table("calendar").filter(pl.col("starts_on") <= day, pl.col("ends_on") >= day)
    start: date | None = years.select(pl.col("starts_on").min()).collect().item()
    return start or day


_BOOKKEEPING = ("student_id", "happened_on", "known_on", "visible_on", "turn")


def days_frame(days: Sequence[date]) -> Frame:
    return nw.from_native(pl.LazyFrame({"day": list(days)}, schema={"day": pl.Date}))
