"""How good each school's reports are on each day, and the sentence that warns of a school that says little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from features.definitions import reporting
from features.feature import Catalogue
from features.frame import build_frame
from features.records import Records
from features.reporting import SCHOOL_DAY

COVERAGE = "school_attendance_coverage"
PARTS = (
    "reporting_quality",
    COVERAGE,
    "school_weeks_silent",
    "school_weeks_since_export",
    "school_flawed_share",
)
LOW = 0.5
"""Below this a school's list is shown with a warning: an empty list may be an empty report."""


def reporting_quality(records: Records, days: Sequence[date]) -> pl.DataFrame:
    """``institution_id, day, students`` and the score with its parts, one row per school and day."""
    features = Catalogue(feature for feature in reporting.FEATURES if feature.name in PARTS)
    return by_school(build_frame(records, days, catalogue=features))


def by_school(frame: pl.DataFrame) -> pl.DataFrame:
    """The same from a frame that already has these features: all students of a school have equal values."""
    told = frame.group_by(*SCHOOL_DAY).agg(pl.len().alias("students"), *(pl.col(part).max() for part in PARTS))
    return told.sort("day", "institution_id")


def notice(row: Mapping[str, Any]) -> str | None:
    """What a reader must know before trusting a short list, or None where the school reports well."""
    score = row["reporting_quality"]
    if score is None or score >= LOW:
        return None
    silent, export, coverage = (row[part] for part in ("school_weeks_silent", "school_weeks_since_export", COVERAGE))
    if coverage == 0 or (silent is not None and silent > reporting.WEEKS):
        return f"La institución no reporta asistencia hace {weeks(silent)}: su lista puede estar incompleta."
    if coverage is not None and coverage < LOW:
        share = percent(coverage)
        return f"La institución reporta asistencia del {share} de sus estudiantes: su lista puede estar incompleta."
    if export is not None and export > reporting.WEEKS:
        return f"La institución no está en el reporte de matrícula hace {weeks(export)}: su lista puede ser antigua."
    return f"El {percent(row['school_flawed_share'])} de la matrícula de la institución tiene datos por corregir."


def weeks(number: float) -> str:
    whole = int(number)
    return "1 semana" if whole == 1 else f"{whole} semanas"


def percent(share: float) -> str:
    return f"{round(100 * share)} %"
