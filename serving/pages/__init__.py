"""The pages people read: the list of the week, a student, and signing in; plain HTML that works without scripts."""

from __future__ import annotations

from fastapi import APIRouter

from serving.pages import downloads, signing_in, students, week


def pages_router() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    for part in (signing_in, week, downloads, students):
        router.include_router(part.router)
    return router
