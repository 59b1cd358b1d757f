"""The figures of each school for its own page: four rates of its trajectories, and what to put right in its data.

The pages never read the archive: `serving.school_figures_run` works these out beside the weekly run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from serving.view_tables import school_figures

FOUR = (
    ("intra_annual_dropout", "ABSENCE"),
    ("abandonment", "ABSENCE"),
    ("failure", ""),
    ("repetition", ""),
)
"""Leaving within the year, leaving within it or before the next, not passing, and being in a grade again."""
OWN, EVERYBODY = "institution", "total"


@dataclass(frozen=True)
class SchoolFigures:
    """What is kept of one school; `day` is what it was worked out from."""

    day: date
    rates: list[dict[str, Any]]  # year, said, place (one's own or of all), numerator, denominator, rate, status
    findings: list[dict[str, Any]]  # title, suggestion, count
    reporting_quality: float | None


def figures_of(connection: Connection, institution_id: str) -> SchoolFigures | None:
    """The latest that were worked out; None where nobody has done it yet."""
    newest = select(school_figures).where(school_figures.c.institution_id == institution_id)
    row = connection.execute(newest.order_by(school_figures.c.day.desc()).limit(1)).one_or_none()
    return SchoolFigures(row.day, **json.loads(row.body)) if row else None


def by_indicator(rates: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Of each rate its years, newest first, the school's own before that of all schools."""
    told = sorted(rates, key=lambda row: (row["year"], row["place"] == OWN), reverse=True)
    return {said: [row for row in told if row["said"] == said] for said in dict.fromkeys(row["said"] for row in told)}
