"""A school's own page: whom it follows, how its trajectories go, what was done, and what to put right in its data."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.responses import RedirectResponse

from serving import permissions, published
from serving.api.problems import Problem, not_found
from serving.case_states import since, states_of
from serving.contacted import Share, on_the_list, shares
from serving.data_to_check import to_check
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.permissions import Action, Place, may, why_not
from serving.published import Wanted
from serving.school_figures import OWN, by_indicator, figures_of
from serving.sentences import is_stale
from serving.service import service_of

router = APIRouter()

OLD_FIGURES = timedelta(weeks=6)


@router.get("/instituciones")
def schools_page(request: Request, person: SignedIn) -> Response:
    if reason := why_not(person, Action.SEE_LIST):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_schools", "schools") as (connection, entry):
        publication = published.publication_for(connection, None)
        if publication is None:
            entry.skip = True
            return render(request, "no_list.html", person)
        schools = published.schools_in(connection, publication.id, person.reach)
        told = shares(on_the_list(connection, publication, Wanted(person.reach), since(service.today())))
        warned = {one.institution_id for one in published.notices(connection, publication.id, Wanted(person.reach))}
        entry.thing, entry.detail = f"list:{publication.id}", f"{len(schools)} instituciones, sin nombres"
    if len(schools) == 1:
        return RedirectResponse(f"/instituciones/{schools[0][0]}", 303)
    rows = [(code, name, told.get(code, Share()), code in warned) for code, name in schools]
    stale = is_stale(publication.day, service.today())
    every = may(person, Action.SEE_NAMES)
    return render(request, "schools.html", person, publication=publication, rows=rows, stale=stale, every=every)


@router.get("/instituciones/{dane}")
def school_page(request: Request, person: SignedIn, dane: Annotated[str, Path(max_length=40)]) -> Response:
    if reason := why_not(person, Action.SEE_LIST):
        raise Problem(403, reason)
    service = service_of(request)
    with service.database.looking(service.by(person, request), "see_list", "list") as (connection, entry):
        publication = published.publication_for(connection, None)
        exists = publication is not None and published.has_school(connection, publication.id, dane)
        if publication is None or not exists or not person.reach.touches(dane):
            raise not_found()
        whole = may(person, Action.SEE_LIST, Place(dane))  # of a school's own figures no group's share is told
        wanted = Wanted(person.reach, dane, None, city_list_only=False)
        found = published.rows(connection, publication.id, wanted)
        wrong = to_check(connection, publication.id, dane, person.reach, service.today())
        pupils = [*published.pupils_of(found), *(one.pupil for one in wrong)]
        names = permissions.names_among(connection, person, pupils)
        entry.thing, entry.detail = f"list:{publication.id}", published.counted(found, [], names)
        told = shares(on_the_list(connection, publication, wanted, since(service.today()))).get(dane, Share())
        notices = published.notices(connection, publication.id, wanted)
        counts = published.counts(connection, publication.id, wanted)
        states = states_of(connection, person.reach, [row.student_id for row in found], since(service.today()))
        figures = figures_of(connection, dane) if whole else None
        name = published.school_names(connection).get(dane, dane)
    return render(
        request,
        "school.html",
        person,
        publication=publication,
        dane=dane,
        school=name,
        rows=[json.loads(row.body) for row in found],
        names=names,
        states=states,
        share=told,
        notices=notices,
        counts=counts,
        figures=figures,
        whole=whole,
        every=may(person, Action.SEE_NAMES),
        to_check=wrong,
        rates=by_indicator(figures.rates) if figures else {},
        own=OWN,
        old_figures=figures is not None and publication.day - figures.day > OLD_FIGURES,
        stale=is_stale(publication.day, service.today()),
    )
