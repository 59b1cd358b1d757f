"""How often the weekly watch gives a false alarm in ten years, and how often it sees a shift of half a deviation.

Made-up cities whose every year is exported every week, in which no school ever falls silent and as many leave, fail and
repeat each year as were published of one: whatever is raised in them is false. Each Sunday is watched as it would have
been, with the lists of a model taught on the first years.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from features import CATALOGUE, Archive, Records, build_frame, days_to_score, outcomes
from features.calendar import WEEK, SchoolYear
from features.engines import Polars
from features.labels import exits
from features.simulation import ASSUMPTIONS, figures, secretariat, simulate
from features.simulation.folders import Folder, folders_of
from features.sources import ingest
from models.fates import LEFT, has_left, known_fate
from models.list_order import ON_THE_LIST, OrderRules, to_do
from models.monitoring.alarm import Alarm
from models.monitoring.drift import SCORE, Drift, drift, drift_alarms, slow
from models.monitoring.freshness import freshness, stale_alarms
from models.monitoring.label_delays import delays, label_alarms
from models.monitoring.list_changes import churn, churn_alarms
from models.monitoring.ripe_scores import CameTrue, calibration_alarms, came_true
from models.monitoring.seasons import Season, Span, same_season
from models.planning import ripe_by, year_spans
from models.recipe import Recipe, read_recipe
from models.risk_model import RiskModel
from models.training import train

FAST = Path(__file__).parent.parent / "recipes" / "fast.toml"
NOBODY_SILENT = replace(ASSUMPTIONS, attendance_gap=0.0, attendance_never=0.0)
KEY = b"\x07" * 32
JUDGED, RECENT_LISTS, SEATS_PER = 8, 40, 0.001875
HALF = 0.5
SAME_FOR_ALL = 1e-6
SLOW = slow(CATALOGUE)
AS_PUBLISHED = 2022


@contextmanager
def exported_every(weeks: int) -> Iterator[None]:
    """The made-up secretariat exports every so many Fridays of every year, not of the last alone."""

    def folders(year: SchoolYear, last: bool, only: int | None = None) -> list[Folder]:
        told = [replace(one, number=n) for n, one in enumerate(folders_of(year, True, only)[::weeks])]
        return told if last else [*told, replace(folders_of(year, False)[-1], number=len(told))]

    secretariat.folders_of = folders  # type: ignore[attr-defined]
    try:
        yield
    finally:
        secretariat.folders_of = folders_of  # type: ignore[attr-defined]


@contextmanager
def every_year_like(one: int) -> Iterator[None]:
    """NOTE: the figures of 2022 are nearly twice those of 2019; a watch that said nothing of that would be no watch."""
    published = figures.rates
    figures.rates = lambda table, municipality, _: published(table, municipality, one)
    try:
        yield
    finally:
        figures.rates = published


def made_up(folder: Path, students: int, years: Sequence[int], seed: int, every: int = 1) -> Records:
    """An archive of such a city."""
    with exported_every(every), every_year_like(AS_PUBLISHED):
        simulate(folder / "exports", students, years, seed, assumptions=NOBODY_SILENT)
    ingest(
        folder / "exports", Archive(folder / "archive"), folder / "apart", KEY, lambda _: None, date(years[-1], 12, 31)
    )
    return Records.open(folder / "archive")


@dataclass(frozen=True)
class City:
    """The frames of all its Sundays, by day, with what is watched in them."""

    by_day: Mapping[date, pl.DataFrame]
    years: Sequence[Span]
    names: Sequence[str]

    @cached_property
    def days(self) -> list[date]:
        return sorted(self.by_day)

    def season(self, day: date) -> Season:
        return same_season(day, [one for one in self.days if one <= day], self.years)

    def drift(self, day: date, names: Sequence[str] | None = None, today: pl.DataFrame | None = None) -> list[Drift]:
        """`today`: the day's frame if it is another than it was."""
        season = self.season(day)
        before = [self.by_day[one] for one in season.days if one != day]
        now = self.by_day[day] if today is None else today
        return drift(pl.concat([*before, now]), season, names or self.names, slow=SLOW)

    def shifted(self, day: date, name: str, by: float) -> pl.DataFrame:
        """The day's frame with a variable moved by so many deviations among its children; of a flag, as many turned."""
        now = self.by_day[day]
        moved, flag = by * self.spread(day, name), set(now[name].drop_nulls().unique()) <= {0.0, 1.0}
        return now.with_columns(turned(now[name], moved) if flag else now[name] + moved)

    def spread(self, day: date, name: str) -> float:
        """Among the children of one day. What all of them share, as the weeks since the last marks, has none."""
        return float(self.by_day[day][name].std() or 0.0)  # type: ignore[arg-type]


