"""The commands as a person or a clock types them: exit codes, one JSON object, sentences instead of tracebacks."""

import csv
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from drawn_lists import ESPERANZA, FIRST_SUNDAY, SECOND_SUNDAY, draw_home, student
from small_school import DAY, absent, enrolled, given, grown_model

from serving.cli import main
from serving.commands import city, desk
from serving.commands.faults import BUG, outcome
from serving.database import HEAD
from serving.faults import DataProblem, Missing, Refused, WrongUsage

ROOT = Path(__file__).parents[1]
COMMANDS = (
    *("simulate", "check", "ingest", "features", "labels", "train", "evaluate", "promote", "rollback"),
    *("score", "explain", "run-week", "effects", "list", "quality", "rates", "monitor", "serve", "demo"),
    *("backup", "restore", "user", "db", "audit", "roster", "model"),
)
GROUPS = ("user", "db", "audit", "roster", "model")
HEAVY = ("mlflow", "shap", "sklearn", "lightgbm", "polars", "pandas", "fastapi", "sqlalchemy", "numpy")


@dataclass
class Shown:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capsys, monkeypatch):
    """The command in this process: the same door, without loading every library again."""

    def run(*arguments, home=None, **environment):
        for name in [name for name in os.environ if name.startswith("PERMANENCIA_")]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        words = [*map(str, arguments), *(["--home", str(home)] if home else [])]
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        os.environ.pop("PERMANENCIA_HOME", None)  # --home leaves it for the workers of `serve`
        return Shown(ended.value.code or 0, *capsys.readouterr())

    return run


def typed(*arguments, home=None, **environment):
    """The command as the shell starts it."""
    command = [sys.executable, "-m", "serving.cli", *map(str, arguments), *(["--home", str(home)] if home else [])]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PERMANENCIA_")}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=clean | environment, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home") / "h"
    draw_home(folder)
    return folder


def test_help_comes_at_once_and_names_every_command():
    times = []
    for _ in range(3):
        started = time.monotonic()
        shown = typed("--help")
        times.append(time.monotonic() - started)

    assert shown.returncode == 0
    assert all(re.search(rf"^  {command} ", shown.stdout, re.MULTILINE) for command in COMMANDS)
    assert min(times) < 1.0  # half a second on a quiet machine; tests share theirs


def test_nothing_heavy_is_loaded_before_a_command_runs(run):
    loaded = f"import sys, serving.cli; print([name for name in {HEAVY!r} if name in sys.modules])"

    shown = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, cwd=ROOT, check=True)

    assert shown.stdout.strip() == "[]"


def test_the_web_service_is_put_together_without_the_registry_or_the_explainer(run):
    loaded = (
        "import sys, serving.app; print([n for n in ('mlflow', 'shap', 'sklearn', 'lightgbm') if n in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, cwd=ROOT, check=True)

    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_offers_json(command, run):
    shown = run(command, "--help")

    assert shown.returncode == 0
    assert command in ("serve", "simulate", "check", *GROUPS) or "--home" in shown.stdout
    assert command in ("serve", *GROUPS) or "--json" in shown.stdout


def test_the_published_list_is_one_json_object_with_all_that_contract_promises(home, run):
    shown = run("list", "--day", "latest", "--format", "json", home=home)
    body = json.loads(shown.stdout)

    assert shown.returncode == 0
    publication = body["publication"]
    assert {"id", "day", "model_version", "content_hash", "capacity", "left_out"} <= set(publication)
    assert (publication["day"], publication["capacity"]) == (SECOND_SUNDAY.isoformat(), 12)
    row = body["rows"][0]
    wanted = "rank student_id institution grade score raw_score rank_in_institution band reasons protective change"
    assert set(wanted.split()) <= set(row)
    assert set(row["change"]) == {"kind", "why"}
    reason = "family feature value contribution sentence actionable source observed_on"
    assert set(reason.split()) == set(row["reasons"][0])


def test_the_list_can_be_written_to_a_file_for_one_school_and_an_earlier_day(home, tmp_path, run):
    out = tmp_path / "lista.csv"

    shown = run("list", "--day", FIRST_SUNDAY, "--institution", ESPERANZA, "--format", "csv", "--out", out, home=home)

    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert (shown.returncode, shown.stdout) == (0, "")
    assert len(rows) == 10
    assert rows[0]["Estudiante"] == student(1)
    assert rows[0]["Aviso sobre la lista"].startswith("Datos inventados.")


def test_no_name_is_ever_written_by_the_list_command(home, run):
    shown = run("list", home=home)

    assert "Rosa" not in shown.stdout and "Mina" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["list", "--day", "ayer"], 2, "AAAA-MM-DD"),
        (["list", "--day", "2020-01-05"], 5, "run-week"),
        (["list", "--format", "docx"], 2, "json, csv, xlsx"),
        (["run-week", "--day", "2024-05-12"], 5, "ingest"),
        (["check", "no-existe"], 5, "No existe"),
        (["user", "add", "Rosa Mina", "--role", "coverage", "--whole-secretariat"], 2, "minúsculas"),
        (["user", "add", "rosa", "--role", "reina"], 2, "El rol debe ser"),
        (["user", "add", "rosa", "--role", "school"], 2, "código DANE"),
        (["user", "token", "nadie"], 2, "no existe"),
        (["simulate", "--out", "x", "--years", "2024:2021"], 2, "primer año"),
        (["train"], 5, "ingest"),
    ],
)
def test_a_mistake_is_told_in_a_spanish_sentence_with_its_own_code(home, arguments, code, word, run):
    shown = run(*arguments, *(["--home", home] if arguments[0] not in ("check", "simulate") else []))

    assert shown.returncode == code
    assert word in shown.stderr
    assert "Traceback" not in shown.stderr and "File " not in shown.stderr


