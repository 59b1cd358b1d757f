"""What being on the list changed: children just above the cut beside those just below, and those drawn in and out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from features import Records, outcomes
from features.labels import ABSENT_WEEKS
from models.effects import Effect, TooFewNearTheCut, at_the_cut, in_the_band
from models.fates import has_left, known_fate
from models.list_order import DRAWN_IN, DRAWN_OUT, first_of_each_draw
from serving.database import Database
from serving.faults import Missing
from serving.tables import pointers, publications, scores
from serving.tenancy import job

NEAR = 5  # times as many below the cut as there are on the list: the bandwidth never needs more
WAYS: Mapping[str, tuple[str, Callable[[pl.DataFrame], Effect]]] = {
    "at_the_cut": ("Cerca del cupo", at_the_cut),
    "by_lot": ("En la franja sorteada", in_the_band),
}


@dataclass(frozen=True)
class Answer:
    """An effect, or why there is none to tell."""

    way: str
    effect: Effect | None
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        return {"sentence": self.sentence, **(asdict(self.effect) if self.effect else {})}


def effects_of_contacts(records: Records, database: Database, first: date, last: date) -> dict[str, Answer]:
    """From the lists of those days whose outcomes are ripe; what is not ripe yet is left for a later reading."""
    with database.reading_as(job("effects")) as connection:
        stood = near_the_cut(connection, first, last)
    if stood.is_empty():
        raise Missing("No hay listas publicadas en esas fechas con el lugar de cada estudiante. Elija otras fechas.")
    drawn = pl.col("standing").is_in([DRAWN_IN, DRAWN_OUT])
    stood = pl.concat([stood.filter(~drawn), first_of_each_draw(stood.filter(drawn))])
    rows = stood.join(fates(records, stood), on=["student_id", "day"]).with_columns(
        left=has_left().cast(pl.Int8), cluster=pl.col("student_id")
    )
    compared = {
        "at_the_cut": rows.filter(~drawn, pl.col("above_cut").is_not_null()),
        "by_lot": rows.filter(drawn).with_columns(drawn_in=pl.col("standing") == DRAWN_IN),
    }
    return {way: answered(way, compared[way]) for way in WAYS}


def fates(records: Records, stood: pl.DataFrame) -> pl.DataFrame:
    """What became of the listed, as the model of each list counts it: within its weeks, away for as long as it asks."""
    asks = stood.select("day", "horizon_weeks", "absent_weeks").unique().sort("day")
    told = [
        outcomes(records, days["day"].to_list(), int(horizon), int(absent))
        for (horizon, absent), days in asks.group_by("horizon_weeks", "absent_weeks", maintain_order=True)
    ]
    return pl.concat(told).filter(pl.col("ripe"), known_fate()).select("student_id", "day", "outcome")


def answered(way: str, rows: pl.DataFrame) -> Answer:
    place, estimate = WAYS[way]
    try:
        effect = estimate(rows)
    except TooFewNearTheCut as few:
        return Answer(way, None, f"{place}: {few}")
    return Answer(way, effect, f"{place} ({effect.compared} estudiantes y semanas): {effect.sentence()}")


def near_the_cut(connection: Connection, first: date, last: date) -> pl.DataFrame:
    """One row per student and list in force: how it stood. Lists made before that was kept have none."""
    wanted = (
        select(
            scores.c.student_id,
            publications.c.day,
            scores.c.standing,
            scores.c.above_cut,
            publications.c.horizon_weeks,
        )
        .join_from(scores, publications, publications.c.id == scores.c.publication_id)
        .join(pointers, pointers.c.publication_id == publications.c.id)
        .where(publications.c.day.between(first, last), scores.c.standing.is_not(None))
        .where(scores.c.place <= (NEAR + 1) * publications.c.capacity)
    )
    schema = {
        "student_id": pl.String,
        "day": pl.Date,
        "standing": pl.String,
        "above_cut": pl.Float64,
        "horizon_weeks": pl.Int64,
    }
    rows = connection.execute(wanted).all()
    stood = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    return stood.join(weeks_away(connection, first, last), on="day", maintain_order="left")


def weeks_away(connection: Connection, first: date, last: date) -> pl.DataFrame:
    """`day, absent_weeks`: for how long a child must be away, to the model of each list in force, to have left."""
    in_force = select(publications.c.day, publications.c.body).join(
        pointers, pointers.c.publication_id == publications.c.id
    )
    found = connection.execute(in_force.where(publications.c.day.between(first, last)))
    told = [(row.day, json.loads(row.body).get("absent_weeks", ABSENT_WEEKS)) for row in found]
    return pl.DataFrame(told, schema={"day": pl.Date, "absent_weeks": pl.Int64}, orient="row")
