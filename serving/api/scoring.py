"""Scores and explains students given as records in the open format; nothing of them is kept."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from serving.api import answers, examples
from serving.api.callers import Scorer, Serving
from serving.api.days import Day, out_of_time
from serving.api.examples import answered
from serving.api.problems import Problem, problem_answers
from serving.api.records_schema import MOST_ROWS, tables_schema
from serving.risk_lists import band, canonical
from serving.service import Service

if TYPE_CHECKING:
    from datetime import date

    from features import Catalogue, Records
    from models.risk_model import RiskModel

router = APIRouter(tags=["Puntajes"])

MOST_STUDENTS = 500
RECKONING = ThreadPoolExecutor(2, "scores")
EXAMPLE: dict[str, Any] = {
    "day": "2024-05-05",
    "tables": {
        "calendar": [
            {
                "school_year": "2024",
                "starts_on": "2024-01-22",
                "ends_on": "2024-11-29",
                "happened_on": "2024-01-22",
                "known_on": "2024-01-22",
            }
        ],
        "enrolment": [
            {
                "student_id": "a1",
                "happened_on": "2024-01-22",
                "known_on": "2024-01-26",
                "institution_id": "176001000001",
                "school_year": "2024",
                "grade": 6,
                "status": "ENROLLED",
            }
        ],
        "attendance": [
            {
                "student_id": "a1",
                "week": "2024-04-22",
                "days_expected": 5,
                "days_absent": 4,
                "happened_on": "2024-04-26",
                "known_on": "2024-05-03",
            }
        ],
    },
}

Table = Annotated[list[dict[str, Any]], Field(max_length=MOST_ROWS)]


def _described(schema: dict[str, Any]) -> None:
    """Written when the document is asked for, so that the service starts without the tables."""
    schema["properties"]["tables"] = tables_schema()
    schema["examples"] = [EXAMPLE]


class GivenRecords(BaseModel):
    """Records in the open format: a table name and its rows, dates as AAAA-MM-DD."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_described)

    day: Day = Field(description="Día desde el que se mira; no se usa lo que se conoció después")
    tables: dict[str, Table] = Field(max_length=20)


@router.post(
    "/score",
    operation_id="score_students",
    summary="Puntajes y razones de estudiantes dados como registros",
    description="Una llamada con un estudiante tarda casi lo mismo que con varios cientos: envíelos juntos.",
    responses={**answered(answers.Scores, examples.SCORES), **problem_answers(401, 403, 413, 503)},
)
async def score_students(service: Serving, _person: Scorer, given: GivenRecords) -> Response:
    # NOTE: a score is a third of a second of nothing but reckoning, whether of one student or of a hundred; many calls
    # at once would keep who reads the list waiting.
    return await asyncio.get_running_loop().run_in_executor(RECKONING, _answer, service, given)


def _answer(service: Service, given: GivenRecords) -> Response:
    from features import Records
    from serving.api.given_records import frames_from

    if wrong := out_of_time(given.day):
        raise Problem(422, "Corrija los valores señalados.", [{"where": "day", "problem": wrong}], rule=True)
    model = model_in(service.settings.champion)
    records = Records.from_frames(frames_from(given.tables))
    students = scored(model, records, given.day)
    body = {"day": given.day, "model_version": model.version, "students": students}
    return Response(canonical(body), media_type="application/json")


def scored(model: RiskModel, records: Records, day: date) -> list[dict[str, Any]]:
    from features import build_frame, observed_dates
    from models.explanation import explain

    catalogue = catalogue_of(model, records)
    frame = build_frame(records, [day], catalogue=catalogue)
    if frame.height > MOST_STUDENTS:
        raise Problem(422, f"Envíe como máximo {MOST_STUDENTS} estudiantes por petición.", rule=True)
    if frame.is_empty():
        return []
    told = explain(model, frame, observed_dates(records, [day]), catalogue)
    scores = model.predict(frame)
    rows = zip(scores.iter_rows(named=True), told, strict=True)
    return [
        {
            "student_id": row["student_id"],
            "institution": row["institution_id"],
            "score": row["score"],
            "raw_score": row["raw_score"],
            "base_value": why.base_value,
            "band": band(row["score"]),
            "reasons": [reason.as_dict() for reason in why.reasons],
            "protective": [reason.as_dict() for reason in why.protective],
            "families": why.families,
        }
        for row, why in rows
    ]


def catalogue_of(model: RiskModel, records: Records) -> Catalogue:
    """The catalogue the model was taught on: ours, or ours with the x_ columns that the records bring."""
    from features import CATALOGUE, catalogue_for

    for catalogue in (CATALOGUE, catalogue_for(records)):
        if catalogue.fingerprint == model.fingerprint:
            return catalogue
    raise Problem(422, "El modelo usa otras variables. Envíe las mismas columnas x_ con que se entrenó.", rule=True)


def model_in(folder: Path) -> RiskModel:
    manifest = folder / "manifest.json"
    if not manifest.exists():
        raise Problem(503, "Todavía no hay un modelo en uso.")
    return _loaded(folder, manifest.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _loaded(folder: Path, _written: int) -> RiskModel:
    """Loaded once per promoted model."""
    from models.model_files import ModelFilesDamaged
    from models.risk_model import RiskModel

    try:
        return RiskModel.load(folder)
    except ModelFilesDamaged as damaged:
        raise Problem(503, str(damaged)) from None