def test_with_json_a_mistake_is_an_object_too(home, run):
    shown = run("list", "--day", "2020-01-05", "--json", home=home)

    assert json.loads(shown.stdout)["exit_code"] == shown.returncode == 5


def test_unsafe_production_settings_stop_every_command(home, run):
    shown = run("user", "list", home=home, PERMANENCIA_ENVIRONMENT="production")

    assert shown.returncode == 2
    assert "SESSION_SECRET" in shown.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(WrongUsage("x"), 2), (DataProblem("x"), 3), (Refused("x"), 4), (Missing("x"), 5)]
)
def test_each_kind_of_fault_has_its_exit_code(error, code):
    assert outcome(error) == (code, "x")


def test_faults_of_the_floors_below_keep_their_sentence():
    from models.folds import NotEnoughDays
    from models.gates import GateRefused
    from models.model_files import ModelFilesDamaged
    from models.recipe import RecipeError
    from models.registry import NoSuchVersion
    from models.scoring import CatalogueDiffers

    assert outcome(GateRefused(["No pasa."])) == (4, "No pasa.")
    assert outcome(CatalogueDiffers("Otro.")) == (4, "Otro.")
    assert outcome(ModelFilesDamaged("Falta.")) == (4, "Falta.")
    assert outcome(RecipeError("Receta.")) == (2, "Receta.")
    assert outcome(NotEnoughDays("Pocos.")) == (3, "Pocos.")
    assert outcome(NoSuchVersion("Sin versión."))[0] == 5


def test_a_file_where_a_folder_is_asked_for_is_no_bug(tmp_path):
    (tmp_path / "ficha").write_text("")
    with pytest.raises(FileExistsError) as found:
        (tmp_path / "ficha").mkdir(exist_ok=True)

    assert outcome(found.value)[0] == 5


def test_a_bug_is_told_without_repeating_what_it_stumbled_on(capsys):
    from serving.commands.faults import tell

    row = " ".join(("Rosa", "Mina", "1100012345"))
    try:
        raise KeyError(row)
    except KeyError as error:
        assert tell(error, as_json=False) == 1

    shown = capsys.readouterr().err
    assert BUG in shown and "KeyError" in shown
    assert row not in shown


def test_users_are_made_shown_and_closed_and_the_token_appears_once(tmp_path, run):
    home = tmp_path / "h"
    made = json.loads(
        run("user", "add", "rosa", "--role", "coverage", "--whole-secretariat", "--json", home=home).stdout
    )
    shown = run("user", "list", home=home).stdout
    run("user", "remove", "rosa", home=home)

    assert made["token"].startswith("pmn_")
    assert "rosa  coverage  toda la secretaría" in shown and made["token"] not in shown
    assert "(cerrado)" in run("user", "list", home=home).stdout


