"""What the model in use is, what it takes into account, and what it cannot know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response

from serving import published
from serving.api import answers
from serving.api.callers import ModelReader, Serving
from serving.api.problems import not_found, problem_answers
from serving.risk_lists import canonical

router = APIRouter(tags=["Modelo"])

WHAT_IT_DOES = (
    "Ordena a los estudiantes matriculados según la probabilidad de dejar de estudiar en las semanas siguientes."
)
WHAT_IT_DOES_NOT = [
    "No decide: solo ordena a quién ofrecer apoyo primero.",
    "No usa sexo, origen, etnia, discapacidad ni condición de víctima.",
    "No conoce lo que la familia o el colegio no han registrado.",
    "No sirve para sanciones, cupos ni evaluación de docentes o instituciones.",
]


@router.get(
    "/model",
    operation_id="read_model",
    summary="El modelo de la última lista",
    responses={200: {"model": answers.Model}, **problem_answers(401, 403, 404)},
)
def read_model(service: Serving, _person: ModelReader) -> Response:
    with service.database.reading() as connection:
        publication = published.publication_for(connection, None)
    if publication is None:
        raise not_found()
    header, description = publication.header, description_in(service.settings.champion)
    body = {
        "version": header["model_version"],
        "digest": header["model_digest"],
        "horizon_weeks": header["horizon_weeks"],
        "fingerprint": description.get("fingerprint"),
        "features": described_features(description.get("features", [])),
        "published_on": header["day"],
        "what_it_does": WHAT_IT_DOES,
        "what_it_does_not": WHAT_IT_DOES_NOT,
    }
    return Response(canonical(body), media_type="application/json")


def description_in(champion: Path) -> dict[str, Any]:
    path = champion / "model.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def described_features(names: list[str]) -> list[dict[str, Any]]:
    from features import CATALOGUE

    known = [CATALOGUE[name] for name in names if name in CATALOGUE]
    told = [{"name": f.name, "family": f.family, "source": f.source, "actionable": f.actionable} for f in known]
    foreign = [{"name": n, "family": "own", "source": None, "actionable": False} for n in names if n not in CATALOGUE]
    return told + foreign
