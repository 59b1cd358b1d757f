"""The settings: read once, complete by themselves, and refused when production would not be safe."""

import os
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from serving.app import clock_of
from serving.faults import Refused, WrongUsage
from serving.settings import Settings, kept_secret, open_home, read_settings

SECRET = "Zk3-hX9_qLw7Rt2Vb8Ny5Md1Pc6Gf4Js"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("PERMANENCIA_", "MLFLOW_TRACKING")):
            monkeypatch.delenv(name)


def test_without_a_word_everything_lives_in_one_folder(tmp_path):
    settings = read_settings(tmp_path)

    assert settings.database_url == f"sqlite:///{tmp_path / 'permanencia.sqlite'}"
    assert settings.tracking_uri == f"sqlite:///{tmp_path / 'mlflow.sqlite'}"
    assert settings.made_up


def test_the_environment_overrides_parts_of_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PERMANENCIA_DATABASE_URL", "postgresql://db/permanencia")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")

    settings = read_settings(tmp_path)

    assert settings.database_url == "postgresql://db/permanencia"
    assert settings.tracking_uri == "http://127.0.0.1:5000"


def test_a_file_in_the_home_is_read_and_the_environment_wins_over_it(tmp_path, monkeypatch):
    (tmp_path / "settings.env").write_text("PERMANENCIA_CAPACITY=30\nPERMANENCIA_TODAY=2024-05-13\n")
    assert (read_settings(tmp_path).capacity, read_settings(tmp_path).today) == (30, date(2024, 5, 13))

    monkeypatch.setenv("PERMANENCIA_CAPACITY", "40")

    assert read_settings(tmp_path).capacity == 40


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "SESSION_SECRET"),
        ({"session_secret": "corta"}, "SESSION_SECRET"),
        ({"session_secret": "a" * 64}, "demasiado simple"),
        ({"session_secret": SECRET, "today": "2024-05-13"}, "TODAY"),
    ],
)
def test_production_does_not_start_on_unsafe_values_and_says_which(tmp_path, monkeypatch, values, word):
    monkeypatch.setenv("PERMANENCIA_ENVIRONMENT", "production")
    for name, value in values.items():
        monkeypatch.setenv(f"PERMANENCIA_{name.upper()}", value)

    with pytest.raises(WrongUsage, match=word) as caught:
        read_settings(tmp_path)

    assert not any(value in str(caught.value) for value in values.values())


def test_production_starts_on_safe_values(tmp_path, monkeypatch):
    monkeypatch.setenv("PERMANENCIA_ENVIRONMENT", "production")
    monkeypatch.setenv("PERMANENCIA_SESSION_SECRET", SECRET)
    monkeypatch.setenv("PERMANENCIA_ROSTER_KEY", bytes(range(32)).hex())

    settings = read_settings(tmp_path)

    assert not settings.made_up
    assert settings.signing_key == SECRET


@pytest.mark.parametrize(
    ("name", "value"), [("ENVIRONMENT", "prueba"), ("CAPACITY", "muchos"), ("CAPACITY", "0"), ("TODAY", "ayer")]
)
def test_a_value_that_is_not_admitted_is_named(tmp_path, monkeypatch, name, value):
    monkeypatch.setenv(f"PERMANENCIA_{name}", value)

    with pytest.raises(WrongUsage, match=f"PERMANENCIA_{name}"):
        read_settings(tmp_path)


def test_a_key_is_made_once_and_belongs_to_its_owner(tmp_path):
    path = tmp_path / "h" / "key"

    assert kept_secret(path) == kept_secret(path)
    assert len(path.read_bytes()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(Path(tmp_path / "h").iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o777, 0o710, 0o700])
def test_a_home_that_others_could_enter_is_closed_to_them_when_it_is_opened(tmp_path, mode):
    home = tmp_path / "h"
    home.mkdir()
    home.chmod(mode)

    open_home(Settings(home=home))

    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_folder_that_everybody_uses_is_refused_and_left_open(tmp_path):
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)

    with pytest.raises(Refused, match="de uso común"):
        open_home(Settings(home=shared))

    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    with pytest.raises(Refused, match="de uso común"):
        open_home(Settings(home=Path("/")))


def test_who_is_not_the_owner_is_told_whom_to_ask(tmp_path, monkeypatch):
    """Root may close any folder, and tests often run as root: only the system's refusal is played."""
    home = tmp_path / "h"
    home.mkdir()
    home.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda *_: (_ for _ in ()).throw(PermissionError()))

    with pytest.raises(Refused, match="chmod 700"):
        open_home(Settings(home=home))


def test_workers_of_one_home_sign_with_the_same_key(tmp_path):
    assert Settings(home=tmp_path).signing_key == Settings(home=tmp_path).signing_key
    assert Settings(home=tmp_path / "b").signing_key != Settings(home=tmp_path).signing_key


def test_the_clock_stands_on_the_day_of_the_demonstration_and_otherwise_walks(tmp_path):
    stopped = clock_of(Settings(home=tmp_path, today=date(2024, 5, 13)))
    walking = clock_of(Settings(home=tmp_path))

    assert stopped().date() == date(2024, 5, 13)
    assert abs(walking() - datetime.now(UTC)).total_seconds() < 5
