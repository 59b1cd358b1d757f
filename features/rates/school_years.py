"""The school years of the records: when each begins, closes and hands over to the next."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from features.labels import CLOSING_DAYS
from features.records import Records

SETTLING_WEEKS = 4
"""How long into the next year a child who has not come may still be late."""

CUT_WEEKS = 10
"""The cut of a year that does not begin in January: about as far in as 31 March is in calendar A."""


@dataclass(frozen=True)
class YearSpan:
    """One school year of the secretariat, and the one that follows it where it is known."""

    name: str
    starts_on: date
    ends_on: date
    following: "YearSpan | None" = None

    @property
    def closes_on(self) -> date:
        """The last day of which news still belongs to the year: the closing export comes after the last class."""
        return self.ends_on + timedelta(days=CLOSING_DAYS)

    def settled_after(self, absent_weeks: int) -> date:
        """From when on nobody can still come back in time not to have left."""
        return self.closes_on + timedelta(weeks=absent_weeks)

    @property
    def cut_on(self) -> date:
        """31 March, the cut of the official base; in calendar B, as many weeks into the year."""
        march = date(self.starts_on.year, 3, 31)
        return march if self.starts_on <= march else self.starts_on + timedelta(weeks=CUT_WEEKS)

    @property
    def settled_on(self) -> date:
        return self.starts_on + timedelta(weeks=SETTLING_WEEKS)


def school_years(records: Records) -> dict[str, YearSpan]:
    """Every year of the calendar by name, oldest first."""
    spans = records.table("calendar").group_by("school_year").agg(pl.col("starts_on").min(), pl.col("ends_on").max())
    years: dict[str, YearSpan] = {}
    following: YearSpan | None = None
    for name, starts_on, ends_on in spans.sort("starts_on", "school_year", descending=True).collect().iter_rows():
        following = years[name] = YearSpan(name, starts_on, ends_on, following)
    return dict(reversed(years.items()))


def calendar_of(records: Records) -> pl.LazyFrame:
    """``school_year, institution_id, starts_on, closes_on``: an institution's own dates, or the general ones (null)."""
    closes_on = pl.col("ends_on") + pl.duration(days=CLOSING_DAYS)
    rows = records.table("calendar").sort("known_on").unique(["school_year", "institution_id"], keep="last")
    return rows.select("school_year", "institution_id", "starts_on", closes_on=closes_on)
