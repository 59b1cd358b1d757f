"""A secretariat without results borrows a model: sealed on the way, judged by its own weeks once they ripen."""

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_town import SUNDAYS, a_model, frame, town, with_outcomes

from features import CATALOGUE, Records
from features.feature import Catalogue
from models.adjusting import adjusted, shrunken
from models.borrowed import ADOPTED, ELSEWHERE, Borrowed, Loss
from models.borrowed_gates import WRITTEN, borrowed_gates
from models.borrowing import Adopted, adopt, approve, export_version
from models.calibration import sigmoid
from models.evaluation import Capacity, evaluate
from models.gates import Candidate, GateRefused, refusals
from models.model_archive import MANIFEST, read_archive, write_archive
from models.model_files import ModelFilesDamaged
from models.own_weeks import ADJUSTED, BORROWED, OWN, Judged, choose, judge_here, refuse_where_judged
from models.recipe import Recipe
from models.registry import Registry
from models.risk_model import RiskModel
from models.runs import Run
from models.strangers import Strangers, dealt
from models.training import typical_row

pytestmark = pytest.mark.filterwarnings("ignore")

LOST = {"lost.auc": 0.01, "lost.auc_low": -0.01, "lost.auc_high": 0.03, "lost.precision": 0.02}
LOST |= {"lost.precision_low": -0.05, "lost.precision_high": 0.08, "lost.schools": 12.0}
UNSEEN = {"unseen.model.auc": 0.8, "unseen.logistic_regression.auc": 0.79, "unseen.model.precision_at_capacity": 0.3}
UNSEEN |= {"unseen.over_age_and_absence.precision_at_capacity": 0.2}
BORROWED_WORDS = Borrowed("Cali", "7", "5e41", 12, Loss(0.01, -0.01, 0.03), Loss(0.02, -0.05, 0.08))
QUICK = Recipe(retold_trees=40, trees=20, learning_rate=0.1, threads=1, bootstrap=20, refits=0, stands=1, part_trees=0)
NEW_HERE = date(2021, 3, 1)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mlflow")
    store_in(folder).champion_version()
    return folder / "mlflow.sqlite"


def store_in(folder: Path) -> Registry:
    return Registry(f"sqlite:///{folder}/mlflow.sqlite", folder / "artifacts")


@cache
def lender() -> RiskModel:
    return a_model()


@pytest.fixture
def here(migrated: Path, tmp_path: Path) -> Registry:
    """The registry of the secretariat that has nothing yet."""
    shutil.copy(migrated, tmp_path / "mlflow.sqlite")
    return store_in(tmp_path)


@pytest.fixture(scope="module")
def run() -> Run:
    """A version as another secretariat trained and judged it."""
    model, rows = lender(), with_outcomes(frame(students=200))
    said = rows.select("student_id", "day", "institution_id", "outcome").with_columns(
        model.predict(rows)["score"].alias("model"), random=pl.lit(0.5)
    )
    told = evaluate(said, {"model": True, "random": False}, Capacity(10), draws=20)
    tags = {"data_digest": "d1g35t", "test_days": "2024-02-04/2024-06-02 (5)"}
    metrics = {**LOST, **UNSEEN, "excluded.unknown": 3.0}
    example = typical_row(rows, model)
    return Run(model, {"trees": "40"}, tags, told.table, told.deciles, example, told.weeks, metrics=metrics)


