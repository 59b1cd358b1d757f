"""Gives back the children whom a worker may not attend any more, so that somebody else takes them."""

from __future__ import annotations

from dataclasses import replace

from serving import assignments
from serving.database import By, Database
from serving.once import Call
from serving.people import WHOLE_SECRETARIAT, find_person
from serving.tenancy import job


def release(database: Database, name: str, by: By) -> int:
    """After a reach or a role has changed; how many children nobody has now.

    NOTE: who administers accounts sees no child: the secretariat itself gives them back, in the administrator's name.
    """
    ours = replace(by, context=job(by.who))
    with database.writing(ours, "release", f"person:{name}") as (connection, entry):
        worker = find_person(connection, name)
        given = assignments.open_for(connection, WHOLE_SECRETARIAT, name)
        lost = [one.pupil for one in given if not assignments.may_take(worker, one.pupil)]
        for pupil in lost:
            assignments.assign(connection, pupil, None, ours, Call(by.who, None))
        entry.detail, entry.skip = f"{len(lost)} estudiantes", not lost
    return len(lost)
