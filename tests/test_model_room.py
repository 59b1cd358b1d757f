"""Putting a model in use and going back: always a whole copy, at once, and also while the registry is down."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from drawn_lists import BY
from made_up_town import a_model
from sqlalchemy import select

from models.calibration import Calibration
from models.gates import GateRefused
from models.model_files import ModelFilesDamaged, digest_of, manifest_seal, write_note
from models.parts import BETWEEN_YEARS, MOVED, Part
from models.registry import Registry
from models.risk_model import ORIGIN, RiskModel
from serving.database import Database
from serving.faults import Missing
from serving.model_room import copy_for_service, point, put_back, rollback
from serving.settings import Settings, open_home
from serving.tables import audit


@cache
def grown(version: str) -> RiskModel:
    return replace(a_model(trees=int(version)), version=version)


class Shelf(Registry):
    """A registry without MLflow: versions lie in folders, and the store may be out of reach."""

    def __init__(self, folder: Path, reachable: bool = True) -> None:
        self.folder, self.reachable = folder, reachable
        self.now, self.before = "2", "1"

    def fetch(self, version: str, folder: Path) -> RiskModel:
        model = grown(version)
        model.save(folder)
        write_note(folder / ORIGIN, {"version": version})
        return model

    def champion_version(self) -> str | None:
        return self.now

    def rollback(self) -> str:
        if not self.reachable:
            raise ConnectionError("unable to open database file")
        self.now, self.before = self.before, self.now
        return self.now


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(home=tmp_path / "h")
    open_home(chosen)
    return chosen


@pytest.fixture
def database(settings: Settings) -> Database:
    return Database.open(settings.database_url)


@pytest.fixture
def shelf(settings: Settings, database: Database, tmp_path: Path) -> Shelf:
    """Version 1 was in use; version 2 is."""
    kept = Shelf(tmp_path)
    for version in ("1", "2"):
        copy_for_service(kept, version, settings, database, BY, "promote")
    return kept


def in_use(settings: Settings) -> str | None:
    return RiskModel.load(settings.champion).version


def test_going_back_puts_the_copy_before_in_use_and_tells_the_registry(
    settings: Settings, database: Database, shelf: Shelf
) -> None:
    assert in_use(settings) == "2"

    assert rollback(shelf, settings, database, BY) == "1"

    assert in_use(settings) == "1" == shelf.champion_version()
    with database.reading() as connection:
        last = connection.execute(select(audit.c.action).order_by(audit.c.id.desc())).scalars().first()
    assert last == "rollback"


def test_going_back_twice_comes_back(settings: Settings, database: Database, shelf: Shelf) -> None:
    rollback(shelf, settings, database, BY)

    assert rollback(shelf, settings, database, BY) == "2"
    assert in_use(settings) == "2" == shelf.champion_version()


def test_while_the_registry_is_down_the_service_goes_back_all_the_same(
    settings: Settings, database: Database, shelf: Shelf
) -> None:
    shelf.reachable = False

    with pytest.raises(Missing, match="ya volvió a la versión 1") as told:
        rollback(shelf, settings, database, BY)

    assert in_use(settings) == "1"
    assert "permanencia promote 1" in str(told.value)


def test_where_the_registry_went_elsewhere_the_service_follows_it(
    settings: Settings, database: Database, shelf: Shelf
) -> None:
    shelf.before = "3"

    assert rollback(shelf, settings, database, BY) == "3"
    assert in_use(settings) == "3"


def test_with_no_copy_to_go_back_to_the_registry_s_refusal_is_told(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    class Nothing(Shelf):
        def rollback(self) -> str:
            raise GateRefused(["No hay una versión anterior a la cual volver."])

    with pytest.raises(GateRefused, match="No hay una versión anterior"):
        rollback(Nothing(tmp_path), settings, database, BY)


def test_a_copy_that_was_changed_is_not_gone_back_to(settings: Settings, database: Database, shelf: Shelf) -> None:
    trees = settings.champion.with_name("version-1") / "model.lgb"
    trees.write_text(trees.read_text("utf-8").replace("leaf_value=", "leaf_value=9", 1), "utf-8")

    with pytest.raises(ModelFilesDamaged):
        put_back(settings, database, BY)

    assert in_use(settings) == "2"


def test_putting_the_one_in_use_in_use_again_keeps_the_way_back(
    settings: Settings, database: Database, shelf: Shelf
) -> None:
    copy_for_service(shelf, "2", settings, database, BY, "promote")

    assert put_back(settings, database, BY) == "1"


def test_at_no_moment_is_there_no_model(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    point(tmp_path / "champion", Path("one"))

    point(tmp_path / "champion", Path("other"))

    assert (tmp_path / "champion").resolve().name == "other"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["champion", "one", "other"]


def test_the_name_of_a_model_on_a_list_tells_of_every_file_of_it() -> None:
    """Other trees for moving, or for being back next year, are another model."""
    one = grown("2")
    others = [
        replace(one, parts={name: Part(grown(trees).booster, Calibration())})
        for name, trees in ((MOVED, "1"), (MOVED, "3"), (BETWEEN_YEARS, "1"))
    ]

    digests = [digest_of(model.texts()) for model in (one, *others, grown("3"))]

    assert len(set(digests)) == 5
    assert digests[0] == digest_of(replace(one, version="9").texts())


def test_a_model_read_again_from_its_files_has_the_same_name(tmp_path: Path) -> None:
    grown("2").save(tmp_path)

    assert digest_of(RiskModel.load(tmp_path).texts()) == digest_of(grown("2").texts()) == manifest_seal(tmp_path)
