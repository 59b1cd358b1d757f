"""What the weekly watch reads of the lists that were published: which they are, who stood on them, what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, select

from features import Records, catalogue_for
from features.feature import Catalogue
from models.monitoring.seasons import Span
from models.planning import year_spans
from models.risk_model import RiskModel
from serving.database import Database
from serving.tables import listed, pointers, publications, scores
from serving.tenancy import job

LISTS_COMPARED = 40


@dataclass(frozen=True)
class Watch:
    """What one look works on: the records as known on the day, the model in use, the lists in force until then."""

    records: Records
    model: RiskModel
    database: Database
    day: date

    @cached_property
    def years(self) -> list[Span]:
        return year_spans(self.records)

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_for(self.records)

    @cached_property
    def lists(self) -> pl.DataFrame:
        """`id, day, model` of the lists in force, the newest last."""
        columns = publications.c.id, publications.c.day, publications.c.model_version
        asked = _in_force(select(*columns)).where(publications.c.day <= self.day).order_by(publications.c.day)
        with self.database.reading_as(job("monitor")) as connection:
            return _rows(connection, asked, {"id": pl.String, "day": pl.Date, "model": pl.String})

    @property
    def last_list(self) -> date | None:
        return self.lists["day"][-1] if self.lists.height else None


def published(here: Watch, lists: pl.DataFrame) -> pl.DataFrame:
    """`student_id, institution_id, day, score` of everyone on roll when the lists were made."""
    columns = scores.c.student_id, scores.c.institution_id, scores.c.publication_id, scores.c.score
    asked = select(*columns).where(scores.c.publication_id.in_(lists["id"].to_list()))
    schema = {"student_id": pl.String, "institution_id": pl.String, "id": pl.String, "score": pl.Float64}
    with here.database.reading_as(job("monitor")) as connection:
        rows = _rows(connection, asked, schema)
    return rows.join(lists.select("id", "day"), on="id").drop("id")


def listed_names(here: Watch) -> pl.DataFrame:
    """`student_id, day, model` of who stood on the last lists of the city."""
    lists = here.lists.tail(LISTS_COMPARED)
    asked = select(listed.c.student_id, listed.c.publication_id).where(
        listed.c.publication_id.in_(lists["id"].to_list()), listed.c.on_city_list.is_(True)
    )
    with here.database.reading_as(job("monitor")) as connection:
        rows = _rows(connection, asked, {"student_id": pl.String, "id": pl.String})
    return rows.join(lists, on="id").drop("id")


def _in_force(asked: Select[Any]) -> Select[Any]:
    return asked.join(pointers, pointers.c.publication_id == publications.c.id)


def _rows(connection: Connection, asked: Select[Any], schema: dict[str, Any]) -> pl.DataFrame:
    found = [tuple(row) for row in connection.execute(asked)]
    return pl.DataFrame(found, schema=schema, orient="row")
