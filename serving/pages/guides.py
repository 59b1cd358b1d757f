"""The action sheets: one for each kind of reason, a step away from the reason itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from serving.api.problems import not_found
from serving.guides import all_guides, guide_for
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn

router = APIRouter()


@router.get("/guias")
def guides_page(request: Request, person: SignedIn) -> Response:
    return render(request, "guides.html", person, guides=all_guides())


@router.get("/guias/{family}")
def guide_page(request: Request, person: SignedIn, family: Annotated[str, Path(max_length=40)]) -> Response:
    guide = guide_for(family)
    if guide is None:
        raise not_found()
    return render(request, "guide.html", person, guide=guide)
