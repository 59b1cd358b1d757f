"""The calls that other programs make: lists, watchlists, students, the model, scores."""

from __future__ import annotations

from fastapi import APIRouter

from serving.api import contacts, files, lists, model, scoring, students


def api_router() -> APIRouter:
    router = APIRouter(prefix="/api/v1")
    for part in (lists, files, students, contacts, model, scoring):
        router.include_router(part.router)
    return router
