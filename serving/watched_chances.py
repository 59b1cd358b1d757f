"""Takes the past lists whose outcomes are known, and asks whether their chances came true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from features import outcomes
from features.calendar import WEEK
from models.fates import has_left, known_fate
from models.monitoring.ripe_scores import CameTrue, came_true
from models.planning import reported, ripe_by
from models.recipe import Recipe
from serving.watched_lists import Watch, listed_names, published

LISTS_JUDGED = 8


@dataclass(frozen=True)
class Truth:
    """The last ripe lists of one model, whether their chances came true, and the share of fates that nobody knows.

    `told_before`: the same lists were judged a week ago, and whatever is wrong with them was an alarm then.
    """

    lists: tuple[date, ...]
    parts: tuple[CameTrue, ...]
    unknown: float | None
    told_before: bool

    @property
    def news(self) -> tuple[CameTrue, ...]:
        return () if self.told_before else self.parts


def truth_of(here: Watch) -> Truth:
    """NOTE: who was on the list is left out: a contact may be why the child is still there. Not who was contacted: a
    child that had left could no longer be met, so those who stayed would be left out more often than those who did not.
    """
    asked = Recipe(horizon_weeks=here.model.horizon_weeks, absent_weeks=here.model.absent_weeks)
    lists = ripe_lists(here, asked, here.day)
    if lists.is_empty():
        return Truth((), (), None, False)
    judged = tuple(lists["day"])
    told = outcomes(here.records, judged, asked.horizon_weeks, asked.absent_weeks).filter(pl.col("ripe"))
    known = told.filter(known_fate()).select("student_id", "day", left=has_left().cast(pl.Int8))
    rows = published(here, lists).join(known, on=["student_id", "day"])
    unknown = 1 - known.height / told.height if told.height else None
    true = came_true(rows.join(listed_names(here), on=["student_id", "day"], how="anti"))
    return Truth(judged, tuple(true), unknown, judged == tuple(ripe_lists(here, asked, here.day - WEEK)["day"]))


def ripe_lists(here: Watch, asked: Recipe, day: date) -> pl.DataFrame:
    """The last lists of one model whose outcomes could all be known on a day."""
    records = here.records if day == here.day else here.records.known_by(day)
    before = here.lists.filter(pl.col("day") <= day)
    ripe = reported(records, ripe_by(records, before["day"].to_list(), asked, day), asked)
    found = before.filter(pl.col("day").is_in(ripe))
    return found.filter(pl.col("model") == pl.col("model").last()).tail(LISTS_JUDGED)