def turned(flag: pl.Series, moved: float) -> pl.Series:
    """So many more of the children have it, or fewer where no more can: the first, who are no other than the rest."""
    rows, known = len(flag), flag.drop_nulls()
    up = float(known.mean() or 0.0) + abs(moved) <= 1  # type: ignore[arg-type]
    left = round(abs(moved) * len(known))
    others = flag.to_numpy() == (0.0 if up else 1.0)
    chosen = others & (np.cumsum(others) <= left)
    return pl.Series(flag.name, np.where(chosen, float(up), flag.to_numpy()), nan_to_null=True).head(rows)


def caught(city: City, days: Sequence[date], names: Sequence[str], times: int, seed: int = 1) -> list[tuple[bool, str]]:
    """Whether each of so many shifts of half a deviation, up or down, of a variable on a day, raises an alarm then."""
    rng, told = np.random.default_rng(seed), []
    while len(told) < times:
        day, name, by = days[rng.integers(len(days))], names[rng.integers(len(names))], HALF * rng.choice([-1, 1])
        if city.spread(day, name) > SAME_FOR_ALL:
            told.append((city.drift(day, [name], city.shifted(day, name, by))[0].moved, f"{name} {day} {by:+}"))
    return told


@dataclass(frozen=True)
class Watch:
    """A city with a model in use: what it said each Sunday, what became of whom, and when files came."""

    city: City
    records: Records
    recipe: Recipe
    told: pl.DataFrame
    lists: pl.DataFrame
    left: pl.DataFrame
    came: Mapping[str, Sequence[date]]

    def alarms(self, day: date) -> list[Alarm]:
        """All that are raised on a day, as of that day."""
        listed = self.lists.filter(pl.col("day") <= day)
        recent = listed.filter(pl.col("day").is_in(listed["day"].unique().sort().tail(RECENT_LISTS).implode()))
        heard = self.left.filter(pl.col("first_known_on") <= day)
        files = [freshness(name, days, day, self.city.years) for name, days in self.came.items() if min(days) <= day]
        return [
            *drift_alarms(self.city.drift(day), {}),
            *calibration_alarms(self.newly_true(day)),
            *churn_alarms(churn(recent)),
            *label_alarms(delays(heard, day, self.recipe.absent_weeks)),
            *stale_alarms(files),
        ]

    def newly_true(self, day: date) -> list[CameTrue]:
        """Nothing where the same lists were judged a week ago."""
        lists = self.ripe(day)
        before = self.ripe(day - WEEK)["day"]
        return [] if set(lists["day"]) == set(before) else came_true(lists)

    def ripe(self, day: date) -> pl.DataFrame:
        days = ripe_by(self.records, self.told["day"].unique().sort().to_list(), self.recipe, day)[-JUDGED:]
        return self.told.filter(pl.col("day").is_in(days))


def watched(folder: Path, students: int, years: Sequence[int], seed: int, taught: int) -> tuple[Watch, list[date]]:
    """A city, and the Sundays on which it is watched: those after the years that taught and judged the model."""
    records = made_up(folder, students, years, seed)
    recipe = read_recipe(FAST)
    model = train(records, recipe, until=date(years[taught], 1, 15)).model
    days = days_to_score(records)
    frame = build_frame(records, days)
    scored = frame.hstack([pl.Series(SCORE, model.raw_score(model.inputs(frame)), dtype=pl.Float64)])
    later = [day for day in days if day.year >= years[taught]]
    chances = model.predict(frame.filter(pl.col("day").is_in(later)))
    names = [SCORE, *weightiest(model, frame)]
    kept = scored.select("student_id", "institution_id", "day", *names)
    by_day = {day: rows for (day,), rows in kept.partition_by("day", as_dict=True).items()}
    city = City(by_day, year_spans(records), names)  # type: ignore[arg-type]
    return Watch(
        city,
        records,
        recipe,
        with_truth(records, chances, later, recipe),
        lists_of(chances, students),
        departed(records),
        arrivals(records),
    ), later


