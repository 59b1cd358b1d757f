"""How people sign in: whether with a second factor, and through which identity provider of the secretariat."""

from __future__ import annotations

from typing import Self

from cryptography.fernet import Fernet
from pydantic import model_validator
from pydantic_settings import BaseSettings

HERE = ("http://127.0.0.1:", "http://localhost:")  # a provider on this very machine, for trying it out


class AccountSettings(BaseSettings):
    """The part of serving.settings that is about accounts."""

    second_factor: bool = False  # asked for in a demonstration too; in production it always is
    account_key: str = ""  # Fernet keys, newest first, with commas; kept in the home unless told otherwise
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = "el proveedor de identidad de la secretaría"
    oidc_second_factor: str = ""  # values of acr or amr, with commas, that stand for a second factor over there

    @model_validator(mode="after")
    def whole_or_absent(self) -> Self:
        told = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(told) and not all(told):
            raise ValueError(
                "Para entrar con otro proveedor hacen falta PERMANENCIA_OIDC_ISSUER, "
                "PERMANENCIA_OIDC_CLIENT_ID y PERMANENCIA_OIDC_CLIENT_SECRET."
            )
        if self.oidc_issuer and not self.oidc_issuer.startswith(("https://", *HERE)):
            raise ValueError("PERMANENCIA_OIDC_ISSUER debe empezar por https://.")
        return self

    @model_validator(mode="after")
    def keys_that_open(self) -> Self:
        try:
            _ = [Fernet(key.strip()) for key in self.account_key.split(",") if key.strip()]
        except ValueError:
            raise ValueError("PERMANENCIA_ACCOUNT_KEY no es una clave Fernet (32 bytes en base64).") from None
        return self

    @property
    def has_provider(self) -> bool:
        return bool(self.oidc_issuer)

    @property
    def provider_factors(self) -> frozenset[str]:
        return frozenset(value.strip() for value in self.oidc_second_factor.split(",") if value.strip())
