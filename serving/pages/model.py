"""The page of the model, for people who do not work with statistics; on one sheet when printed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from models.model_files import ModelFilesDamaged
from serving import published, runs_shown
from serving.api.problems import Problem
from serving.model_shown import model_shown
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.permissions import Action, why_not
from serving.service import service_of

router = APIRouter()


@router.get("/modelo")
def model_page(request: Request, person: SignedIn) -> Response:
    if reason := why_not(person, Action.SEE_MODEL):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.reading() as connection:
        publication = published.publication_for(connection, None)
    if publication is None:
        return render(request, "model.html", person, shown=None)
    try:
        shown = model_shown(service.settings, publication.header["model_version"], publication.day)
    except ModelFilesDamaged as damaged:
        raise Problem(503, str(damaged)) from None
    watched = runs_shown.watched(service.settings)
    over = shown.is_over(service.today())
    return render(request, "model.html", person, shown=shown, watched=watched, over=over)
