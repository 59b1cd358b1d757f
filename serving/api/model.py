"""What the model in use is, what it takes into account, and what it cannot know."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response

from models.model_files import ModelFilesDamaged, read_files, read_note
from models.purpose import WHAT_IT_DOES, what_it_does_not
from serving import published
from serving.api import answers, examples
from serving.api.callers import ModelReader, Serving
from serving.api.examples import answered
from serving.api.problems import Problem, not_found, problem_answers
from serving.risk_lists import canonical
from serving.settings import Settings

router = APIRouter(tags=["Modelo"])

ORIGIN = "origin.json"


@router.get(
    "/model",
    operation_id="read_model",
    summary="El modelo de la última lista",
    responses={**answered(answers.Model, examples.MODEL), **problem_answers(401, 403, 404, 503)},
)
def read_model(service: Serving, _person: ModelReader) -> Response:
    with service.database.reading() as connection:
        publication = published.publication_for(connection, None)
    if publication is None:
        raise not_found()
    header = publication.header
    copy = copy_of(header["model_version"], service.settings)
    description, card, origin = sealed_in(copy, "model.json"), sealed_in(copy, "card.json"), sealed_in(copy, ORIGIN)
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
        "learned_elsewhere": description.get("borrowed"),
        "card": card,
    }
    return Response(canonical(body), media_type="application/json")


def copy_of(version: str, settings: Settings) -> Path:
    """The text files behind the list: until the next Monday the model in use may already be another."""
    own = settings.champion.with_name(f"version-{version}")
    return own if own.exists() else settings.champion


def sealed_in(copy: Path, name: str) -> dict[str, Any]:
    """A text file of the model in use, unless it was changed; empty where the copy is older than the file."""
    if not (copy / name).exists():
        return {}
    try:
        return read_note(copy / name) if name == ORIGIN else dict(json.loads(read_files(copy, (name,))[name]))
    except ModelFilesDamaged as damaged:
        raise Problem(503, str(damaged)) from None


def approved_on(settings: Settings, version: str) -> date | None:
    """When somebody answered for the model behind the list; None where no note says so."""
    try:
        told = sealed_in(copy_of(version, settings), ORIGIN).get("promoted_on")
    except Problem:
        return None  # a damaged note is refused where the model is shown
    return date.fromisoformat(told) if told else None


def described_features(names: list[str]) -> list[dict[str, Any]]:
    from features import CATALOGUE

    known = [CATALOGUE[name] for name in names if name in CATALOGUE]
    told = [{"name": f.name, "family": f.family, "source": f.source, "actionable": f.actionable} for f in known]
    foreign = [{"name": n, "family": "own", "source": None, "actionable": False} for n in names if n not in CATALOGUE]
    return told + foreign
