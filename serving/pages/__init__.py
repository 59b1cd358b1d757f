"""The pages people read: the list of the week, a student, and signing in; plain HTML that works without scripts."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from serving.pages import account, downloads, provider, sessions, signing_in, students, week


def pages_router() -> APIRouter:
    # The guard stands here, so that a new page cannot forget it.
    router = APIRouter(include_in_schema=False, dependencies=[Depends(sessions.from_this_site)])
    for part in (signing_in, provider, account, week, downloads, students):
        router.include_router(part.router)
    return router
