"""Where everything lives and how strict the service must be, read once from the environment."""

from __future__ import annotations

import os
import secrets
import stat
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from serving.account_settings import AccountSettings
from serving.database_settings import DatabaseSettings
from serving.faults import Refused, WrongUsage
from serving.mail_settings import MailSettings
from serving.sealing import ROSTER_KEY, Keys, Sealer

if TYPE_CHECKING:
    from features.sources.profile import Profile

BOGOTA = ZoneInfo("America/Bogota")
SECRET_LENGTH = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Settings(AccountSettings, DatabaseSettings, MailSettings):
    """Every value may be given as PERMANENCIA_<NAME>, or as a line of <home>/settings.env."""

    model_config = SettingsConfigDict(env_prefix="PERMANENCIA_", extra="ignore")

    home: Path = Path(".permanencia")
    tracking_uri: str = ""
    session_secret: str = ""
    environment: Literal["demo", "production"] = "demo"
    today: date | None = None  # a stopped clock, for demonstrations on a made-up past
    capacity: int = Field(300, ge=1)  # contacts a week, when the command does not say
    margin: float = Field(0.8, ge=0, le=5)  # how much more chance a new name needs: models.list_order.OrderRules
    follow_weeks: int = Field(4, ge=0, le=52)  # for how long a contact keeps a child off the to-do list
    band: int = Field(0, ge=0, le=10_000)  # seats near the cut that are drawn by lot: only by written decision
    band_decision: str = ""  # number and date of that decision
    body_limit: int = 2_000_000
    upload_limit: int = Field(100_000_000, ge=1)  # bytes of a file brought to the page of imports
    requests_per_person: int = Field(300, ge=0)  # in five minutes, for each worker; 0: without limit
    downloads_per_hour: int = Field(60, ge=0)  # lists that one person may take away as files; 0: without limit

    @model_validator(mode="after")
    def complete(self) -> Self:
        self.home = self.home.absolute()
        self.database_url = self.database_url or f"sqlite:///{self.home / 'permanencia.sqlite'}"
        self.tracking_uri = (
            self.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.home / 'mlflow.sqlite'}"
        )
        return self

    @model_validator(mode="after")
    def safe_in_production(self) -> Self:
        if self.environment == "production" and (why := self._why_unsafe()):
            raise ValueError(why)
        return self

    def _why_unsafe(self) -> str | None:
        if len(self.session_secret) < SECRET_LENGTH:
            return f"PERMANENCIA_SESSION_SECRET debe tener al menos {SECRET_LENGTH} caracteres en producción."
        if len(set(self.session_secret)) < 10:
            return "PERMANENCIA_SESSION_SECRET es demasiado simple: use 32 caracteres al azar."
        if self.today is not None:
            return "PERMANENCIA_TODAY detiene el reloj: solo se admite en demostraciones."
        return self.why_keys_unsafe()

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def artifacts(self) -> Path:
        return self.home / "mlartifacts"

    @property
    def champion(self) -> Path:
        """The text copy of the model in use, which the service reads without MLflow."""
        return self.home / "models" / "champion"

    @property
    def made_up(self) -> bool:
        return self.environment == "demo"

    @cached_property
    def signing_key(self) -> str:
        """Outside production a random key is kept in the home, so that several workers share it."""
        return self.session_secret or kept_secret(self.home / "session.secret").hex()

    def profile(self) -> Profile:
        """What the secretariat does its own way, from <home>/perfil.toml."""
        from features.sources.profile import FILE, ProfileError, read_profile

        try:
            return read_profile(self.home / FILE)
        except ProfileError as error:
            raise WrongUsage(str(error)) from None

    def keys(self) -> Keys:
        """Of the database; outside production the roster's key is kept in the home."""
        given = self.roster_keys() or (kept_secret(self.home / ROSTER_KEY),)
        return Keys(Sealer(given), self.audit_key.encode() or None)

    def pseudonym_key(self) -> bytes:
        return kept_secret(self.home / "pseudonym.key")


def read_settings(home: Path | None = None) -> Settings:
    place = home or Path(os.environ.get("PERMANENCIA_HOME", ".permanencia"))
    try:
        return Settings(_env_file=place / "settings.env", home=place)
    except ValidationError as error:
        raise WrongUsage(_in_spanish(error)) from None


def _in_spanish(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    name = "PERMANENCIA_" + str(first["loc"][0]).upper() if first["loc"] else "La configuración"
    return f"{name} tiene un valor que no se admite. Revise la tabla de configuración del README."


def open_home(settings: Settings) -> Path:
    """The home holds names and keys: only its owner may enter, also where it was there before with wider doors."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    close_to_others(settings.home)
    return settings.home


def close_to_others(home: Path) -> None:
    """NOTE: a folder that everybody uses (/tmp, the root) is never closed to them: it is refused."""
    told = home.stat()
    if not told.st_mode & OTHERS:
        return
    if told.st_mode & stat.S_ISVTX or home == Path(home.anchor):
        raise Refused(f"{home} es de uso común; aquí se guardan nombres y claves. Elija con --home una carpeta propia.")
    try:
        home.chmod(stat.S_IMODE(told.st_mode) & ~OTHERS)
    except PermissionError:
        raise Refused(
            f"Otras personas de este equipo pueden entrar a {home.name}, donde se guardan nombres y claves. "
            f"Solo quien la creó puede cerrarla: pídale que ejecute chmod 700 {home}"
        ) from None


def kept_secret(path: Path) -> bytes:
    """Reads the key, or makes it once; two processes that start together end with the same key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_LENGTH))
        _link_unless_there(draft, path)
    return path.read_bytes()


def _link_unless_there(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
