"""What protects every answer and every request: strict headers, and a limit to what may be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api.problems import Problem, problem_response

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
TOO_LARGE = "El archivo pesa más de lo permitido: hasta {} MB. Comprímalo (.zip o .gz) o divídalo, e intente otra vez."
Answer = Callable[[Request, Problem], Response]
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class StrictHeaders:
    """Adds the headers to every answer; an answer that says nothing about caches may not be kept."""

    def __init__(self, app: ASGIApp, https_only: bool) -> None:
        self.app = app
        given = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https_only else {})
        self.headers = [(name.lower().encode(), value.encode()) for name, value in given.items()]
        self.names = frozenset(name for name, _ in self.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*self._own(message["headers"], scope["path"]), *self.headers]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    def _own(self, headers: Iterable[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
        """What the answer itself says, as far as it is not ours to say."""
        own = [header for header in headers if header[0] not in self.names]
        said = any(name == b"cache-control" for name, _ in own)
        return own if said else [*own, (b"cache-control", _kept(path))]


def _kept(path: str) -> bytes:
    return b"public, max-age=3600" if path.startswith("/static/") else b"no-store"


class BodyLimit:
    """Refuses a body that is too large, also when its length was not declared."""

    def __init__(
        self, app: ASGIApp, limit: int, uploads: Mapping[str, int] | None = None, answer: Answer | None = None
    ) -> None:
        """`uploads`: the paths that take whole files, each with its own limit; `answer`: a page for a reader."""
        self.app = app
        self.answer = answer or (lambda _request, error: problem_response(error))
        self.limit = limit
        self.uploads = uploads or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self.uploads.get(scope.get("path", ""), self.limit)
        declared = Headers(scope=scope).get("content-length", "0") if scope["type"] == "http" else "0"
        if not declared.isdigit() or int(declared) > limit:
            await self.answer(Request(scope), self._too_large(scope["path"]))(scope, receive, send)
        else:
            await self.app(scope, self._counted(receive, limit), send)

    def _too_large(self, path: str) -> Problem:
        limit = self.uploads.get(path)
        return Problem(413, TOO_LARGE.format(limit // 1_000_000)) if limit else Problem(413)

    def _counted(self, receive: Receive, limit: int) -> Receive:
        seen = 0

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413)
            return message

        return receive_counted
