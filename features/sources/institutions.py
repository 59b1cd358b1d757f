"""What an export tells of the schools themselves: name, place and calendar."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.calendar import CalendarName
from features.schema import CALENDAR, INSTITUTION_TABLE
from features.sources import meanings
from features.sources.profile import NATIONAL, Profile

TOLD = ("name", "municipality", "comuna", "zone", "sector")


def institution_rows(rows: pl.DataFrame, before: pl.DataFrame, known_on: date) -> pl.DataFrame:
    """One row per school that is new or of which something changed. `before` has the last row of each."""
    now = _told(rows)
    both = now.join(before.select("institution_id", *TOLD), on="institution_id", how="left", suffix="_was")
    settled = both.with_columns(pl.coalesce(name, f"{name}_was").alias(name) for name in TOLD)
    changed = settled.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in TOLD))
    dated = changed.with_columns(happened_on=pl.lit(known_on), known_on=pl.lit(known_on))
    missing = [pl.lit(None, INSTITUTION_TABLE[name].dtype).alias(name) for name in ("latitude", "longitude")]
    return dated.with_columns(missing).select(INSTITUTION_TABLE.names).sort("institution_id")


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """What most rows of a school say; its zone and municipality are in its own code."""
    name = pl.col("name").str.replace_all(r"\s+", " ").str.strip_chars()
    per_school = rows.group_by("institution_id").agg(
        name=_most_said(name), comuna=_most_said(pl.col("comuna")), sector=_most_said(pl.col("sector"))
    )
    codes = per_school["institution_id"].to_list()
    return per_school.with_columns(
        municipality=pl.Series([meanings.municipality_of_dane(code) for code in codes], dtype=pl.String),
        zone=pl.Series([meanings.zone_of_dane(code) for code in codes], dtype=pl.String),
    )


def _most_said(text: pl.Expr) -> pl.Expr:
    return text.drop_nulls().mode().sort().first()


def calendar_rows(
    rows: pl.DataFrame, before: set[tuple[str, str | None]], known_on: date, profile: Profile = NATIONAL
) -> pl.DataFrame:
    """The school years that are new: the secretariat's calendar for all, the other one for the schools that keep it."""
    years = rows["school_year"].unique().sort().to_list()
    other: CalendarName = "B" if profile.calendar == "A" else "A"
    apart = rows.filter(calendar=other).select("school_year", "institution_id").unique().sort(pl.all()).rows()
    wanted = [
        *((year, None, profile.school_year(year)) for year in years),
        *((year, institution, profile.school_year(year, other)) for year, institution in apart),
    ]
    new = [
        {"school_year": year, "institution_id": institution, "starts_on": starts_on, "ends_on": ends_on}
        for year, institution, (starts_on, ends_on) in wanted
        if (year, institution) not in before
    ]
    dated = [{**row, "happened_on": known_on, "known_on": known_on} for row in new]
    return pl.DataFrame(dated, schema=CALENDAR.dtypes)
