"""Follow-up by call: a contact with a family, an opinion on a prediction, who has which child."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from serving import follow_up
from serving.api.callers import Serving, allowed
from serving.api.days import Day
from serving.api.problems import Problem, not_found, problem_answers
from serving.assignments import Assignment, NotAWorker
from serving.contact_words import KINDS, NEXT_STEPS, OUTCOMES, VERDICTS
from serving.contacts import Changed, Contact, NotAContact, Told
from serving.feedback import LONGEST_NOTE, Opinion
from serving.follow_up import Collision, Desk, OutOfReach, Refused
from serving.notes import LONGEST, WHO_READS
from serving.once import OtherBody
from serving.people import Person
from serving.permissions import Action
from serving.risk_lists import canonical
from serving.service import Service

router = APIRouter(tags=["Seguimiento"])

Worker = Annotated[Person, Depends(allowed(Action.LOG_CONTACT))]
Reader = Annotated[Person, Depends(allowed(Action.FEEDBACK))]
Supervisor = Annotated[Person, Depends(allowed(Action.ASSIGN))]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="La misma clave con el mismo contenido se guarda una vez y responde igual; con otro contenido, 422",
        examples=["8a52f1c0-llamada-1"],
    ),
]
Student = Annotated[str, Field(max_length=80, description="Seudónimo")]
Kind = Annotated[Literal[*KINDS], Field(description="Clase de contacto")]  # type: ignore[valid-type]
Found = Annotated[Literal[*OUTCOMES], Field(description="Qué se encontró")]  # type: ignore[valid-type]
Step = Annotated[Literal[*NEXT_STEPS] | None, Field(description="Qué sigue")]  # type: ignore[valid-type]
Verdict = Annotated[Literal[*VERDICTS], Field(description="Qué opina de la predicción")]  # type: ignore[valid-type]


class GivenContact(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "student_id": "a1b2c3d4e5f60718",
                    "kind": "CALL",
                    "outcome": "ABSENT_COMING_BACK",
                    "contacted_on": "2024-05-13",
                    "next_step": "CHECK_RETURN",
                    "next_on": "2024-05-20",
                }
            ]
        },
    )

    student_id: Student
    kind: Kind
    outcome: Found
    contacted_on: Day | None = Field(None, description="Día del contacto; si falta, hoy")
    since: Day | None = Field(None, description="Desde cuándo se fue, o regresó")
    next_step: Step = None
    next_on: Day | None = None
    note: str | None = Field(None, max_length=LONGEST, description=f"Nota reservada. {WHO_READS}")
    drop_note: bool = Field(False, description="Al corregir: quita la nota de la versión anterior")
    corrects: str | None = Field(None, max_length=32, description="contact_id que esta versión corrige")


class KeptContact(BaseModel):
    contact_id: str
    version: int
    student_id: str
    kind: Kind
    outcome: Found
    finding: str = Field(description="Como queda en la tabla visit")
    contacted_on: date
    since: date | None
    next_step: Step
    next_on: date | None
    has_note: bool
    by: str
    logged_on: date


class GivenFeedback(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"student_id": "a1b2c3d4e5f60718", "verdict": "WRONG_DATA"}]},
    )

    student_id: Student
    verdict: Verdict
    note: str | None = Field(None, max_length=LONGEST_NOTE, description=f"Nota reservada. {WHO_READS}")


class KeptFeedback(BaseModel):
    id: str
    student_id: str
    publication: str
    verdict: Verdict
    has_note: bool
    by: str


class GivenAssignment(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"student_id": "a1b2c3d4e5f60718", "worker": "cobertura"}]},
    )

    student_id: Student
    worker: str | None = Field(max_length=80, description="Usuario que lo atiende; nulo: nadie")


class KeptAssignment(BaseModel):
    student_id: str
    institution: str
    number: int
    worker: str | None
    by: str
    at: datetime


@router.post(
    "/contacts",
    operation_id="log_contact",
    summary="Registrar un contacto, o la corrección de uno",
    status_code=201,
    responses={201: {"model": KeptContact}, **problem_answers(401, 403, 404, 409)},
)
def log_contact(
    request: Request, service: Serving, person: Worker, given: GivenContact, idempotency_key: Key = None
) -> Response:
    desk = _desk(request, service, person, idempotency_key)
    told = Told(
        given.kind,
        given.outcome,
        given.contacted_on or service.today(),
        given.since,
        given.next_step,
        given.next_on,
        given.note,
        given.drop_note,
    )
    with as_problems():
        if given.corrects is not None:
            kept = follow_up.correct_contact(desk, given.corrects, told, student=given.student_id)
        else:
            kept = follow_up.log_contact(desk, given.student_id, told)
    return _created(described(kept))


@router.post(
    "/feedback",
    operation_id="give_feedback",
    summary="Opinar sobre la predicción de la última lista",
    status_code=201,
    responses={201: {"model": KeptFeedback}, **problem_answers(401, 403, 404, 409)},
)
def give_feedback(
    request: Request, service: Serving, person: Reader, given: GivenFeedback, idempotency_key: Key = None
) -> Response:
    desk = _desk(request, service, person, idempotency_key)
    with as_problems():
        kept = follow_up.give_opinion(desk, given.student_id, given.verdict, given.note)
    return _created(_opinion(kept))


@router.post(
    "/assignments",
    operation_id="assign_student",
    summary="Asignar un estudiante a quien lo atiende, o a nadie",
    status_code=201,
    responses={201: {"model": KeptAssignment}, **problem_answers(401, 403, 404, 409)},
)
def assign_student(
    request: Request, service: Serving, person: Supervisor, given: GivenAssignment, idempotency_key: Key = None
) -> Response:
    desk = _desk(request, service, person, idempotency_key)
    with as_problems():
        made = follow_up.hand_over(desk, given.student_id, given.worker)
    return _created(_assignment(made))


def _desk(request: Request, service: Service, person: Person, key: str | None) -> Desk:
    return Desk(service.database, person, service.by(person, request), key)


@contextmanager
def as_problems(but: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """What went wrong, as the one shape of every error; `but` what the caller answers in its own way."""
    try:
        yield
    except but:
        raise
    except OutOfReach:
        raise not_found() from None
    except Refused as refused:
        raise Problem(403, str(refused)) from None
    except NotAContact as wrong:
        raise Problem(422, "Corrija los valores señalados.", _errors(wrong), rule=True) from None
    except NotAWorker as wrong:
        raise Problem(422, str(wrong), [{"where": "worker", "problem": str(wrong)}], rule=True) from None
    except OtherBody as other:
        raise Problem(422, other.sentence, rule=True) from None
    except (Changed, Collision) as meeting:
        raise Problem(409, meeting.sentence) from None


def _errors(wrong: NotAContact) -> list[dict[str, str]]:
    return [{"where": field, "problem": sentence} for field, sentence in wrong.wrong.items()]


def _created(body: dict[str, Any]) -> Response:
    return Response(canonical(body), 201, {"Cache-Control": "no-store"}, "application/json")


def described(contact: Contact) -> dict[str, Any]:
    """A contact without a word of its note."""
    told = ("contact_id", "version", "student_id", "kind", "outcome", "contacted_on", "since", "next_step", "next_on")
    finding, has_note = OUTCOMES[contact.outcome].finding, contact.note_id is not None
    return _told(contact, *told, "by", "logged_on", finding=finding, has_note=has_note)


def _opinion(opinion: Opinion) -> dict[str, Any]:
    has_note = opinion.note_id is not None
    return _told(opinion, "id", "student_id", "verdict", "by", publication=opinion.publication_id, has_note=has_note)


def _assignment(made: Assignment) -> dict[str, Any]:
    at = made.at.astimezone(UTC)
    return _told(made, "student_id", "number", "worker", "by", institution=made.institution_id, at=at)


def _told(kept: object, *names: str, **more: object) -> dict[str, Any]:
    """What is told under its own name, and the rest."""
    return {name: getattr(kept, name) for name in names} | more
