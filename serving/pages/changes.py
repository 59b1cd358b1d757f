"""What changed since the last list: who entered, rose, stayed, fell and left, each with its why."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from serving import permissions, published
from serving.api.problems import Problem
from serving.changes import OTHER_MODEL
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.pages.week import Asked, asked, wanted_rows
from serving.permissions import Action, why_not
from serving.published import FoundRow
from serving.sentences import CHANGES, is_stale
from serving.service import service_of

router = APIRouter()

SHOWN = 40  # of each kind; who stayed is most of a list


@router.get("/lista/cambios")
def changes_page(request: Request, person: SignedIn, asked: Annotated[Asked, Depends(asked)]) -> Response:
    if reason := why_not(person, Action.SEE_LIST):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_list", "list") as (connection, entry):
        publication = published.publication_for(connection, asked.day)
        if publication is None:
            entry.skip = True
            return render(request, "no_list.html", person)
        wanted = wanted_rows(connection, publication, person, asked)
        found = published.rows(connection, publication.id, wanted)
        left = published.left_rows(connection, publication.id, wanted)
        groups = by_kind(found, left)
        told = [row for group in groups.values() for row in group["found"]]
        names = permissions.names_among(connection, person, published.pupils_of(told))
        entry.thing, entry.detail = f"list:{publication.id}", published.counted(told, [], names)
        schools = published.school_names(connection)
    return render(
        request,
        "changes.html",
        person,
        publication=publication,
        asked=asked,
        groups=groups,
        names=names,
        schools=schools,
        other_model=any(row["change"]["why"] == OTHER_MODEL for group in groups.values() for row in group["rows"]),
        stale=is_stale(publication.day, service.today()),
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
