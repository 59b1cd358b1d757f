"""What being on the list changed: children just above the cut beside those just below, and those drawn in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from features import Records, outcomes
from models.effects import Effect, TooFewNearTheCut, at_the_cut, in_the_band
from models.list_order import DRAWN_IN, DRAWN_OUT, first_of_each_draw
from serving.database import Database
from serving.faults import Missing
from serving.tables import pointers, publications, scores

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
    with database.reading() as connection:
        stood = near_the_cut(connection, first, last)
    if stood.is_empty():
        raise Missing("No hay listas publicadas en esas fechas con el lugar de cada estudiante. Elija otras fechas.")
    weeks = int(stood["horizon_weeks"][0])
    drawn = pl.col("standing").is_in([DRAWN_IN, DRAWN_OUT])
    stood = pl.concat([stood.filter(~drawn), first_of_each_draw(stood.filter(drawn))])
    told = outcomes(records, stood["day"].unique().to_list(), weeks)
    known = told.filter(pl.col("ripe"), pl.col("outcome") != "UNKNOWN").select("student_id", "day", "outcome")
    rows = stood.join(known, on=["student_id", "day"]).with_columns(
        left=(pl.col("outcome") == "LEFT").cast(pl.Int8), cluster=pl.col("student_id")
    )
    compared = {
        "at_the_cut": rows.filter(~drawn, pl.col("above_cut").is_not_null()),
        "by_lot": rows.filter(drawn).with_columns(drawn_in=pl.col("standing") == DRAWN_IN),
    }
    return {way: answered(way, compared[way]) for way in WAYS}


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
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
