"""The map by comuna: how many are on the list and how many were contacted, as a drawing and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection, select

from serving import published
from serving.api.problems import Problem
from serving.case_states import since
from serving.contacted import on_the_list
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.published import Publication, Wanted
from serving.sentences import is_stale
from serving.service import service_of
from serving.tables import schools
from serving.territory_file import Drawing, NoDrawing, read_drawing
from serving.territory_map import Scale, Territory, Told, scale_of_counts, scale_of_shares, territory

router = APIRouter()

VIEWS = {"lista": "Cuántos están en la lista", "contacto": "Qué parte tiene contacto"}


@router.get("/mapa")
def map_page(
    request: Request, person: SignedIn, view: Annotated[str, Query(alias="ver", max_length=10)] = "lista"
) -> Response:
    if reason := why_not(person, Action.SEE_LIST):
        raise Problem(403, reason)
    if view not in VIEWS:
        raise Problem(422, "El mapa se puede ver por: " + ", ".join(VIEWS) + ".")
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_map", "map") as (connection, entry):
        publication = published.publication_for(connection, None)
        if publication is None:
            entry.skip = True
            return render(request, "no_list.html", person)
        told = _territory(connection, publication, person, since(service.today()))
        entry.thing, entry.detail = f"list:{publication.id}", f"{len(told.comunas)} comunas, sin nombres"
    drawing, broken = _drawing(service.settings.home)
    scale = scale_of_counts([one.listed or 0 for one in told.comunas]) if view == "lista" else scale_of_shares()
    return render(
        request,
        "map.html",
        person,
        publication=publication,
        told=told,
        drawing=drawing,
        broken=broken,
        classes=_classes(drawing, told, view, scale) if drawing else {},
        by_key={one.key: one for one in told.comunas},
        undrawn=_undrawn(drawing, told),
        legend=scale.legend,
        view=view,
        views=VIEWS,
        whole=person.reach.institutions is None,
        stale=is_stale(publication.day, service.today()),
    )


def _territory(connection: Connection, publication: Publication, person: Person, since: date) -> Territory:
    rows = on_the_list(connection, publication, Wanted(person.reach), since)
    here = [code for code, _ in published.schools_in(connection, publication.id, person.reach)]
    found = connection.execute(select(schools.c.institution_id, schools.c.comuna))
    comunas: dict[str, str | None] = {row.institution_id: row.comuna for row in found}
    return territory(rows, (comunas.get(code) for code in here))


def _drawing(home: Path) -> tuple[Drawing | None, bool]:
    """The drawing, and whether there is one that cannot be read."""
    try:
        return read_drawing(home), False
    except NoDrawing:
        return None, True


def _classes(drawing: Drawing, told: Territory, view: str, scale: Scale) -> Mapping[str, str]:
    """The shade of each place, as the style sheet calls it."""
    by_key = {one.key: one for one in told.comunas}
    return {place.key: _class(by_key.get(place.key), view, scale) for place in drawing.places}


def _class(one: Told | None, view: str, scale: Scale) -> str:
    if one is None:
        return "apart"
    value = one.listed if view == "lista" else (0 if one.listed == 0 or one.contacted == 0 else one.share)
    return "withheld" if value is None else f"shade{scale.shade(value)}"


def _undrawn(drawing: Drawing | None, told: Territory) -> list[str]:
    there = {place.key for place in drawing.places} if drawing else set()
    return [one.name for one in told.comunas if drawing and one.key not in there]
