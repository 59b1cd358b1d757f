"""One student of the latest list: score, reasons, trajectory, and what is not known."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from serving import assignments, contacts, permissions
from serving.api import answers, examples
from serving.api.callers import Serving, StudentReader, must_see_names
from serving.api.contacts import described as described_contact
from serving.api.examples import answered
from serving.api.problems import not_found, problem_answers
from serving.profiles import Profile, about, profile_for
from serving.risk_lists import canonical

router = APIRouter(tags=["Estudiantes"])


class StudentQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    names: Annotated[bool, Field(description="Añade nombre y teléfono, si su rol puede verlos")] = False


@router.get(
    "/students/{student}",
    operation_id="read_student",
    summary="Un estudiante de la última lista",
    responses={**answered(answers.Student, examples.PUPIL), **problem_answers(401, 403, 404)},
)
def read_student(
    request: Request,
    service: Serving,
    person: StudentReader,
    student: Annotated[str, Path(max_length=80, description="Seudónimo", examples=["5f0c2b7a91d3e846"])],
    query: Annotated[StudentQuery, Query()],
) -> Response:
    if query.names:
        must_see_names(person)
    with service.database.looking(service.by(person, request), "see_student", about(student)) as (connection, entry):
        profile = profile_for(connection, person, student)
        if profile is None:
            raise not_found()
        seen = permissions.identity_among(connection, person, profile.pupil) if query.names else None
        spoken = contacts.of_student(connection, person.reach, student)
        given = assignments.open_of(connection, person.reach, [student]).get(student)
        entry.detail = profile.told(seen)
    body = described(profile) | {
        "contacts": [described_contact(one) for one in spoken],
        "assigned_to": given.worker if given else None,
    }
    if query.names:
        body["identity"] = {"name": seen.name, "phone": seen.phone} if seen else None
    return Response(canonical(body), media_type="application/json", headers={"Cache-Control": "no-store"})


def described(profile: Profile) -> dict[str, Any]:
    found, publication = profile.student, profile.publication
    return {
        "student_id": found.student_id,
        "institution": found.institution_id,
        "publication": publication.id,
        "day": publication.day,
        "score": found.score,
        "raw_score": found.raw_score,
        "rank": found.rank,
        "out_of_a_hundred": profile.chance,
        "row": json.loads(found.line) if found.line else None,
        "base_value": profile.base_value,
        "families": profile.families,
        "trajectory": profile.trajectory,
        "lately": profile.lately,
        "not_known": profile.not_known,
        "gone_by": profile.gone_by,
    }
