"""All that is shown of one student: the published row, the trajectory, and what is not known."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from serving import published
from serving.people import Person
from serving.permissions import Action, Pupil, may
from serving.published import FoundStudent, Publication, unpacked
from serving.risk_lists import out_of_a_hundred
from serving.sentences import not_known

PSEUDONYM = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Profile:
    """`gone_by`: the day of the latest list, where the child is on no roll that this reader reaches any more."""

    publication: Publication
    student: FoundStudent
    gone_by: date | None = None

    @property
    def pupil(self) -> Pupil:
        return self.student.pupil

    @property
    def row(self) -> dict[str, Any] | None:
        return json.loads(self.student.line) if self.student.line else None

    @property
    def trajectory(self) -> list[dict[str, Any]]:
        return json.loads(self.student.trajectory) if self.student.trajectory else []

    @property
    def lately(self) -> dict[str, list[dict[str, Any]]] | None:
        """Weeks of attendance, marks and support; None for whom, or when, they were not kept."""
        return json.loads(self.student.lately) if self.student.lately else None

    @property
    def families(self) -> dict[str, float] | None:
        """The weights behind the score, of anyone on roll; None for lists made before they were kept."""
        if self.row is not None:
            return dict(self.row["families"])
        order = self.publication.header.get("family_order", [])
        return unpacked(order, self.student.families) if self.student.families else None

    @property
    def base_value(self) -> float | None:
        """With `families` it adds up to the raw score."""
        told = self.row or self.publication.header
        return told.get("base_value")

    @property
    def chance(self) -> str:
        told = self.row.get("frequency") if self.row else None
        return told or out_of_a_hundred(self.student.score, self.publication.horizon_weeks)

    def told(self, identity: object | None) -> str:
        """How much a look at this student told, for its line in the audit."""
        return f"{self.publication.id}, {'con' if identity else 'sin'} nombre"

    @property
    def not_known(self) -> list[str]:
        if self.row is None:
            return ["Este estudiante no está entre los publicados; sus razones no se redactaron esta semana."]
        seen = {name: date.fromisoformat(day) if day else None for name, day in self.row["observed"].items()}
        warned = self.row.get("reporting_notice")
        return [*([warned] if warned else []), *not_known(seen, self.publication.day)]


def about(student_id: str) -> str:
    """The student that was asked for, as the audit names them; what is no pseudonym may be a name or a document."""
    return f"student:{student_id}" if PSEUDONYM.fullmatch(student_id) else "student:otra-forma"


def profile_for(connection: Connection, person: Person, student_id: str) -> Profile | None:
    """The student as of the latest list; None both for who does not exist and for who is out of reach.

    Who has gone off the roll is shown as of the last list that had them: the very child who left must not become the
    one whom nobody can open, call or hand on.
    """
    latest = published.publication_for(connection, None)
    if latest is None or not may(person, Action.SEE_STUDENT):
        return None
    profile = _as_of(connection, person, student_id, latest)
    if profile is None and (earlier := published.last_with(connection, person.reach, student_id, latest)):
        profile = _as_of(connection, person, student_id, earlier, latest.day)
    return profile


def _as_of(
    connection: Connection, person: Person, student_id: str, publication: Publication, gone_by: date | None = None
) -> Profile | None:
    found = published.student(connection, publication.id, student_id)
    if found is None or not may(person, Action.SEE_STUDENT, found.pupil):
        return None
    return Profile(publication, found, gone_by)
