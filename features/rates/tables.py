"""The rates of a school year for the whole secretariat and for each institution, grade, zone and comuna."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from features.frame import report_days
from features.labels import ABSENT_WEEKS
from features.rates.indicators import INDICATORS, NESTED, PARTITIONS, WITHIN, Indicator, Measure
from features.rates.school_years import YearSpan, school_years
from features.rates.student_years import OFFICIAL, Enrolments, Sectors

LEVELS = ("institution", "grade", "zone", "comuna")
TOTAL = "total"
NO_GROUP = "sin dato"
_COLUMN = {"institution": "institution_id"}


class NoSuchYear(ValueError):  # noqa: N818 - says what is wrong
    """The records hold nobody enrolled in that school year."""


@dataclass(frozen=True)
class YearRates:
    """One row per group and rate, small counts included; the rest is what a reader could work out between them.

    ``inside`` says which comuna and zone each school is in, ``partitions`` which rates make up a whole, ``nested``
    which two count almost the same children, and ``within`` which counts are part of which.
    """

    year: str
    cutoff: date
    table: pl.DataFrame
    inside: pl.DataFrame
    partitions: Sequence[tuple[Measure, tuple[Measure, ...]]] = PARTITIONS
    nested: Sequence[tuple[Measure, Measure]] = NESTED
    within: Sequence[tuple[Measure, tuple[Measure, ...]]] = WITHIN


def year_rates(
    known: Enrolments, year: str, absent_weeks: int = ABSENT_WEEKS, sectors: Sectors = OFFICIAL
) -> YearRates:
    """Every rate of a year at every level."""
    told = standing_of(known, year, absent_weeks)
    present = known.student_years(absent_weeks, sectors).filter(pl.col("school_year") == year)
    if present.is_empty():
        raise NoSuchYear(f"Al corte del {known.cutoff} no hay matrícula del año {year} en el sector pedido.")
    status: dict[Measure, str] = {(one.name, one.definition): told.status(one, present) for one in INDICATORS}
    return YearRates(year, known.cutoff, with_status(counted(present, INDICATORS), status), inside(present))


@dataclass(frozen=True)
class Standing:
    """How far a year has been told by a day: what is final, what may still change, what cannot be said yet."""

    span: YearSpan
    cutoff: date
    reports: Sequence[date]
    absent_weeks: int

    @property
    def is_closed(self) -> bool:
        """Nothing that is still to come can change how the year ended."""
        closed = self.cutoff >= self.span.settled_after(self.absent_weeks)
        return closed and self._reported_since(self.span.ends_on)

    def status(self, one: Indicator, years: pl.DataFrame) -> str:
        if not self._told(one, years):
            return "unavailable"
        return "final" if self._settled(one) else "provisional"

    def _told(self, one: Indicator, years: pl.DataFrame) -> bool:
        following = self.span.following
        if one.waits == "next_cut":
            return following is not None and self.cutoff >= following.settled_on
        if one.waits == "result":
            return self.cutoff >= self.span.ends_on and years["ending"].is_in(["PASSED", "FAILED"]).any()
        needed = {"repetition": "repeats", "over_age": "age", "over_age_3": "age"}.get(one.name)
        if one.definition == "REGISTERED":
            return bool(years["registered"].any())
        return needed is None or years[needed].is_not_null().any()

    def _settled(self, one: Indicator) -> bool:
        following = self.span.following
        if one.waits == "next_cut" and following is not None:
            return self.cutoff >= following.cut_on and self._reported_since(following.settled_on)
        return self.is_closed

    def _reported_since(self, day: date) -> bool:
        """A register without reports (the open format) is told of by its rows alone."""
        return not self.reports or self.reports[-1] >= day


def standing_of(known: Enrolments, year: str, absent_weeks: int) -> Standing:
    spans = school_years(known.records)
    if year not in spans:
        raise NoSuchYear(f"No hay matrícula del año {year}. Hay registros de: {', '.join(spans) or 'ningún año'}.")
    return Standing(spans[year], known.cutoff, report_days(known.records), absent_weeks)


def counted(years: pl.DataFrame, indicators: Sequence[Indicator]) -> pl.DataFrame:
    """``by, group, indicator, definition, base, numerator, denominator``, the whole first and then every level."""
    wholes = [_counts(years, TOTAL, pl.lit(""), indicators)]
    levels = [_counts(years, by, pl.col(_COLUMN.get(by, by)).cast(pl.String), indicators) for by in LEVELS]
    return pl.concat(wholes + [level.filter(pl.col("denominator") > 0) for level in levels])


def _counts(years: pl.DataFrame, by: str, group: pl.Expr, indicators: Sequence[Indicator]) -> pl.DataFrame:
    measures = [pl.struct(
        indicator=pl.lit(one.name), definition=pl.lit(one.definition), base=pl.lit(one.base.name),
        numerator=(one.base.holds & one.counts).fill_null(False).sum().cast(pl.Int64),
        denominator=one.base.holds.fill_null(False).sum().cast(pl.Int64),
    ).alias(f"m{n}") for n, one in enumerate(indicators)]  # fmt: skip
    found = years.group_by(group.fill_null(NO_GROUP).alias("group")).agg(measures).sort("group")
    rows = [found.select(pl.lit(by).alias("by"), "group", pl.col(f"m{n}").alias("m")) for n in range(len(indicators))]
    return pl.concat(rows).unnest("m") if rows else found


def with_status(table: pl.DataFrame, status: dict[Measure, str]) -> pl.DataFrame:
    """Figures that cannot be said yet lose their numerator: a nought would look like good news."""
    told = pl.DataFrame(
        [(*key, value) for key, value in status.items()], schema=["indicator", "definition", "status"], orient="row"
    )
    rows = table.join(told, on=["indicator", "definition"], how="left", maintain_order="left")
    return rows.with_columns(numerator=pl.when(pl.col("status") != "unavailable").then("numerator"))


def inside(years: pl.DataFrame) -> pl.DataFrame:
    """``institution, comuna, zone``; the zone is empty where a zone holds only part of some school."""
    pairs = years.select(
        pl.col("institution_id").alias("institution"),
        *(pl.col(c).fill_null(NO_GROUP).alias(c) for c in ("comuna", "zone")),
    ).unique()
    split = pairs.filter(pl.col("institution").is_duplicated())["zone"]
    whole = pl.when(~pl.col("zone").is_in(split.implode())).then("zone")
    return pairs.with_columns(zone=whole).unique(["institution", "comuna"]).sort("institution")
