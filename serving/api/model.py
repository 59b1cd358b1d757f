"""What the model in use is, what it takes into account, and what it cannot know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response

from models.purpose import WHAT_IT_DOES, what_it_does_not
from serving import published
from serving.api import answers
from serving.api.callers import ModelReader, Serving
from serving.api.problems import not_found, problem_answers
from serving.risk_lists import canonical

router = APIRouter(tags=["Modelo"])


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
    header, copy = publication.header, service.settings.champion
    description, card, origin = (told_in(copy, name) for name in ("model.json", "card.json", "origin.json"))
    body = {
        "version": header["model_version"],
        "digest": header["model_digest"],
        "horizon_weeks": header["horizon_weeks"],
        "fingerprint": description.get("fingerprint"),
        "features": described_features(description.get("features", [])),
        "published_on": header["day"],
        "what_it_does": WHAT_IT_DOES,
        "what_it_does_not": card.get("what_it_does_not") or what_it_does_not(),
        "approved_by": origin.get("promoted_by") or None,
        "expires_on": origin.get("expires_on") or None,
        "card": card,
    }
    return Response(canonical(body), media_type="application/json")


def told_in(copy: Path, name: str) -> dict[str, Any]:
    """A text file of the model in use; empty where the copy is older than the file."""
    path = copy / name
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def described_features(names: list[str]) -> list[dict[str, Any]]:
    from features import CATALOGUE

    known = [CATALOGUE[name] for name in names if name in CATALOGUE]
    told = [{"name": f.name, "family": f.family, "source": f.source, "actionable": f.actionable} for f in known]
    foreign = [{"name": n, "family": "own", "source": None, "actionable": False} for n in names if n not in CATALOGUE]
    return told + foreign
