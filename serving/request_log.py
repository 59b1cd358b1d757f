"""One line for each call, as JSON, and one for each failure: what happened and where, never to whom."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import getrandbits
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import metrics

REQUEST_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")  # anything freer could carry a name
NOWHERE = "none"
DEEPEST = 6  # steps of a failure that are told
CALLS = "/api/v1"
log = logging.getLogger("permanencia.requests")


class OneLine(logging.Formatter):
    """A record as one line of JSON. Of an error only its kind and where it rose: its text may repeat a value."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
        failure = record.exc_info[1] if record.exc_info else None
        return json.dumps(line | getattr(record, "told", {}) | (failed(failure) if failure else {}), ensure_ascii=False)


def failed(error: BaseException) -> dict[str, Any]:
    steps = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    where = [f"{Path(step.filename).name}:{step.lineno} {step.name}" for step in steps]
    return {"error": type(error).__name__, "where": where}


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "serving.request_log.OneLine"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["out"], "level": "INFO"},
    "loggers": {name: {"level": "WARNING"} for name in ("httpx", "alembic", "uvicorn.access")},
}


class Recorded:
    """Gives every call an id, a line and a place in the figures; turns a failure into an answer that tells no value."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Exception], Response]) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        call = Call(scope, send)
        try:
            await self.app(scope, receive, call.send)
        except Exception as error:
            log.error("failure", exc_info=error, extra={"told": call.told()})
            if call.status:
                raise RuntimeError("the answer broke off") from None  # the reader must notice
            await self.answer(Request(scope), error)(scope, receive, call.send)
        finally:
            call.end()
        return None


class Call:
    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.id = given if REQUEST_ID.fullmatch(given) else f"{getrandbits(128):032x}"  # an id, no secret
        self.scope, self._send = scope, send
        self.status = 0
        self.began = perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = self.id
        await self._send(message)

    def told(self) -> dict[str, Any]:
        return {"request_id": self.id, "method": _method(self.scope), "route": route_of(self.scope)}

    def end(self) -> None:
        seconds = perf_counter() - self.began
        metrics.count(_method(self.scope), route_of(self.scope), self.status, seconds)
        if log.isEnabledFor(logging.INFO):
            done = {"status": self.status, "milliseconds": round(seconds * 1000, 1)}
            log.info("request", extra={"told": self.told() | done})


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in metrics.METHODS else "OTHER"


def route_of(scope: Scope) -> str:
    """The template of the address, such as /api/v1/students/{student}; one word for all that leads nowhere."""
    path = getattr(scope.get("route"), "path", None) or scope.get("root_path") or NOWHERE
    nested = scope["path"].startswith(CALLS) and not path.startswith(CALLS) and path != NOWHERE
    return f"{CALLS}{path}" if nested else str(path)
