"""`permanencia user …`: staff are invited, given a reach, begun anew and sent out, and secrets are shown once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drawn_lists import DIAMANTE, ESPERANZA, MONDAY_MORNING

from serving import cli
from serving.account_door import Door
from serving.account_entry import Entered
from serving.account_invitations import accept
from serving.account_sessions import Stage
from serving.account_tokens import tokens_of
from serving.database import Database
from serving.people import list_people
from serving.settings import Settings, read_settings

Run = Callable[..., dict[str, Any]]
SECRET = "Zk3-hX9_qLw7Rt2Vb8Ny5Md1Pc6Gf4Js"
PHRASE = "lluvia tarde bicicleta"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cli, "now", lambda: MONDAY_MORNING)
    monkeypatch.setenv("PERMANENCIA_HOME", str(tmp_path / "h"))
    return tmp_path / "h"


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, code: int = 0) -> dict[str, Any]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["user", *words, "--json"])
        assert (ended.value.code or 0) == code
        return dict(json.loads(capsys.readouterr().out))

    return run


def opened(home: Path) -> tuple[Settings, Database]:
    settings = read_settings(home)
    return settings, Database.open(settings.database_url, settings.keys())


def test_the_invitation_that_is_printed_once_lets_its_person_in(run: Run, home: Path) -> None:
    made = run("add", "rosa", "--role", "data_scientist", "--whole-secretariat")
    settings, database = opened(home)

    done = accept(Door.of(settings, database), made["invitation"], PHRASE, MONDAY_MORNING)

    assert isinstance(done, Entered) and done.stage is Stage.COMPLETE
    assert made["invitation"] not in json.dumps(run("list"))
    database.engine.dispose()


def test_a_token_comes_with_an_invitation_only_where_nobody_is_real(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("add", "rosa", "--role", "coverage", "--whole-secretariat")
    assert set(made) == {"name", "role", "invitation", "token"}
    monkeypatch.setenv("PERMANENCIA_ENVIRONMENT", "production")
    monkeypatch.setenv("PERMANENCIA_SESSION_SECRET", SECRET)
    monkeypatch.setenv("PERMANENCIA_ROSTER_KEY", "0123456789abcdef" * 4)

    assert set(run("add", "luis", "--role", "coverage", "--whole-secretariat")) == {"name", "role", "invitation"}


@pytest.mark.parametrize(
    ("said", "reach"),
    [
        (["--institution", ESPERANZA, "--institution", DIAMANTE], f"{ESPERANZA}, {DIAMANTE}"),
        (["--reach", "comuna:Comuna 14"], "comuna:Comuna 14"),
        (["--reach", f"{ESPERANZA}/01"], f"{ESPERANZA}/01"),
        (["--reach", "secretaria"], "toda la secretaría"),
        (["--whole-secretariat"], "toda la secretaría"),
    ],
)
def test_a_reach_is_given_as_it_is_written_and_changed_later(run: Run, said: list[str], reach: str) -> None:
    run("add", "rosa", "--role", "coverage", *said)

    (shown,) = run("list")["people"]
    changed = run("reach", "rosa", "--institution", DIAMANTE)

    assert shown["reach"] == reach
    assert changed["reach"] == DIAMANTE


@pytest.mark.parametrize(
    "words",
    [
        ("add", "rosa", "--role", "coverage"),
        ("add", "rosa", "--role", "data_scientist"),
        ("add", "rosa", "--role", "coverage", "--whole-secretariat", "--institution", ESPERANZA),
        ("add", "rosa", "--role", "school", "--whole-secretariat"),
        ("add", "rosa", "--role", "coverage", "--reach", "comuna:"),
        ("add", "rosa", "--role", "school"),
        ("add", "rosa", "--role", "school", "--reach", "comuna:Comuna 14"),
        ("add", "rosa", "--role", "coverage", "--email", "rosa"),
        ("reach", "rosa"),
        ("reset", "rosa"),
        ("reopen", "rosa"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nobody_is_made(run: Run, home: Path, words: tuple[str, ...]) -> None:
    told = run(*words, code=2)

    assert told["error"]
    _, database = opened(home)
    assert list_people(database) == []
    database.engine.dispose()


def test_an_account_is_begun_anew_and_its_sessions_are_ended(run: Run, home: Path) -> None:
    first = run("add", "rosa", "--role", "data_scientist", "--whole-secretariat")["invitation"]
    settings, database = opened(home)
    door = Door.of(settings, database)
    accept(door, first, PHRASE, MONDAY_MORNING)

    assert run("sign-out", "rosa")["ended"] == 1
    again = run("reset", "rosa")["invitation"]

    assert again != first
    assert isinstance(accept(door, again, PHRASE, MONDAY_MORNING), Entered)
    database.engine.dispose()


def test_who_left_comes_back_under_the_same_name_with_a_new_invitation_and_no_old_key(run: Run, home: Path) -> None:
    first = run("add", "rosa", "--role", "data_scientist", "--institution", ESPERANZA)
    run("remove", "rosa")
    assert "cerrado" in run("add", "rosa", "--role", "data_scientist", "--whole-secretariat", code=2)["error"]
    assert "cerrado" in run("reset", "rosa", code=2)["error"]

    again = run("reopen", "rosa")["invitation"]

    settings, database = opened(home)
    assert not isinstance(accept(Door.of(settings, database), first["invitation"], PHRASE, MONDAY_MORNING), Entered)
    assert isinstance(accept(Door.of(settings, database), again, PHRASE, MONDAY_MORNING), Entered)
    (rosa,) = list_people(database)
    assert rosa.active and str(rosa.reach) == ESPERANZA
    with database.reading() as connection:
        assert not tokens_of(connection, "rosa", MONDAY_MORNING)
    database.engine.dispose()


def test_before_the_first_list_a_place_is_taken_with_a_note_that_nothing_could_be_compared(run: Run) -> None:
    assert "no se pudo comprobar" in run("add", "rosa", "--role", "coverage", "--reach", "comuna:99")["note"]
    assert "no se pudo comprobar" in run("reach", "rosa", "--institution", "000000000000")["note"]
    assert "note" not in run("reach", "rosa", "--whole-secretariat")
