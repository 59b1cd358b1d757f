"""The page of one student: who, where, why on the list, what protects, and what this system does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from serving import permissions, published
from serving.lately_told import Lately
from serving.pages import contacts
from serving.pages.one_student import one_student
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.permissions import Action, why_not
from serving.record_looks import looks_at
from serving.sentences import is_stale, school_name
from serving.service import service_of

router = APIRouter()


@router.get("/estudiantes/{student}")
def student_page(request: Request, person: SignedIn, student: Annotated[str, Path(max_length=80)]) -> Response:
    today = service_of(request).today()
    with one_student(request, person, Action.SEE_STUDENT, student) as (connection, entry, profile):
        schools = published.school_names(connection)
        identity = permissions.identity_among(connection, person, profile.pupil)
        follow_up = contacts.block(connection, person, profile, today)
        entry.detail = profile.told(identity)
        why_no_looks = why_not(person, Action.SEE_ACCESSES, profile.pupil)
        looks = None if why_no_looks else looks_at(connection, student, person.reach)
    school = schools.get(profile.pupil.institution_id, profile.pupil.institution_id)
    return render(
        request,
        "student.html",
        person,
        profile=profile,
        row=profile.row,
        identity=identity,
        looks=looks,
        why_no_looks=why_no_looks,
        steps=told_steps(profile.trajectory),
        lately=Lately(profile.lately, profile.publication.day) if profile.lately else None,
        follow_up=follow_up,
        school=school,
        schools=schools,
        who_can_see=permissions.who_can_see(school_name(school)),
        stale=is_stale(profile.publication.day, today),
    )


def told_steps(trajectory: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The steps, newest first, each with the school it came from where that was another one."""
    before = [None, *(step["institution"] for step in trajectory)]
    moved = [then if then != step["institution"] else None for then, step in zip(before, trajectory, strict=False)]
    return [{**step, "came_from": school} for step, school in zip(trajectory, moved, strict=True)][::-1]
