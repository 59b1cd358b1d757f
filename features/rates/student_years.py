"""How each school year ended for each student: passed, failed, dropped out, moved, or nobody can say."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import narwhals as nw
import polars as pl

from features.labels import ABSENT_WEEKS, Outcome, with_outcome
from features.rates.school_years import YearSpan, calendar_of, school_years
from features.records import Records
from features.spells import spells

Sectors = tuple[str, ...] | None
OFFICIAL: Sectors = ("OFFICIAL",)

AGES = (3, 40)
"""An age outside these is an error of the register, and is not used."""


class Ending(StrEnum):
    """How a school year ended for a student, each counted once, where they were last."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"
    ENROLLED = "ENROLLED"
    """Still on roll, or on roll at the close with nothing said of the result."""
    MOVED = "MOVED"
    UNKNOWN_DESTINATION = "UNKNOWN_DESTINATION"
    DEAD = "DEAD"
    NOT_A_STUDENT = "NOT_A_STUDENT"
    """Cancelled, counted twice, non-existent, or gone before the first class."""


@dataclass(frozen=True)
class Enrolments:
    """Every enrolment known by a day, each child once, read once for all that is counted from it."""

    records: Records
    cutoff: date
    rows: pl.DataFrame
    _told: dict[tuple[int, Sectors], pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def known_by(cls, records: Records, day: date | None = None) -> "Enrolments":
        """What was known by a day; by default, all that is."""
        cutoff = day or records.last_known_on() or date.max
        known = records.known_by(cutoff)
        rows = spells(known).to_native().with_columns(pl.col("student_id").cast(pl.String)).collect()
        alone = rows.filter(~pl.col("student_id").is_in(_superseded(known).implode()))
        return cls(known, cutoff, _dated(alone, known).sort("student_id", "run"))

    def student_years(self, absent_weeks: int = ABSENT_WEEKS, sectors: Sectors = OFFICIAL) -> pl.DataFrame:
        """One row per student and school year of enrolment in the given sectors; an unstated sector counts as given.

        A child of several schools counts once a year, in the last of them.
        """
        asked = (absent_weeks, sectors)
        if asked not in self._told:
            self._told[asked] = self._ended(absent_weeks, sectors)
        return self._told[asked]

    def _ended(self, absent_weeks: int, sectors: Sectors) -> pl.DataFrame:
        inside = pl.lit(True) if sectors is None else pl.col("sector").is_null() | pl.col("sector").is_in(sectors)
        rows = with_outcome(nw.from_native(self.rows.lazy()), absent_weeks).to_native().collect()
        rows = rows.filter(inside).with_columns(in_year=_in_year())
        years = rows.group_by("student_id", "school_year", maintain_order=True).agg(*_gathered())
        return _completed(years.with_columns(ending=_ending()), self.rows, self.records)


def _superseded(records: Records) -> pl.Series:
    """Pseudonyms whose past a cross-match has copied under another: to count both would count the child twice."""
    if not records.has("link"):
        return pl.Series(dtype=pl.String)
    from features.linkage import standing

    return standing(records)["student_id"]


def _dated(rows: pl.DataFrame, records: Records) -> pl.DataFrame:
    """With the first class and the close of each row's school year."""
    dates = calendar_of(records).collect()
    general = dates.filter(pl.col("institution_id").is_null()).drop("institution_id")
    own = dates.filter(pl.col("institution_id").is_not_null())
    rows = rows.join(general, on="school_year", how="left")
    rows = rows.join(own, on=["school_year", "institution_id"], how="left", suffix="_own")
    return rows.with_columns(pl.coalesce(f"{c}_own", c).alias(c) for c in ("starts_on", "closes_on")).drop(
        "starts_on_own", "closes_on_own"
    )


def _in_year() -> pl.Expr:
    """The stop belongs to the year: after its first class and before it closed. Without a calendar, any stop does."""
    after = pl.col("left_on") >= pl.col("starts_on").fill_null(date.min)
    return (after & (pl.col("left_on") <= pl.col("closes_on").fill_null(date.max))).fill_null(False)


def _gathered() -> list[pl.Expr]:
    left = (pl.col("outcome") == Outcome.LEFT.value).fill_null(False) & pl.col("in_year")
    last = ("institution_id", "grade", "zone", "starts_on", "left_on", "outcome", "in_year", "back_year")
    ends = ("completed_on", "ended_on", "promoted_on", "failed_on", "graduated", "dead", "relocated")
    return [
        *(pl.col(name).last() for name in (*last, *ends)),
        left.any().alias("dropped"),
        (left & (pl.col("stated") > 0).fill_null(False)).any().alias("stated"),
        pl.col("repeating").max(),
    ]


def _ending() -> pl.Expr:
    first_said = (pl.col("completed_on") <= pl.col("ended_on").fill_null(date.max)).fill_null(False)
    failed = pl.col("promoted_on").is_null() | (pl.col("failed_on") > pl.col("promoted_on"))
    early = (pl.col("left_on") < pl.col("starts_on")).fill_null(False)
    moved = (pl.col("outcome") == Outcome.MOVED.value) | (pl.col("back_year") == pl.col("school_year"))
    rules = [
        (pl.col("graduated") > 0, Ending.PASSED),
        (first_said & failed.fill_null(False), Ending.FAILED),
        (first_said, Ending.PASSED),
        (early, Ending.NOT_A_STUDENT),
        (~pl.col("in_year"), Ending.ENROLLED),
        (moved, Ending.MOVED),
        (pl.col("outcome") == Outcome.LEFT.value, Ending.DROPPED),
        (pl.col("dead") > 0, Ending.DEAD),
        (pl.col("relocated") > 0, Ending.UNKNOWN_DESTINATION),
        (pl.col("outcome") == Outcome.UNKNOWN.value, Ending.NOT_A_STUDENT),
    ]
    answer = pl.lit(Ending.ENROLLED.value)
    for condition, ending in reversed(rules):
        answer = pl.when(condition.fill_null(False)).then(pl.lit(ending.value)).otherwise(answer)
    return answer


def _completed(years: pl.DataFrame, rows: pl.DataFrame, records: Records) -> pl.DataFrame:
    """With what other tables and other years say: comuna, age, the register of dropouts, the year before and after."""
    spans = school_years(records)
    years = years.join(_comunas(records), on="institution_id", how="left")
    years = years.join(_births(records), on="student_id", how="left").with_columns(age=_age()).drop("birth_date")
    years = years.join(_registered(records), on=["student_id", "school_year"], how="left")
    years = years.join(_came(rows, spans), on=["student_id", "school_year"], how="left")
    years = years.join(_before(years, spans), on=["student_id", "school_year"], how="left")
    repeats = pl.coalesce(pl.col("grade") == pl.col("grade_before"), pl.col("repeating"))
    flags = {name: pl.col(name).fill_null(False) for name in ("registered", "came")}
    return years.with_columns(repeats=repeats, **flags).select(COLUMNS)


COLUMNS = (
    *("student_id", "school_year", "institution_id", "comuna", "zone", "grade", "age"),
    *("ending", "outcome", "graduated", "dropped", "stated", "registered", "repeats", "came"),
)


def _age() -> pl.Expr:
    """On 31 March of the year in which the school year begins; unknown where it cannot be true."""
    born = pl.col("birth_date")
    age = pl.col("starts_on").dt.year() - born.dt.year() - (born.dt.month() > 3).cast(pl.Int32)
    return pl.when(age.is_between(*AGES)).then(age)


def _comunas(records: Records) -> pl.DataFrame:
    told = records.table("institution").filter(pl.col("comuna").is_not_null()).sort("happened_on", "known_on", "comuna")
    return told.unique("institution_id", keep="last").select("institution_id", "comuna").collect()


def _births(records: Records) -> pl.DataFrame:
    told = records.table("person").filter(pl.col("birth_date").is_not_null())
    told = told.sort("happened_on", "known_on", "birth_date").unique("student_id", keep="last")
    return told.select("student_id", "birth_date").collect()


def _registered(records: Records) -> pl.DataFrame:
    told = records.table("registered_dropout").select("student_id", "school_year", registered=pl.lit(True))
    return told.unique().collect()


def _came(rows: pl.DataFrame, spans: dict[str, YearSpan]) -> pl.DataFrame:
    """Who was enrolled anywhere, official or not, by the cut of the year that followed.

    Places are renewed before a year begins: who was struck off again before its first class has not come.
    """
    pairs = [(s.name, s.following.name, s.following.cut_on) for s in spans.values() if s.following]
    nexts = pl.DataFrame(pairs, schema={"school_year": pl.String, "next": pl.String, "cut_on": pl.Date}, orient="row")
    there = rows.filter(~_struck_off_before_class())
    there = there.select("student_id", "enrolled_on", next="school_year").join(nexts, on="next")
    in_time = there.filter(pl.col("enrolled_on") <= pl.col("cut_on"))
    return in_time.select("student_id", "school_year", came=True).unique()


def _struck_off_before_class() -> pl.Expr:
    """Neither moved, nor dead, nor a second record of somebody who is there."""
    elsewhere = pl.max_horizontal("transferred", "relocated", "set_aside", "cancelled") > 0
    gone = (pl.col("left_on") < pl.col("starts_on")) & (pl.col("withdrawn") > 0) & ~elsewhere
    return gone.fill_null(False)


def _before(years: pl.DataFrame, spans: dict[str, YearSpan]) -> pl.DataFrame:
    """The grade of the year before, told beside the year that followed it."""
    after = {s.name: s.following.name for s in spans.values() if s.following}
    following = pl.col("school_year").replace_strict(after, default=None, return_dtype=pl.String)
    return years.select("student_id", grade_before="grade", school_year=following).drop_nulls("school_year")
