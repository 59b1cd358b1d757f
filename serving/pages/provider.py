"""To the identity provider of the secretariat and back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.account_provider import NotVouched, enter
from serving.api.problems import not_found
from serving.pages.rendering import render
from serving.pages.signing_in import go_on, tried
from serving.service import Service, service_of

router = APIRouter()

USE, LASTS = "oidc", 600  # seconds to come back in
BACK = "/entrar/institucional/vuelta"


@router.get("/entrar/institucional")
async def go_there(request: Request) -> Response:
    from serving import account_oidc  # a second of loading, for who has a provider

    service = _must_have_provider(request)
    request.scope["session"] = state = dict[str, Any]()
    client = account_oidc.client_of(service.settings)
    try:
        response: Response = await account_oidc.send_there(client, request, str(request.base_url)[:-1] + BACK)
    except NotVouched as no:
        return _told(request, no, 503)
    _keep(response, service, state)
    return response


@router.get(BACK)
async def come_back(request: Request) -> Response:
    """A GET that opens a session, as the protocol has it; the state in the cookie ties it to who set out from here."""
    from serving import account_oidc

    service = _must_have_provider(request)
    request.scope["session"] = _kept(request, service)
    client = account_oidc.client_of(service.settings)
    try:
        who = await account_oidc.vouched(client, request, service.settings)
        entered = await run_in_threadpool(enter, service.door, who, service.settings, tried(request))
        response = await run_in_threadpool(go_on, request, entered)
    except NotVouched as no:
        response = _told(request, no, 401)
    response.delete_cookie(_cookie(service), path="/", httponly=True, samesite="lax", secure=not _plain(service))
    return response


def _must_have_provider(request: Request) -> Service:
    service = service_of(request)
    if not service.settings.has_provider:
        raise not_found()
    return service


def _told(request: Request, no: NotVouched, status: int) -> Response:
    return render(request, "sign_in_refused.html", status=status, problem=str(no))


def _cookie(service: Service) -> str:
    return "permanencia-ida" if _plain(service) else "__Host-permanencia-ida"


def _plain(service: Service) -> bool:
    return service.settings.made_up


def _keep(response: Response, service: Service, state: dict[str, Any]) -> None:
    """State, nonce and proof key travel in a signed cookie that only this browser has."""
    signed = service.sign([int(service.moment().timestamp()), state], USE)
    secure = not _plain(service)
    response.set_cookie(_cookie(service), signed, max_age=LASTS, path="/", httponly=True, samesite="lax", secure=secure)


def _kept(request: Request, service: Service) -> dict[str, Any]:
    told = service.unsign(request.cookies.get(_cookie(service), ""), USE)
    if told is None or service.moment().timestamp() - told[0] > LASTS:
        return {}
    return dict(told[1])
