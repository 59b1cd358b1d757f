"""What changed since the last list: who entered, rose, stayed, fell and left, each with its why."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from serving import published
from serving.changes import OTHER_MODEL
from serving.pages.asked_week import Asked, NoList, asked, looked_at
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.published import FoundRow
from serving.sentences import CHANGES, is_stale
from serving.service import service_of

router = APIRouter()

SHOWN = 40  # of each kind; who stayed is most of a list


@router.get("/lista/cambios")
def changes_page(request: Request, person: SignedIn, asked: Annotated[Asked, Depends(asked)]) -> Response:
    with looked_at(request, person, asked) as look:
        if isinstance(look, NoList):
            return render(request, "no_list.html", person, withdrawn=look.withdrawn)
        connection, publication = look.connection, look.publication
        found = published.rows(connection, publication.id, look.wanted)
        left = published.left_rows(connection, publication.id, look.wanted)
        groups = by_kind(found, left)
        names = look.names([row for group in groups.values() for row in group["found"]])
        schools = published.school_names(connection)
    return render(
        request,
        "changes.html",
        person,
        publication=publication,
        asked=asked,
        newer=look.newer,
        groups=groups,
        names=names,
        schools=schools,
        other_model=any(row["change"]["why"] == OTHER_MODEL for group in groups.values() for row in group["rows"]),
        stale=is_stale(publication.day, service_of(request).today()),
    )


def by_kind(found: list[FoundRow], left: list[FoundRow]) -> dict[str, dict[str, Any]]:
    """Of each kind of change how many there are, and the first of them."""
    kinds: dict[str, list[tuple[FoundRow, dict[str, Any]]]] = {kind: [] for kind in CHANGES}
    for row in [*found, *left]:
        told = json.loads(row.body)
        kinds[told["change"]["kind"]].append((row, told))
    return {
        kind: {
            "count": len(rows),
            "found": [row for row, _ in rows[:SHOWN]],
            "rows": [told for _, told in rows[:SHOWN]],
        }
        for kind, rows in kinds.items()
    }
