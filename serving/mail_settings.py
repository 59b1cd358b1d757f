"""Through which server the weekly e-mail leaves, and the address that its link leads to."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

HERE = ("127.0.0.1", "::1", "localhost")


class MailSettings(BaseSettings):
    """The part of serving.settings that is about e-mail."""

    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = Field("", repr=False)
    smtp_from: str = ""
    public_url: str = ""  # where staff open the page, such as https://permanencia.cali.gov.co

    @model_validator(mode="after")
    def mail_leaves_sealed(self) -> Self:
        if self.smtp_host and self.smtp_security == "none" and self.smtp_host not in HERE:
            raise ValueError("PERMANENCIA_SMTP_SECURITY=none solo se admite con un servidor en este mismo equipo.")
        if self.smtp_host and "@" not in self.smtp_from:
            raise ValueError("Falta PERMANENCIA_SMTP_FROM: la dirección desde la que salen los correos.")
        if self.smtp_host and not self.public_url.startswith(("https://", *(f"http://{here}" for here in HERE))):
            raise ValueError("PERMANENCIA_PUBLIC_URL debe empezar por https:// y ser la dirección de la página.")
        return self
