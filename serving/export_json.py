"""The list as JSON, for a program: the published rows as they are, and all that the other copies say beside them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from serving.last_contact import latest

if TYPE_CHECKING:
    from serving.exports import Export


def json_of(export: Export) -> bytes:
    body = {
        "publication": export.publication.header,
        "scope": export.scope.heading,
        "notes": export.notes,
        "rows": export.bodies,
        "left": export.departed,
        "notices": [asdict(notice) for notice in export.notices],
        "contacts_until": str(export.taken_on) if export.taken_on else None,
        "last_contacts": last_contacts(export),
    }
    named = body | ({"names": dict(export.names)} if export.names else {})
    return json.dumps(named, ensure_ascii=False).encode()


def last_contacts(export: Export) -> dict[str, dict[str, str]]:
    """By student, in the words of the other copies; whoever is not there has none."""
    told = {row["student_id"]: latest(row, export.states.get(row["student_id"])) for row in export.bodies}
    return {student: {"on": found[0], "said": found[1]} for student, found in told.items() if found}
