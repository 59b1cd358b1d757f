"""How every page about one student begins: who asks may do this, reaches them, and leaves a line that says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from sqlalchemy import Connection

from serving.api.problems import Problem, not_found
from serving.database import Entry
from serving.people import Person
from serving.permissions import Action, why_not
from serving.profiles import Profile, about, profile_for
from serving.service import service_of


@contextmanager
def one_student(
    request: Request, person: Person, action: Action, student: str
) -> Iterator[tuple[Connection, Entry, Profile]]:
    """403 for who may do this nowhere; 404 for who is out of reach or does not exist."""
    if reason := why_not(person, action):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_student", about(student)) as (connection, entry):
        profile = profile_for(connection, person, student)
        if profile is None:
            raise not_found()
        yield connection, entry, profile