def weightiest(model: RiskModel, frame: pl.DataFrame, most: int = 20) -> list[str]:
    weights = np.abs(model.contributions(frame.gather_every(max(1, frame.height // 4000)))[:, :-1]).mean(axis=0)
    return [model.features[place] for place in np.argsort(-weights)[:most]]


def with_truth(records: Records, chances: pl.DataFrame, days: Sequence[date], recipe: Recipe) -> pl.DataFrame:
    fates = outcomes(records, days, recipe.horizon_weeks, recipe.absent_weeks).filter(pl.col("ripe"), known_fate())
    left = fates.select("student_id", "day", left=has_left().cast(pl.Int8))
    return chances.join(left, on=["student_id", "day"])


def lists_of(chances: pl.DataFrame, students: int) -> pl.DataFrame:
    """Each week's list as it is published: damped, under one model."""
    seats, previous, told = max(10, round(SEATS_PER * students)), [], []
    for (day,), rows in chances.sort("day").partition_by("day", as_dict=True, maintain_order=True).items():
        ordered = rows.sort(["score", "raw_score", "student_id"], descending=[True, True, False])
        placed = to_do(ordered.select("student_id", "score"), day, seats, OrderRules(margin=0.8), previous)  # type: ignore[arg-type]
        previous = placed.filter(pl.col("standing").is_in(list(ON_THE_LIST)))["student_id"].to_list()
        told.append(pl.DataFrame({"student_id": previous}).with_columns(day=pl.lit(day), model=pl.lit("1")))
    return pl.concat(told)


def departed(records: Records) -> pl.DataFrame:
    return Polars().collected(exits(records)).filter(pl.col("outcome") == LEFT)


def arrivals(records: Records) -> dict[str, list[date]]:
    rows = records.table("report").group_by("source").agg(pl.col("known_on").unique()).collect()
    return dict(rows.iter_rows())


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--students", type=int, default=6_000)
    asked.add_argument("--weeks", type=int, default=520)
    asked.add_argument("--shifts", type=int, default=100)
    asked.add_argument("--years", type=int, nargs=2, default=(2017, 2024))
    asked.add_argument("--taught", type=int, default=3, help="so many first years teach and judge the model")
    given = asked.parse_args(arguments)
    years = list(range(given.years[0], given.years[1] + 1))

    weeks, alarmed, kinds, seen = 0, 0, Counter[str](), []
    for seed in range(1, 100):
        if weeks >= given.weeks:
            break
        with tempfile.TemporaryDirectory() as scratch:
            watch, days = watched(Path(scratch), given.students, years, seed, given.taught)
            days = days[: given.weeks - weeks]
            for day in days:
                raised = watch.alarms(day)
                weeks, alarmed = weeks + 1, alarmed + bool(raised)
                kinds.update({f"{one.kind} {one.what}" for one in raised})
                for one in raised:
                    print(f"  city {seed}, {day}: {one.sentence}", flush=True)
            numbers = [n for n in watch.city.names if watch.city.by_day[days[0]][n].dtype != pl.String and n != SCORE]
            seen += caught(watch.city, days, numbers, given.shifts, seed)
        hits = sum(hit for hit, _ in seen)
        print(f"city {seed}: {alarmed} of {weeks} weeks alarmed; {hits} of {len(seen)} shifts seen", flush=True)
    print(f"\nFalse: {alarmed} of {weeks} weeks; by kind {dict(kinds)}.")
    print(f"Seen on the day: {sum(hit for hit, _ in seen)} of {len(seen)} shifts of half a deviation of one variable.")
    print("Missed:", *(name for hit, name in seen if not hit), sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
