"""Talking with the identity provider of the secretariat: what it says is believed only when all of it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App  # type: ignore[import-untyped]
from fastapi import Request
from joserfc.errors import JoseError

from serving.account_provider import NAME, NO_ANSWER, NOT_PROVEN, NotVouched, Vouched
from serving.account_settings import AccountSettings

SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Keys that only the provider has. A token without signature, or signed with the secret we share, proves nothing."""
PATIENCE, LEEWAY = 10, 60  # seconds


def client_of(settings: AccountSettings) -> StarletteOAuth2App:
    return OAuth().register(
        NAME,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "timeout": PATIENCE},
    )


async def send_there(client: StarletteOAuth2App, request: Request, back: str) -> Any:
    try:
        return await client.authorize_redirect(request, back)
    except (httpx2.HTTPError, AuthlibBaseError, RuntimeError, ValueError):
        raise NotVouched(NO_ANSWER) from None


async def vouched(client: StarletteOAuth2App, request: Request, settings: AccountSettings) -> Vouched:
    """Raises NotVouched unless state, code, signature, issuer, audience, nonce and expiry all hold."""
    try:
        claims = await _claims(client, request, settings)
    except httpx2.HTTPError:
        raise NotVouched(NO_ANSWER) from None
    except (AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError, TypeError):
        raise NotVouched(NOT_PROVEN) from None
    if not claims.get("sub"):
        raise NotVouched(NOT_PROVEN)
    return _read(settings.oidc_issuer, claims)


async def _claims(client: StarletteOAuth2App, request: Request, settings: AccountSettings) -> dict[str, Any]:
    metadata = await client.load_server_metadata()
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in SIGNED_WITH]
    wanted = {
        "iss": {"essential": True, "value": settings.oidc_issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
        "nonce": {"essential": True},
    }
    token = await client.authorize_access_token(request, claims_options=wanted, leeway=LEEWAY)
    claims = dict(token.get("userinfo") or {})
    return claims | await _email(client, token, claims["sub"]) if "email" not in claims else claims


async def _email(client: StarletteOAuth2App, token: dict[str, Any], subject: str) -> dict[str, Any]:
    """Some providers tell the e-mail only when asked for it."""
    more = await client.userinfo(token=token)
    same = more.get("sub") == subject
    return {name: more.get(name) for name in ("email", "email_verified")} if same else {}


def _read(issuer: str, claims: Mapping[str, Any]) -> Vouched:
    told = claims.get("amr")
    factors = frozenset(str(one) for one in [*(told if isinstance(told, list) else []), claims.get("acr")] if one)
    email = claims.get("email") if claims.get("email_verified") is True else None
    return Vouched(f"{issuer}|{claims['sub']}", str(email).lower() if email else None, factors)
