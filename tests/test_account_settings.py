"""What is said about accounts in the environment: whole or absent, over HTTPS, and with keys that are keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from serving.account_door import Door
from serving.database import Database
from serving.faults import WrongUsage
from serving.people import Role
from serving.settings import Settings, read_settings

PROVIDER = {"ISSUER": "https://id.example", "CLIENT_ID": "permanencia", "CLIENT_SECRET": "un secreto"}


def given(monkeypatch: pytest.MonkeyPatch, home: Path, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"PERMANENCIA_{name}", value)
    return read_settings(home)


@pytest.mark.parametrize("missing", PROVIDER)
def test_a_provider_told_by_half_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: str) -> None:
    told = {f"OIDC_{name}": value for name, value in PROVIDER.items() if name != missing}

    with pytest.raises(WrongUsage, match=f"PERMANENCIA_OIDC_{missing}"):
        given(monkeypatch, tmp_path, **told)


@pytest.mark.parametrize("issuer", ["http://id.example", "id.example", "http://127.0.0.1.example:80"])
def test_a_provider_without_https_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, issuer: str) -> None:
    told = {f"OIDC_{name}": value for name, value in (PROVIDER | {"ISSUER": issuer}).items()}

    with pytest.raises(WrongUsage, match="https"):
        given(monkeypatch, tmp_path, **told)


def test_a_whole_provider_is_taken_with_the_words_that_stand_for_a_second_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = {f"OIDC_{name}": value for name, value in PROVIDER.items()}

    settings = given(monkeypatch, tmp_path, **told, OIDC_SECOND_FACTOR=" mfa,otp , ")

    assert settings.has_provider and settings.provider_factors == {"mfa", "otp"}


def test_a_key_that_is_none_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="PERMANENCIA_ACCOUNT_KEY") as caught:
        given(monkeypatch, tmp_path, ACCOUNT_KEY=f"{Fernet.generate_key().decode()},no-es-clave")

    assert "no-es-clave" not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "asked", "expected"), [("demo", False, False), ("demo", True, True), ("production", False, True)]
)
def test_names_cost_a_second_step_in_production_and_in_a_demonstration_only_if_asked(
    database: Database, tmp_path: Path, environment: str, asked: bool, expected: bool
) -> None:
    settings = Settings(home=tmp_path).model_copy(update={"environment": environment, "second_factor": asked})

    assert Door.of(settings, database).must_prove_twice(Role.SCHOOL) == expected
