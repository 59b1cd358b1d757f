"""The page of one student: who, where, why on the list, what protects, and what this system does not know."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from serving import permissions, published
from serving.api.problems import Problem, not_found
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.permissions import Action, why_not
from serving.profiles import about, profile_for
from serving.sentences import is_stale, school_name
from serving.service import service_of

router = APIRouter()


@router.get("/estudiantes/{student}")
def student_page(request: Request, person: SignedIn, student: Annotated[str, Path(max_length=80)]) -> Response:
    if reason := why_not(person, Action.SEE_STUDENT):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_student", about(student)) as (connection, entry):
        profile = profile_for(connection, person, student)
        if profile is None:
            raise not_found()
        schools = published.school_names(connection)
        identity = permissions.identity_among(connection, person, profile.pupil)
        entry.detail = profile.told(identity)
    school = schools.get(profile.pupil.institution_id, profile.pupil.institution_id)
    return render(
        request,
        "student.html",
        person,
        profile=profile,
        row=profile.row,
        identity=identity,
        school=school,
        schools=schools,
        who_can_see=permissions.who_can_see(school_name(school)),
        stale=is_stale(profile.publication.day, service.today()),
    )
