"""No pickle is opened while serving, and no changed model file reaches a parser."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from drawn_lists import draw_home
from made_up_town import a_model
from small_school import given, grown_model

from models.calibration import Calibration
from models.card import CARD
from models.model_files import ModelFilesDamaged, add_file, manifest_seal, read_note, write_note
from models.parts import BETWEEN_YEARS, MOVED, Part
from models.risk_model import ORIGIN, RiskModel

WATCHED = """
import json, pickle, sys
opened = []
sys.addaudithook(lambda event, told: opened.append(told) if event == "pickle.find_class" else None)

asked = json.loads(sys.stdin.read())
from datetime import datetime
from starlette.testclient import TestClient
from serving.app import create_app
from serving.settings import read_settings

app = create_app(read_settings(), lambda: datetime.fromisoformat(asked["now"]))
bearer = {"Authorization": "Bearer " + asked["token"]}
with TestClient(app) as client:
    answers = [client.get(path, headers=bearer).status_code for path in asked["paths"]]
    answers.append(client.post("/api/v1/score", json=asked["records"], headers=bearer).status_code)
app.state.service.database.engine.dispose()
served = len(opened)
pickle.loads(pickle.dumps(datetime(2024, 5, 5)))  # the hook is awake: this one it must see
print(json.dumps({"answers": answers, "while_serving": served, "after": len(opened)}))
"""
PATHS = [
    *("/livez", "/readyz", "/version", "/api/v1/model", "/api/v1/risk-lists"),
    *("/api/v1/risk-lists/latest", "/api/v1/institutions/176001000011/watchlist", "/api/v1/students/0000000000000001"),
    *("/entrar", "/api/openapi.json"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    grown_model().save(settings.champion)
    asked = {"now": "2024-05-13T07:30:00-05:00", "token": tokens["ciencia"], "paths": PATHS, "records": given(6)}
    environment = {**os.environ, "PERMANENCIA_HOME": str(settings.home), "PYTHONWARNINGS": "ignore"}
    run = [sys.executable, "-c", WATCHED]
    done = subprocess.run(run, input=json.dumps(asked), capture_output=True, text=True, check=True, env=environment)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_a_serving_process_opens_no_pickle_from_its_first_import_to_its_last_answer(told: dict[str, Any]) -> None:
    assert set(told["answers"]) == {200}
    assert told["while_serving"] == 0


def test_the_watch_would_have_seen_one(told: dict[str, Any]) -> None:
    assert told["after"] == 1


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version as the service keeps it: its trees, those of its parts, its card, and who put it in use."""
    folder = tmp_path_factory.mktemp("model")
    whole = a_model(trees=5)
    parts = {
        name: Part(a_model(trees=trees).booster, Calibration()) for name, trees in ((MOVED, 3), (BETWEEN_YEARS, 4))
    }
    replace(whole, parts=parts).save(folder)
    add_file(folder, CARD, '{"gates": []}')
    write_note(folder / ORIGIN, {"version": "3", "expires_on": "2025-07-07"})
    return folder


FILES = ["model.lgb", "model.json", "moved.lgb", "between_years.lgb", "card.json", "origin.json", "manifest.json"]


def test_no_file_of_a_version_is_forgotten_below(kept: Path) -> None:
    assert sorted(path.name for path in kept.iterdir()) == sorted(FILES)
    assert RiskModel.load(kept, manifest_seal(kept)).version == "3"


def test_a_note_from_before_notes_were_sealed_is_read_and_a_strange_one_is_not(tmp_path: Path) -> None:
    (tmp_path / ORIGIN).write_text('{"version": "3", "promoted_by": "ana"}', "utf-8")
    assert read_note(tmp_path / ORIGIN)["version"] == "3"

    for strange in ('{"version": "3", "sha257": "abc"}', "{}", "[]", "no json", '{"version": "3", "sha256": "abc"}'):
        (tmp_path / ORIGIN).write_text(strange, "utf-8")
        with pytest.raises(ModelFilesDamaged):
            read_note(tmp_path / ORIGIN)


@pytest.fixture
def no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(*_: object, **__: object) -> None:
        raise AssertionError("a changed file reached LightGBM's parser")

    monkeypatch.setattr(lgb, "Booster", parsed)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.usefixtures("no_parser")
def test_one_byte_changed_anywhere_is_refused_before_anything_is_parsed(kept: Path, name: str, tmp_path: Path) -> None:
    seal, whole = manifest_seal(kept), {path.name: path.read_bytes() for path in kept.iterdir()}
    rng = np.random.default_rng(7)

    for place in rng.integers(0, len(whole[name]), 100):
        changed = bytearray(whole[name])
        changed[place] ^= 1 << int(rng.integers(0, 8))
        for file, content in {**whole, name: bytes(changed)}.items():
            (tmp_path / file).write_bytes(content)
        with pytest.raises(ModelFilesDamaged, match=name):
            RiskModel.load(tmp_path, seal)


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("damage", ["shortened", "lengthened", "emptied", "removed", "exchanged"])
def test_a_file_cut_grown_lost_or_exchanged_is_refused_too(kept: Path, damage: str, tmp_path: Path) -> None:
    whole = {path.name: path.read_bytes() for path in kept.iterdir()}
    trees = whole["model.lgb"]
    new = {
        "shortened": trees[:-1], "lengthened": trees + b"\n", "emptied": b"", "exchanged": whole["model.json"]
    }.get(damage)  # fmt: skip
    for file, content in whole.items():
        (tmp_path / file).write_bytes(content)
    (tmp_path / "model.lgb").unlink()
    if new is not None:
        (tmp_path / "model.lgb").write_bytes(new)

    with pytest.raises(ModelFilesDamaged, match=r"model\.lgb"):
        RiskModel.load(tmp_path, manifest_seal(kept))
