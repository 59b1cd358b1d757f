"""Puts the web service together: database, calls, pages, guards, and one way to answer errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from serving.api import api_router, operation
from serving.api.again import AskedAgain
from serving.api.problems import Problem, as_problem, problem_response
from serving.database import Database
from serving.guards import BodyLimit, StrictHeaders
from serving.pages import pages_router, sessions, way_back
from serving.pages.api_docs import docs_page
from serving.pages.rendering import render
from serving.request_log import Recorded
from serving.service import Clock, Service, service_of
from serving.settings import BOGOTA, Settings, open_home, read_settings
from serving.version import version

UPLOADS = "/cargas"  # the one page that takes whole files
STATIC = Path(__file__).parent / "static"
MACHINE_PATHS = ("/api/", "/livez", "/readyz", "/version", "/metrics")


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    settings = settings or read_settings()
    open_home(settings)
    app = FastAPI(
        title="Permanencia escolar",
        version=version(),
        summary="La lista de la semana, con sus razones.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    database = Database.open(settings.database_url, settings.keys())
    app.state.service = Service(settings, database, clock or clock_of(settings))
    _add_routes(app)
    _add_error_answers(app)
    _add_guards(app, settings)
    return app


def clock_of(settings: Settings) -> Callable[[], datetime]:
    """The clock of Bogotá; in a demonstration it may stand on a day of the made-up past."""
    return lambda: _moved(real_clock(), settings)


def real_clock() -> datetime:
    return datetime.now(BOGOTA)


def _moved(now: datetime, settings: Settings) -> datetime:
    return datetime.combine(settings.today, now.timetz()) if settings.today else now


def _add_routes(app: FastAPI) -> None:
    app.include_router(operation.router)
    app.include_router(api_router())
    app.include_router(pages_router())
    app.add_api_route("/api/docs", docs_page, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _add_error_answers(app: FastAPI) -> None:
    for kind in (Problem, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _answer_error)
    app.add_exception_handler(sessions.SignInFirst, _lead_to_sign_in)


def _answer_error(request: Request, error: Exception) -> Response:
    problem = as_problem(request, error)
    if request.url.path.startswith(MACHINE_PATHS):
        return problem_response(problem)
    answer = render(request, "problem.html", status=problem.status, problem=problem)
    answer.headers.update(problem.headers if problem.status != 401 else {})
    return answer


def _lead_to_sign_in(request: Request, _error: Exception) -> Response:
    response: Response = RedirectResponse("/entrar", 303)
    if "hx-request" in request.headers:  # a part of a page asked; the whole page has to go
        response = Response(status_code=204, headers={"HX-Redirect": "/entrar"})
    sessions.end(response, service_of(request))
    way_back.remember(request, response)
    return response


def _add_guards(app: FastAPI, settings: Settings) -> None:
    uploads = {UPLOADS: settings.upload_limit}
    app.add_middleware(BodyLimit, limit=settings.body_limit, uploads=uploads, answer=_answer_error)
    app.add_middleware(AskedAgain, service=app.state.service)
    app.add_middleware(Recorded, answer=_answer_error)
    app.add_middleware(StrictHeaders, https_only=not settings.made_up)