@pytest.fixture(scope="module")
def there(migrated: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The registry of the secretariat that lends: version 1 says what it loses, version 2 does not."""
    folder = tmp_path_factory.mktemp("there")
    shutil.copy(migrated, folder / "mlflow.sqlite")
    registry = store_in(folder)
    registry.record(run)
    registry.record(replace(run, metrics={}))
    return registry


@pytest.fixture(scope="module")
def archive(there: Registry, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    file = tmp_path_factory.mktemp("sent") / "modelo.zip"
    return file, export_version(there, "1", file, "Secretaría de Cali")


@pytest.fixture(scope="module")
def records() -> Records:
    """Nobody here has sent marks, forms or strategies."""
    return town(students=500, years=(2021, 2022))


@pytest.fixture(scope="module")
def adopted(
    migrated: Path, archive: tuple[Path, str], records: Records, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Registry, Adopted]]:
    folder = tmp_path_factory.mktemp("here")
    shutil.copy(migrated, folder / "mlflow.sqlite")
    registry = store_in(folder)
    yield registry, adopt(registry, archive[0], records, CATALOGUE, archive[1])


# The file on its way


def test_what_was_lent_scores_children_elsewhere_with_the_very_same_numbers(
    adopted: tuple[Registry, Adopted], run: Run
) -> None:
    registry, told = adopted
    rows = frame(students=50, seed=9)

    again = registry.load(told.version)

    assert again.predict(rows).equals(run.model.predict(rows))
    assert again.uncertainty is None, "how sure a chance is was learnt of other children"


def test_it_says_where_it_learned_what_it_loses_and_what_is_missing_here(adopted: tuple[Registry, Adopted]) -> None:
    registry, told = adopted

    said = registry.load(told.version).borrowed

    assert said == told.borrowed and told.checked
    assert "Aprendido en otra secretaría (Secretaría de Cali)." in said.sentence
    assert "en 12 instituciones que no le enseñaron, perdió 0,010 (-0,010 a 0,030) de AUC" in said.sentence
    assert "Aquí le falta: caracterización, valoración, estrategias." in said.sentence
    assert "use el orden de la lista, no el número" in said.sentence


def test_the_card_says_so_too_and_that_its_figures_are_of_elsewhere(adopted: tuple[Registry, Adopted]) -> None:
    registry, told = adopted

    card = next(registry.artifacts.rglob(f"{told.run_id}/artifacts/card/modelo.md")).read_text("utf-8")

    assert told.borrowed.sentence in card and "Todas las cifras de esta ficha son de allá." in card
    assert "hace falta una decisión escrita" in card


def test_the_file_holds_texts_alone_and_nothing_of_a_child_or_a_school(archive: tuple[Path, str]) -> None:
    with zipfile.ZipFile(archive[0]) as opened:
        texts = {name: opened.read(name).decode() for name in opened.namelist()}

    assert set(texts) == {
        "manifest.json", "mostrado.json", "leame.txt",
        "modelo/model.lgb", "modelo/model.json", "modelo/card.json", "modelo/manifest.json",
    }  # fmt: skip
    assert not [name for name, text in texts.items() if "e0000" in text or "17600100" in text]
    assert "excluded.unknown" not in texts["mostrado.json"], "three children of unknown fate are three children"


def test_the_same_version_makes_the_same_file_byte_for_byte(
    there: Registry, archive: tuple[Path, str], tmp_path: Path
) -> None:
    assert export_version(there, "1", tmp_path / "otra.zip", "Secretaría de Cali") == archive[1]


def test_another_byte_anywhere_is_refused_before_anything_is_unpacked(
    archive: tuple[Path, str], tmp_path: Path
) -> None:
    file, seal = archive
    whole = file.read_bytes()
    for place in range(0, len(whole), len(whole) // 40):
        changed = tmp_path / "modelo.zip"
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])

        with pytest.raises(ModelFilesDamaged, match="no tiene el sello que le dijeron"):
            read_archive(changed, seal)


def test_without_the_seal_each_file_must_still_be_the_one_that_was_packed(
    archive: tuple[Path, str], tmp_path: Path
) -> None:
    texts = unpacked(archive[0])
    for name in set(texts) - {MANIFEST}:
        changed = tmp_path / "modelo.zip"
        packed(changed, {**texts, name: texts[name] + b" "})

        with pytest.raises(ModelFilesDamaged, match="no es lo que su manifiesto dice"):
            read_archive(changed)


@pytest.mark.parametrize("name", ["../modelo/model.lgb", "/etc/model.lgb", "modelo/x.pkl", "modelo/../../x.json"])
def test_a_name_that_no_model_has_is_refused(name: str, archive: tuple[Path, str], tmp_path: Path) -> None:
    packed(tmp_path / "m.zip", {**unpacked(archive[0]), name: b"x"})

    with pytest.raises(ModelFilesDamaged, match="un archivo que ningún modelo tiene"):
        read_archive(tmp_path / "m.zip")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"student_id,day\n", b"\x80\x04]"])
def test_what_is_no_archive_is_refused_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.zip").write_bytes(content)

    with pytest.raises(ModelFilesDamaged, match="no es un archivo de «permanencia model export»"):
        read_archive(tmp_path / "m.zip")
    with pytest.raises(FileNotFoundError):
        read_archive(tmp_path / "ninguno.zip")


def test_a_file_of_another_format_is_told_apart(tmp_path: Path) -> None:
    manifest = json.dumps({"format": "permanencia-modelo/9", "sha256": {}}).encode()
    packed(tmp_path / "m.zip", {MANIFEST: manifest})

    with pytest.raises(ModelFilesDamaged, match="otra versión del programa"):
        read_archive(tmp_path / "m.zip")


@given(st.dictionaries(st.sampled_from(["modelo/model.lgb", "leame.txt", "a.json"]), st.text(max_size=50), min_size=1))
@settings(max_examples=30, deadline=None)
def test_what_is_written_is_read(texts: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "m.zip"
        seal = write_archive(file, texts)

        assert read_archive(file, seal) == (texts, seal)


def unpacked(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(file: Path, contents: dict[str, bytes]) -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as opened:
        for name, content in contents.items():
            opened.writestr(name, content)
    file.write_bytes(kept.getvalue())


# Who may lend and borrow


def test_a_version_that_does_not_say_what_it_loses_is_not_lent(there: Registry, tmp_path: Path) -> None:
    with pytest.raises(GateRefused, match="no dice cuánto pierde en instituciones que no le enseñaron"):
        export_version(there, "2", tmp_path / "m.zip")


def test_a_borrowed_model_is_not_lent_on(adopted: tuple[Registry, Adopted], tmp_path: Path) -> None:
    with pytest.raises(GateRefused, match="vino de otra secretaría"):
        export_version(adopted[0], adopted[1].version, tmp_path / "m.zip")


def test_a_model_that_reads_what_this_secretariat_has_not_got_is_refused_by_name(
    archive: tuple[Path, str], records: Records, here: Registry
) -> None:
    fewer = Catalogue(feature for feature in CATALOGUE if feature.name != "absence_rate_4w")

    with pytest.raises(GateRefused, match="1 variables que esta secretaría no tiene: absence_rate_4w"):
        adopt(here, archive[0], records, fewer)


def test_a_register_with_columns_of_its_own_may_borrow_a_model_of_the_common_catalogue(
    archive: tuple[Path, str], records: Records, here: Registry
) -> None:
    own = replace(CATALOGUE["absence_rate_4w"], name="own_x_transport")
    wider = Catalogue((*CATALOGUE, own))

    told = adopt(here, archive[0], records, wider)

    assert here.load(told.version).fingerprint == wider.fingerprint


def test_a_model_of_another_version_of_the_program_is_refused(
    there: Registry, run: Run, records: Records, here: Registry, tmp_path: Path
) -> None:
    _, version = there.record(replace(run, model=replace(run.model, fingerprint="0123456789abcdef")))
    export_version(there, version, tmp_path / "m.zip")

    with pytest.raises(GateRefused, match="otro catálogo de variables"):
        adopt(here, tmp_path / "m.zip", records, CATALOGUE)


# Into use where nothing has ripened


def test_it_comes_into_use_by_a_written_decision_for_half_a_year_and_not_without(
    archive: tuple[Path, str], records: Records, here: Registry, tmp_path: Path
) -> None:
    version = adopt(here, archive[0], records, CATALOGUE).version
    with pytest.raises(GateRefused, match="hace falta una decisión escrita"):
        here.promote(version, by="ana", on=date(2024, 7, 1))
    with pytest.raises(GateRefused, match="La decisión está vacía"):
        approve(here, version, "  ")

    approve(here, version, "Resolución 12 del 1 de julio de 2024")
    here.promote(version, by="ana", on=date(2024, 7, 1))

    copy = tmp_path / "champion"
    here.fetch_champion_to(copy)
    assert json.loads((copy / "origin.json").read_text("utf-8"))["expires_on"] == "2024-12-30"


GOOD = {"model.left": 80.0, **LOST, **UNSEEN}
REFUSED: dict[str, tuple[dict[str, float], str]] = {
    "judged on a handful": ({"model.left": 49.0}, "se evaluó con 49 salidas; se exigen 50"),
    "loses order": ({"lost.auc": 0.031}, "perdió 0,031 de AUC"),
    "loses names": ({"lost.precision": 0.11}, "perdió 0,268 de su precisión"),
    "no better than flags": ({"unseen.over_age_and_absence.precision_at_capacity": 0.3}, "no supera la de «extraedad"),
    "worse than a line": ({"unseen.logistic_regression.auc": 0.82}, "es menor que la de la regresión logística"),
    "unfair": ({"fair.sex.fnr_gap_low": 0.2}, "Equidad por sexo"),
}


def elsewhere(figures: dict[str, float], **tags: str) -> Candidate:
    told = {ELSEWHERE: ADOPTED, "decision": "Resolución 12", "test_days": "2024-02-04/2024-06-02 (5)", **tags}
    return Candidate(figures, "abc", told)


def test_one_that_loses_little_passes() -> None:
    assert refusals(elsewhere(GOOD), "abc", on=date(2024, 7, 1)) == []


@pytest.mark.parametrize("what", REFUSED)
def test_each_of_its_gates_refuses_alone_and_says_why(what: str) -> None:
    figures, sentence = REFUSED[what]

    (reason,) = refusals(elsewhere({**GOOD, **figures}), "abc", on=date(2024, 7, 1))

    assert sentence in reason and reason.endswith(".")


def test_one_that_does_not_say_what_it_loses_or_is_too_old_or_reads_sensitive_traits_is_refused() -> None:
    silent = {name: value for name, value in GOOD.items() if not name.startswith("lost.")}

    assert "No dice cuánto pierde" in refusals(elsewhere(silent), "abc")[0]
    assert "Venció el" in refusals(elsewhere(GOOD), "abc", on=date(2026, 1, 1))[0]
    assert "datos sensibles" in refusals(elsewhere(GOOD, use_sensitive="True"), "abc")[0]
    assert "otro catálogo" in refusals(elsewhere(GOOD), "other")[0]


def test_the_written_decision_tells_every_limit_as_it_is() -> None:
    page = next((WRITTEN.parents[1] / "docs" / "decisions").glob("0028-*.md")).read_text("utf-8")

    assert all(f"| `{name}` | {value} |" in page for name, value in vars(borrowed_gates()).items())


def test_where_weeks_have_ripened_no_decision_stands_in_for_judging(
    records: Records, adopted: tuple[Registry, Adopted]
) -> None:
    model = adopted[0].load(adopted[1].version)

    with pytest.raises(GateRefused, match="júzguela por ellas, y no por decisión"):
        refuse_where_judged(records, model)
    refuse_where_judged(records.known_by(NEW_HERE), model)


# Chances, adjusted little by little


def lived(rows: int, slope: float, height: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    said = rng.normal(-4, 1, rows)
    left = (rng.random(rows) < sigmoid(slope * said + height)).astype(float)
    return said, left, np.ones(rows)


def test_with_nothing_seen_nothing_moves() -> None:
    said, left, _ = lived(1000, 1.0, 2.0)

    assert shrunken(said, left, np.zeros(1000)) == (1.0, 0.0)


def test_with_much_seen_the_truth_is_found() -> None:
    slope, height = shrunken(*lived(100_000, 0.7, 0.5))

    assert (slope, height) == pytest.approx((0.7, 0.5), abs=0.1)


def test_the_more_is_seen_the_further_it_moves_and_the_level_moves_before_the_slope() -> None:
    said, left, even = lived(20_000, 0.6, 0.5)

    moved = [shrunken(said, left, even * share) for share in (0.0001, 0.001, 0.01, 1.0)]

    slopes = [slope for slope, _ in moved]
    assert slopes == sorted(slopes, reverse=True) and slopes[0] > 0.9
    assert moved[1][1] > 0.3, "with the slope held, the level takes what it can"


def test_adjusting_changes_no_order_and_says_on_which_days() -> None:
    rows = with_outcomes(frame(students=300)).filter(pl.col("outcome") != "UNKNOWN")
    model = replace(lender(), borrowed=BORROWED_WORDS)

    here = adjusted(model, rows)

    before, after = (one.predict(rows)["score"] for one in (model, here))
    assert before.rank().equals(after.rank()) and not before.equals(after)
    assert here.borrowed is not None and f"({SUNDAYS[0]} a {SUNDAYS[-1]})" in here.borrowed.sentence
    label = (rows["outcome"] == "LEFT").cast(pl.Float64)
    assert abs(after.mean() - label.mean()) < abs(before.mean() - label.mean())


# Judged by what ripened here


def test_each_school_is_told_by_what_never_saw_it() -> None:
    rows = frame(students=60, days=SUNDAYS[:1])
    groups = dealt(rows["institution_id"])

    told = Strangers("own", groups, [Constant(float(number)) for number in range(3)]).scores(rows)

    assert sorted(list(groups.values()).count(number) for number in range(3)) == [3, 3, 4]
    assert told.tolist() == [float(groups[school]) for school in rows["institution_id"]]


class Constant:
    chances = True

    def __init__(self, value: float) -> None:
        self.name, self.value = "constant", value

    def scores(self, frame: pl.DataFrame) -> np.ndarray:
        return np.full(frame.height, self.value)


def judged(**columns: list[float]) -> pl.DataFrame:
    return pl.DataFrame({"outcome": ["LEFT", "STAYED", "STAYED", "MOVED"], **columns})


def test_one_s_own_is_chosen_when_it_orders_no_worse_and_the_adjusted_one_when_it_surprises_less() -> None:
    good, poor = [0.6, 0.3, 0.2, 0.1], [0.3, 0.6, 0.2, 0.1]
    high = [0.99, 0.98, 0.97, 0.96]

    assert choose(judged(borrowed=poor, adjusted=poor, own=good), [BORROWED, ADJUSTED, OWN]) == OWN
    assert choose(judged(borrowed=high, adjusted=good, own=poor), [BORROWED, ADJUSTED, OWN]) == ADJUSTED
    assert choose(judged(borrowed=good, adjusted=high), [BORROWED, ADJUSTED]) == BORROWED
    assert choose(judged(borrowed=poor), [BORROWED]) == BORROWED


def own_gate(borrowed_area: float) -> list[str]:
    ours = {"model.days": 9.0, "model.left": 40.0, "model.calibration_slope": 1.0, "unseen.model.auc": 0.80}
    ours |= {"against.5ea15ea15ea1.unseen_auc": borrowed_area, "against.5ea15ea15ea1.precision": 0.3}
    ours |= {f"against.5ea15ea15ea1.precision{end}": 0.3 for end in ("_other", "_low", "_high")}
    in_use = Candidate({}, "abc", {ELSEWHERE: ADOPTED}, "1", "5ea15ea15ea1" * 5)
    return refusals(Candidate(ours, "abc", {}, "2"), "abc", in_use=in_use)


def test_one_s_own_does_not_replace_a_borrowed_one_that_is_better_in_schools_neither_has_seen() -> None:
    assert own_gate(0.809) == []
    (reason,) = own_gate(0.811)
    assert "menor que la del modelo aprendido en otra secretaría (0,811)" in reason


def test_before_anything_has_ripened_it_says_when_to_come_back(records: Records) -> None:
    with pytest.raises(Exception, match="Aquí todavía no ha madurado ningún corte"):
        judge_here(records.known_by(NEW_HERE), replace(lender(), borrowed=BORROWED_WORDS), QUICK)


@pytest.mark.parametrize("borrowed", [None, replace(BORROWED_WORDS, adjusted_on="2021-02-07/2021-05-02 (10)")])
def test_what_was_taught_or_adjusted_here_is_not_judged_as_if_it_came_from_elsewhere(
    borrowed: Borrowed | None, records: Records
) -> None:
    with pytest.raises(GateRefused, match="sus cortes no la juzgan"):
        judge_here(records, replace(lender(), borrowed=borrowed), QUICK)


@pytest.fixture(scope="module")
def early(records: Records) -> Judged:
    """A first half year: nothing of one's own can be taught yet. The borrowed model says far too much of everyone."""
    lent = lender()
    far = replace(lent, calibration=replace(lent.calibration, intercept=3.0), borrowed=BORROWED_WORDS)
    return judge_here(records, far, QUICK, upto=date(2021, 7, 4))


def test_with_few_departures_it_says_how_many_are_needed_and_adjusts_the_borrowed_one(early: Judged) -> None:
    assert early.chosen == ADJUSTED
    assert any("salidas (estudiante y corte)" in note and "se exigen 60" in note for note in early.notes)
    assert not {OWN, "logistic_regression"} & set(early.evaluation.table["method"])
    assert early.sentence("3").endswith("promote 3")


def test_the_chosen_one_is_registered_with_the_figures_of_here_and_judged_by_the_gates_of_all(
    early: Judged, here: Registry
) -> None:
    assert early.run is not None

    version = here.record(early.run)[1]

    kept, table = here.candidate(version), early.evaluation.table
    assert kept.tags[ELSEWHERE] == "judged_here" and kept.figures["unseen.model.auc"] == table["auc"][0]
    assert not [reason for reason in refusals(kept, CATALOGUE.fingerprint) if "decisión" in reason]
    assert "se ajustaron con cortes de aquí" in here.load(version).borrowed.sentence


def test_with_years_of_one_s_own_all_stand_in_one_table_and_the_better_is_chosen(records: Records) -> None:
    told = judge_here(records, replace(lender(), borrowed=BORROWED_WORDS), replace(QUICK, most_days=6))

    methods = set(told.evaluation.table["method"])
    assert {"model", "logistic_regression", "absence", "random"} <= methods
    assert len({BORROWED, ADJUSTED, OWN} & methods) == 2, "the third is the model"
    assert told.notes == ()
    areas = dict(told.evaluation.table.select("method", "auc").iter_rows())
    own, lent = (areas["model" if name == told.chosen else name] for name in (OWN, BORROWED))
    assert (told.chosen == OWN) == (own >= lent)
    assert told.sentence("3").endswith(("promote.", "promote 3"))


def test_a_list_made_with_it_says_so_above_the_names(records: Records) -> None:
    from drawn_lists import FIRST_SUNDAY, draw_list

    plain = draw_list(FIRST_SUNDAY)
    noted = replace(plain, model_note=BORROWED_WORDS.sentence)

    assert noted.header()["model_note"].startswith("Aprendido en otra secretaría (Cali).")
    assert "model_note" not in plain.header() and noted.content_hash != plain.content_hash


def test_half_a_year_is_counted_from_the_decision_however_often_it_is_put_in_use() -> None:
    from models.borrowed_gates import valid_until

    today = date(2024, 7, 1)

    assert valid_until(elsewhere(GOOD), today) == today + timedelta(days=182)
    assert valid_until(elsewhere(GOOD, decided_on=str(today)), today + timedelta(days=100)) == today + timedelta(
        days=182
    )
    assert valid_until(elsewhere(GOOD, test_days="2023-06-01/2023-07-01 (5)"), today) == date(2024, 8, 4)
    assert valid_until(Candidate(GOOD, "abc", {"test_days": "2024-02-04/2024-06-02 (5)"}), today) == date(2025, 7, 7)


def test_an_archive_that_would_fill_the_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "grande.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "abc":
            archive.writestr(f"modelo/{name}.txt", bytes(70_000_000))

    with pytest.raises(ModelFilesDamaged, match="demasiado grande"):
        read_archive(file)


def test_a_text_that_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file, content = tmp_path / "m.zip", b"\xff\xfe\x00"
    manifest = json.dumps(
        {"format": "permanencia-modelo/1", "sha256": {"leame.txt": hashlib.sha256(content).hexdigest()}}
    )
    packed(file, {MANIFEST: manifest.encode(), "leame.txt": content})

    with pytest.raises(ModelFilesDamaged, match="UTF-8"):
        read_archive(file)
