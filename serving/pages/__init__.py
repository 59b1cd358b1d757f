"""The pages people read: the list of the week, a student, and signing in; plain HTML that works without scripts."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from serving.pages import (
    account,
    administration,
    administration_changes,
    audit,
    cases,
    changes,
    contacts,
    downloads,
    guides,
    handing_over,
    imports,
    model,
    packs,
    provider,
    runs,
    saved_views,
    school_data,
    schools,
    sessions,
    signing_in,
    students,
    territory,
    week,
)


def pages_router() -> APIRouter:
    # The guard stands here, so that a new page cannot forget it.
    router = APIRouter(include_in_schema=False, dependencies=[Depends(sessions.from_this_site)])
    for part in (
        signing_in,
        provider,
        account,
        week,
        changes,
        saved_views,
        schools,
        school_data,
        territory,
        downloads,
        packs,
        guides,
        students,
        contacts,
        cases,
        handing_over,
    ):
        router.include_router(part.router)
    for office in (model, runs, imports, administration, administration_changes, audit):
        router.include_router(office.router)
    return router