def test_the_home_may_stand_before_or_after_the_command(home, run):
    before = run("--home", home, "user", "list", "--json")
    after = run("user", "list", "--json", home=home)

    assert json.loads(before.stdout) == json.loads(after.stdout)
    assert len(json.loads(after.stdout)["people"]) == 4


def test_the_database_is_brought_up_to_date_on_request(tmp_path, run):
    assert json.loads(run("db", "upgrade", "--json", home=tmp_path / "h").stdout) == {"revision": HEAD}


@pytest.mark.parametrize(("text", "years"), [("2021:2024", [2021, 2022, 2023, 2024]), ("2024", [2024])])
def test_years_are_written_from_first_to_last(text, years):
    assert city.read_years(text) == years


@pytest.mark.parametrize("text", ["", "21:24", "2024:2021", "2021-2024", "2021:"])
def test_years_written_otherwise_are_refused(text):
    with pytest.raises(WrongUsage):
        city.read_years(text)


def test_a_day_is_read_once_and_only_in_one_form():
    assert desk.read_day("2024-05-05") == desk.read_day(DAY) == DAY
    with pytest.raises(WrongUsage):
        desk.read_day("05/05/2024")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A small town in the open format, read in by `ingest`, with a model in use."""
    folder = tmp_path_factory.mktemp("town")
    write_package(folder / "open")
    home = folder / "h"
    ingested = typed("ingest", folder / "open", "--json", home=home)
    assert ingested.returncode == 0, ingested.stderr
    grown_model().save(home / "models" / "champion")
    return home, json.loads(ingested.stdout)


def write_package(folder):
    folder.mkdir()
    tables = given(30)["tables"]
    tables["enrolment"] += [enrolled("b1", institution="2")]
    tables["attendance"] += [absent("b1", DAY.replace(month=4, day=29), 5)]
    resources = []
    for name, rows in tables.items():
        columns = sorted({column for row in rows for column in row})
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        resources.append({"name": name, "path": f"{name}.csv"})
    (folder / "datapackage.json").write_text(json.dumps({"name": "town", "resources": resources}))


def test_no_row_is_lost_on_the_way_in(town):
    _, report = town

    assert report["rows_in"] == report["accepted"] + report["quarantined"] == 1 + 31 + 121


def test_features_labels_and_scores_are_written_as_parquet(town, tmp_path, run):
    import polars as pl

    home, _ = town
    for command, more in (("features", []), ("labels", ["--horizon-weeks", "4"]), ("score", ["--explain"])):
        out = tmp_path / f"{command}.parquet"
        shown = run(command, "--day", DAY, "--out", out, *more, "--json", home=home)
        assert shown.returncode == 0, shown.stderr
        assert pl.read_parquet(out).height == json.loads(shown.stdout)["rows"] == 31

    explained = pl.read_parquet(tmp_path / "score.parquet")
    parts = explained.select(pl.sum_horizontal([*grown_model().features, "base_value"])).to_series()
    assert (parts - explained["raw_score"]).abs().max() < 1e-6


def test_a_student_is_explained_and_the_parts_add_up(town, run):
    shown = run("explain", "a0", "--day", DAY, "--json", home=town[0])
    told = json.loads(shown.stdout)

    assert told["base_value"] + sum(told["contributions"].values()) == pytest.approx(told["raw_score"], abs=1e-6)
    assert told["reasons"][0]["family"] == "attendance"


def test_a_student_who_is_not_there_is_something_missing(town, run):
    assert run("explain", "nadie", "--day", DAY, home=town[0]).returncode == 5


def test_the_weekly_run_prints_what_it_published_and_twice_is_as_once(town, run):
    first = json.loads(run("run-week", "--day", DAY, "--capacity", 5, "--json", home=town[0]).stdout)
    again = json.loads(run("run-week", "--day", DAY, "--capacity", 5, "--json", home=town[0]).stdout)

    assert (first["is_new"], again["is_new"]) == (True, False)
    assert first["content_hash"] == again["content_hash"]
    assert (first["listed"], first["left_out"]) == (5, 26)
    listed = json.loads(run("list", home=town[0]).stdout)
    assert {"a0", "b1"} <= {row["student_id"] for row in listed["rows"]}
