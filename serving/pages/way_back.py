"""Where somebody was going when they had to sign in: kept for half an hour in a signed cookie, never in an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request, Response

from serving.service import Service, service_of

USE, LASTS = "vuelta", 30 * 60
LONGEST = 1_500  # of an address: with its signature a cookie stays far below what browsers keep
ON_THE_WAY = ("/entrar", "/segundo-paso", "/invitacion", "/salir")  # nobody is led back to signing in
FILES = re.compile(r"/lista/descargar|/instituciones/.+/descargar|/paquetes/.+|/cargas/.+/anotado/.+")
"""They would leave the reader where they are."""
OF_THIS_SITE = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # begins at our own root: printable, without blanks or backslashes
WROTE = "Su sesión se cerró. Lo que estaba escribiendo no se guardó: vuelva a escribirlo."
READ = "Entre para seguir."


@dataclass(frozen=True)
class WayBack:
    """A local address, or none; and whether something was being sent."""

    address: str | None
    wrote: bool

    @property
    def sentence(self) -> str:
        return WROTE if self.wrote else READ


def remember(request: Request, response: Response) -> None:
    """Steps of signing in leave what was remembered as it is."""
    if request.url.path.startswith(ON_THE_WAY):
        return
    service, wrote = service_of(request), request.method not in ("GET", "HEAD")
    address = _asked(request)
    if not wrote and address in (None, "/"):
        return  # nothing is lost: who comes in lands at their own task anyway
    signed = service.sign([int(service.moment().timestamp()), address, wrote], USE)
    secure = not service.settings.made_up
    response.set_cookie(_cookie(service), signed, max_age=LASTS, path="/", httponly=True, samesite="lax", secure=secure)


def remembered(request: Request) -> WayBack | None:
    service = service_of(request)
    told = service.unsign(request.cookies.get(_cookie(service), ""), USE)
    if told is None or service.moment().timestamp() - told[0] > LASTS:
        return None
    return WayBack(_local(told[1]), told[2])


def address(request: Request) -> str | None:
    known = remembered(request)
    return known.address if known else None


def forget(response: Response, service: Service) -> None:
    secure = not service.settings.made_up
    response.delete_cookie(_cookie(service), path="/", httponly=True, samesite="lax", secure=secure)


def _cookie(service: Service) -> str:
    return "permanencia-vuelta" if service.settings.made_up else "__Host-permanencia-vuelta"


def _asked(request: Request) -> str | None:
    """The page that was asked for; for a form, a part of a page or a file, the page it was asked from."""
    path = request.url.path
    if request.method == "GET" and "hx-request" not in request.headers and not FILES.fullmatch(path):
        return _local(f"{path}?{request.url.query}" if request.url.query else path)
    return _local(_from_here(request))


def _from_here(request: Request) -> str | None:
    """The page our own browser says it comes from, when that is one of ours."""
    try:
        told = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    if told.netloc != request.headers.get("host"):
        return None
    return f"{told.path}?{told.query}" if told.query else told.path


def _local(text: str | None) -> str | None:
    """Only what stays on this site, whatever somebody managed to have signed."""
    if not text or len(text) > LONGEST or not OF_THIS_SITE.fullmatch(text):
        return None
    return None if text.startswith(ON_THE_WAY) else text
