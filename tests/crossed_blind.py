"""The program with every condition of its own taken away, so that only the fences of the database are left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, select

from serving import permissions, reach_filter
from serving.bulk_export import Job, _job
from serving.delivery_tables import export_jobs
from serving.permissions import Action
from serving.reach import Reach

OF_THE_OFFICE = {
    *(Action.SEE_AUDIT, Action.MANAGE_PEOPLE, Action.IMPORT),
    *(Action.PUBLISH_LIST, Action.HOLD_LIST, Action.ROLLBACK_LIST),
}
"""These rooms hold no child's row, and what is done in them is not undone; they stay closed."""


@contextmanager
def blind() -> Iterator[None]:
    """No condition on rows, no refusal, every reach covers everything, and an export belongs to whoever asks for it."""
    from serving.pages import packs  # after the app, which puts the parts together in their order

    asked, sure = permissions.why_not, permissions.may
    changed = {
        reach_filter.within: lambda *_: [],
        asked: lambda person, action, thing=None: asked(person, action) if action in OF_THE_OFFICE else None,
        sure: lambda person, action, thing=None: action not in OF_THE_OFFICE,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, module in [*sys.modules.items()]:
            for word, thing in [*vars(module).items()] if name.startswith("serving") else ():
                if any(thing is old for old in changed):
                    patch.setattr(module, word, changed[thing])
        for question in ("covers", "touches", "meets"):
            patch.setattr(Reach, question, lambda *_: True)
        patch.setattr(packs, "find_job", _anybodys)
        yield


def _anybodys(connection: Connection, _person: str, id: str) -> Job | None:
    row: Any = connection.execute(select(export_jobs).where(export_jobs.c.id == id)).one_or_none()
    return _job(row) if row else None
