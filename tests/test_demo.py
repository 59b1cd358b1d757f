"""The demonstration: a whole made-up secretariat in one command, which may be run again, and with another size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from serving.demo import set_aside_other_city
from serving.faults import Refused
from serving.settings import Settings

WANTED = {"students": 4000, "seed": 1, "last_year": 2024}


def permanencia(home: Path, *words: str) -> dict:
    command = [sys.executable, "-m", "serving.cli", *words, "--json", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "home"
    folder.with_name("shown.json").write_text(
        json.dumps(permanencia(folder, "demo", "--students", "1000", "--no-serve"))
    )
    return folder


def shown(home: Path) -> dict:
    return json.loads(home.with_name("shown.json").read_text())


def test_it_ends_with_a_published_list_and_a_sign_in_for_each_role(home: Path) -> None:
    told = shown(home)

    assert told["publication"]["listed"] > 0
    assert len(told["tokens"]) >= 3
    assert {row["method"] for row in told["evaluation"]} >= {"model", "logistic_regression", "random", "best_possible"}


def test_the_list_has_scores_ranks_reasons_protective_factors_and_changes(home: Path) -> None:
    told = permanencia(home, "list", "--day", "latest")

    rows = told["rows"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(0 < row["score"] < 1 for row in rows)
    assert all(len(row["reasons"]) <= 4 for row in rows)
    assert any(row["reasons"] for row in rows)
    assert any(row["protective"] for row in rows)
    assert {row["change"]["kind"] for row in rows} <= {"entered", "rose", "stayed", "fell"}


def test_every_sentence_of_the_published_list_is_short_and_names_no_cause(home: Path) -> None:
    from models.wording import banned_words

    rows = permanencia(home, "list", "--day", "latest")["rows"]
    told = [reason["sentence"] for row in rows for reason in (*row["reasons"], *row["protective"])]

    assert told
    assert not [sentence for sentence in told if len(sentence.split()) > 20 or banned_words(sentence)]


def test_run_again_it_gives_the_same_list_and_the_same_tokens(home: Path) -> None:
    again = permanencia(home, "demo", "--students", "1000", "--no-serve")

    assert again["publication"]["content_hash"] == shown(home)["publication"]["content_hash"]
    assert again["publication"]["is_new"] is False
    assert again["tokens"] == shown(home)["tokens"]


def a_city_in(folder: Path, **made: int) -> Settings:
    (folder / "demo").mkdir(parents=True)
    (folder / "demo" / "city.json").write_text(json.dumps(WANTED | made))
    return Settings(home=folder, environment="demo")


def test_another_city_does_not_mix_with_the_one_before_and_nothing_is_lost(tmp_path: Path) -> None:
    settings = a_city_in(tmp_path / "home", students=1000)
    said: list[str] = []

    set_aside_other_city(settings, WANTED, said.append)

    assert not (tmp_path / "home").exists()
    assert (tmp_path / "home-1000-estudiantes" / "demo" / "city.json").exists()
    assert said == ["La ciudad inventada anterior queda en la carpeta home-1000-estudiantes."]


def test_the_same_city_stays_where_it_is(tmp_path: Path) -> None:
    settings = a_city_in(tmp_path / "home")

    set_aside_other_city(settings, WANTED, print)

    assert (tmp_path / "home" / "demo" / "city.json").exists()


def test_a_database_elsewhere_that_holds_another_city_is_refused(tmp_path: Path) -> None:
    a_city_in(tmp_path / "home", students=1000)
    settings = Settings(home=tmp_path / "home", database_url=f"sqlite:///{tmp_path / 'other.sqlite'}")

    with pytest.raises(Refused, match="otra ciudad"):
        set_aside_other_city(settings, WANTED, print)
