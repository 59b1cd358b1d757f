"""The way of a file into the archive: upload, look at what was understood, then accept the good rows or drop it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, StreamingResponse

from features.archive import Archive
from features.sources.file_names import told as told_name
from features.sources.source_names import SOURCES
from serving import imports
from serving.api.problems import Problem, not_found
from serving.faults import Fault, WrongUsage
from serving.imports import Import
from serving.pages.rendering import render
from serving.pages.sessions import SignedIn
from serving.people import Person
from serving.permissions import Action, why_not
from serving.service import Service, service_of

router = APIRouter()

AGAIN = 3  # seconds until a page that waits asks again
PAGE = "/cargas"
MOST_SHOWN = 200
NO_DAY = "Escriba la fecha de corte, como AAAA-MM-DD."

Id = Annotated[str, Path(max_length=40)]


@router.get(PAGE)
def imports_page(request: Request, person: SignedIn) -> Response:
    return _start_page(request, person)


def _start_page(request: Request, person: Person, status: int = 200, problem: str | None = None) -> Response:
    _must_import(person)
    service = service_of(request)
    return render(
        request,
        "imports.html",
        person,
        status,
        imports=imports.imports(service.settings),
        today=service.today(),
        suffixes=imports.SUFFIXES,
        largest=service.settings.upload_limit // 1_000_000,
        problem=problem,
    )


def _must_import(person: Person) -> None:
    if reason := why_not(person, Action.IMPORT):
        raise Problem(403, reason)


@router.post(PAGE)
async def upload(request: Request, person: SignedIn) -> Response:
    # NOTE: a file field in the signature would be read before we know who sends it.
    async with request.form(max_files=1, max_fields=10) as form:
        _must_import(person)
        file, day = form.get("archivo"), form.get("corte")
        sent = file if isinstance(file, UploadFile) else None
        return await run_in_threadpool(_received, request, person, sent, day if isinstance(day, str) else "")


def _received(request: Request, person: Person, file: UploadFile | None, day: str) -> Response:
    service = service_of(request)
    try:
        known_on = _day(day)
        one = imports.receive(
            service.settings, (file and file.filename) or "", file.file, known_on, person.name, service.clock()
        ) if file else _nothing_sent()  # fmt: skip
    except WrongUsage as wrong:
        return _start_page(request, person, 422, str(wrong))
    service.database.note(service.by(person, request), "upload_import", f"import:{one.id}")
    return RedirectResponse(f"{PAGE}/{one.id}", 303)


def _nothing_sent() -> Import:
    raise WrongUsage(imports.EMPTY)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(NO_DAY) from None


@router.get(PAGE + "/{id}")
def import_page(request: Request, person: SignedIn, id: Id) -> Response:
    return _import_page(request, person, _found(request, person, id))


def _found(request: Request, person: Person, id: str) -> Import:
    _must_import(person)
    one = imports.find(service_of(request).settings, id)
    if one is None:
        raise not_found()
    return one


def _import_page(
    request: Request, person: Person, one: Import, status: int = 200, problem: str | None = None
) -> Response:
    told = one.report or {}
    return render(
        request,
        "import.html",
        person,
        status,
        one=one,
        report=one.report,
        before=_rows_before(service_of(request), one),
        problems=told.get("problems", [])[:MOST_SHOWN],
        more=max(0, len(told.get("problems", [])) - MOST_SHOWN) + told.get("more_problems", 0),
        sources=SOURCES,
        told_name=told_name(one.file),
        names_refused=why_not(person, Action.SEE_NAMES),
        problem=problem,
        again=(AGAIN, f"{PAGE}/{one.id}") if one.is_running else None,
    )


def _rows_before(service: Service, one: Import) -> dict[str, Any]:
    """The rows of the last file of each kind before this one: a table half as long is seen at once."""
    earlier = [entry for entry in Archive(service.settings.archive).entries() if entry.known_on < one.known_on]
    last = {entry.source: entry.known_on for entry in sorted(earlier, key=lambda entry: entry.known_on)}
    return {
        source: sum(entry.rows_in for entry in earlier if (entry.source, entry.known_on) == (source, day))
        for source, day in last.items()
    }


@router.get(PAGE + "/{id}/anotado/{number}")
def annotated(request: Request, person: SignedIn, id: Id, number: Annotated[int, Path(ge=1, le=999)]) -> Response:
    """The rows as they came, names too: only for who may see them, and with its line in the audit."""
    one, service = _found(request, person, id), service_of(request)
    if reason := why_not(person, Action.SEE_NAMES):
        raise Problem(403, reason)
    if number > len(one.annotated):
        raise not_found()
    service.database.note(service.by(person, request), "export", f"import:{one.id}", f"filas anotadas {number}")
    headers = {"Content-Disposition": f'attachment; filename="filas_por_corregir_{number}.csv"'}
    content = imports.annotated_text(one.annotated[number - 1])
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.post(PAGE + "/{id}/aceptar")
def accept(request: Request, person: SignedIn, id: Id) -> Response:
    one, service = _found(request, person, id), service_of(request)
    try:
        imports.take(service.settings, one, person.name, service.clock())
    except Fault as wrong:
        return _import_page(request, person, one, 409, str(wrong))
    return RedirectResponse(f"{PAGE}/{one.id}", 303)


@router.post(PAGE + "/{id}/descartar")
def discard(request: Request, person: SignedIn, id: Id) -> Response:
    one, service = _found(request, person, id), service_of(request)
    try:
        imports.discard(service.settings, one)
    except WrongUsage as wrong:
        return _import_page(request, person, one, 409, str(wrong))
    service.database.note(service.by(person, request), "discard_import", f"import:{one.id}")
    return RedirectResponse(PAGE, 303)
