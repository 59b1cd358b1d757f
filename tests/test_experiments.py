"""The experiments ask what they say they ask: nothing later is read, nobody teaches of whom is asked, all are told."""

import re

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from experiment_scripts import ROOM, asked, script

from experiments.beside import HOUSE, gathered, lead_of_all, mean_rows
from experiments.challengers import CHALLENGERS, Columns, ahead, figures
from experiments.running import DataMissing, data_folder
from experiments.written import row_of, write_answer, written
from models.calibration import sigmoid

NUMBERED = sorted(path for path in ROOM.iterdir() if re.match(r"\d{4}-", path.name))


uci697, eph, travel, uci320 = (
    script(folder)
    for folder in (
        "0002-uci-697",
        "0003-eph",
        "0004-what-travels",
        "0005-uci-320",
    )
)


# The ledger


@pytest.mark.parametrize("folder", NUMBERED, ids=lambda path: path.name)
def test_every_question_has_a_run_an_answer_and_a_line_in_the_ledger(folder):
    line = [row for row in (ROOM / "README.md").read_text("utf-8").splitlines() if f"({folder.name}/answer.md)" in row]

    assert (folder / "run.py").is_file()
    assert len((folder / "answer.md").read_text("utf-8").splitlines()) > 10
    assert len(line) == 1


@pytest.mark.parametrize("folder", NUMBERED, ids=lambda path: path.name)
def test_an_answer_has_its_figures_and_how_to_repeat_them(folder):
    text = (folder / "answer.md").read_text("utf-8")

    assert "|---" in text
    assert f".venv/bin/python experiments/{folder.name}/run.py" in text


def test_what_is_written_between_marks_is_what_is_read_and_the_rest_stays(tmp_path):
    answer = tmp_path / "answer.md"
    answer.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n", "utf-8")

    write_answer(answer, {"figures": "### Here\n\n| model | 0.5000 | 12 |"})

    assert written(answer, "figures").startswith("### Here")
    assert row_of(answer, "figures", "### Here", "model") == [0.5, 12.0]
    assert answer.read_text("utf-8").startswith("before\n") and answer.read_text("utf-8").endswith("after\n")


# The same table for all


def made_up(rows=3_000, seed=7):
    """Who leaves depends on one number, one word, and nothing else; a third number is noise."""
    rng = np.random.default_rng(seed)
    number, noise, word = rng.normal(size=rows), rng.normal(size=rows), rng.integers(0, 3, rows)
    left = rng.random(rows) < sigmoid(1.5 * number + 0.8 * (word == 2) - 1.5)
    words = pl.Series(np.array(["a", "b", "c"])[word])
    return pl.DataFrame({"number": number, "noise": noise, "word": words, "label": left.astype(np.int8), "weight": 1.0})


@pytest.mark.parametrize("name", CHALLENGERS)
def test_every_challenger_learns_what_there_is_to_learn(name):
    examples, rest = made_up(), made_up(seed=8)

    said = CHALLENGERS[name](examples, rest, Columns(("number", "noise", "word"), frozenset({"word"})))

    found = figures(rest["label"].cast(pl.Float64).to_numpy(), sigmoid(said))
    assert found["AUC"] > 0.75
    assert found["ECE"] < 0.06


def test_a_method_is_not_ahead_of_itself_and_the_truth_is_ahead_of_a_lottery():
    rng = np.random.default_rng(7)
    score, lot = rng.normal(size=2_000), rng.random(2_000)
    label = (rng.random(2_000) < sigmoid(score)).astype(float)

    assert ahead(label, score, score) == (0.0, 0.0, 0.0)
    gain, low, high = ahead(label, score, lot)
    assert 0 < low < gain < high


def test_the_lead_of_many_rotations_is_the_mean_of_their_leads():
    rng = np.random.default_rng(7)
    label = (rng.random(500) < 0.3).astype(float)
    draws = [{HOUSE: rng.random(500) + label / 2, "other": rng.random(500)} for _ in range(2)]

    apart = [ahead(label, draw[HOUSE], draw["other"])[0] for draw in draws]

    assert lead_of_all(label, draws, "other").startswith(f"{np.mean(apart):+.4f} (")
    assert lead_of_all(label, [draws[0]] * 2, "other") == lead_of_all(label, draws[:1], "other")


def test_everyone_is_told_by_the_part_that_asks_and_nobody_by_another():
    frame = pl.DataFrame({"row": range(6)})
    parts = [(np.array([0, 1]), np.array([2, 3])), (np.array([2, 3]), np.array([0]))]

    said = gathered(frame, parts, lambda taught, asked: {"sum": asked["row"].to_numpy() + 10.0 * taught["row"].sum()})

    assert list(said["sum"][[0, 2, 3]]) == [50, 12, 13]
    assert np.isnan(said["sum"][[1, 4, 5]]).all()


def test_a_method_that_was_asked_once_keeps_its_figures_beside_the_means_of_others():
    label = np.array([0.0, 1.0] * 10)
    right, wrong = label * 0.8 + 0.1, 0.9 - label * 0.8

    rows = {row["method"]: row for row in mean_rows(label, [{"a": right, "b": right}, {"a": wrong}], orders=["b"])}

    assert (rows["a"]["AUC"], rows["a"]["draws"]) == (0.5, 2)
    assert (rows["b"]["AUC"], rows["b"]["draws"], rows["b"]["Brier"]) == (1.0, 1, None)


def test_without_the_data_one_sentence_says_what_to_set(monkeypatch, tmp_path):
    monkeypatch.setenv("PERMANENCIA_DATA", str(tmp_path))

    with pytest.raises(DataMissing, match="STAR is not here: set PERMANENCIA_DATA to the folder that holds star_t"):
        data_folder("star_tennessee", "STAR.csv", "STAR")


# UCI 697


def test_a_phase_reads_nothing_of_a_semester_that_has_not_been():
    frame = asked(uci697.students)
    names = {phase: uci697.columns_of(phase, frame).names for phase in uci697.PHASES}

    assert not [name for phase in uci697.PHASES[:2] for name in names[phase] if "1st" in name or "2nd" in name]
    assert not [name for name in names["after one semester"] if "2nd" in name or name.endswith("change")]
    assert set(names["enrolment"]) - set(names["enrolment without payment fields"]) == {
        "Debtor",
        "Tuition fees up to date",
    }
    assert not {"label", "weight", "Target"} & set(names["after two semesters"])


def test_the_polytechnic_is_told_as_published_and_no_student_teaches_of_itself():
    frame = asked(uci697.students)
    label = frame["label"].to_numpy()
    parts = list(uci697.folds(label, seed=0))

    assert (frame.height, int(label.sum())) == (4424, 1421)
    assert sorted(np.concatenate([part for _, part in parts])) == list(range(4424))
    assert all(not set(taught) & set(told) for taught, told in parts)


def test_the_answer_says_of_the_polytechnic_what_a_fresh_part_of_the_run_finds():
    frame = asked(uci697.students)
    phase = "after one semester"
    told = uci697.out_of_fold(frame, uci697.columns_of(phase, frame), seed=0, others=False)[HOUSE]

    found = figures(frame["label"].cast(pl.Float64).to_numpy(), told)

    _, area, _, _, _, error = row_of(uci697.ANSWER, "figures", "### After one semester", HOUSE)
    assert found["AUC"] == pytest.approx(area, abs=0.006)  # one draw of the folds beside the mean of three
    assert found["ECE"] == pytest.approx(error, abs=0.012)
    assert found["AUC"] > uci697.BARS[phase] - 0.005


def test_the_answer_on_the_polytechnic_meets_what_is_asked_of_every_phase():
    for phase, bar in uci697.BARS.items():
        _, area, _, _, _, error = row_of(uci697.ANSWER, "figures", f"### {phase.capitalize()} (bar", HOUSE)
        assert area >= bar and error <= 0.02, phase


def test_everyone_who_teaches_of_the_polytechnic_sets_the_chances_once(monkeypatch):
    frame, given = made_up(rows=300).drop("word"), []

    def noted(examples, rest, columns, recipe, apart, others):
        given.append((examples.height, np.sort(np.concatenate(apart)).tolist()))
        return {HOUSE: np.zeros(rest.height)}

    monkeypatch.setattr(uci697, "chances_of_all", noted)
    uci697.out_of_fold(frame, Columns(("number", "noise")), seed=0, others=False)

    assert given == [(240, list(range(240)))] * 5


# EPH


def test_what_teaches_in_the_panel_comes_before_what_is_asked():
    frame = asked(eph.children)
    for name, split in eph.SPLITS.items():
        for taught, told in split(frame):
            assert not set(taught) & set(told), name
            if split is eph.other_households:
                assert not set(frame["household"][taught]) & set(frame["household"][told])
            else:
                assert frame["quarter"][taught].max() < frame["quarter"][told].min()


def test_the_panel_is_told_as_derived_and_no_model_reads_sex_birthplace_or_the_outcome():
    frame = asked(eph.children)

    assert (frame.height, int(frame["label"].sum())) == (12_175, 160)
    assert frame.filter(pl.col("years_over_age").is_between(-2, 15)).height > 0.98 * frame.height
    assert not {"label", "quarter", "household", "resultado", "CH04", "CH15"} & set(eph.columns().names)


def test_the_answer_on_the_panel_has_every_method_on_every_split():
    for name in eph.SPLITS:
        for method in (HOUSE, *CHALLENGERS, eph.OVER_AGE):
            assert 0.5 < row_of(eph.ANSWER, "figures", f"### {name.capitalize()}", method)[0] < 1, (name, method)


# What travels


def test_the_modules_asked_about_have_not_taught():
    seen, *never_seen = travel.QUESTIONS.values()

    assert all(not set(question.taught) & set(question.asked) for question in never_seen)
    assert seen.taught_in < seen.asked_in
    assert never_seen[0].taught == never_seen[1].asked and never_seen[0].asked == never_seen[1].taught


class Kept(dict):
    """A catalogue of two features: what `number` counts means the same everywhere, the rest does not."""

    def __missing__(self, name):
        class Entry:
            unit, kind = ("rank" if name == "number" else "number"), "number"

        Entry.name = name
        return Entry


def test_two_views_are_told_as_one_sum_and_the_relative_one_reads_nothing_local():
    examples = made_up()
    columns = Columns(("number", "noise", "word"), frozenset({"word"}))

    views = travel.two_views(examples, columns, Kept())

    rows = travel.matrix(examples, columns.names, columns.words(examples))
    told = {name: travel.raw(booster, rows) for name, booster in views.items()}
    used = views[travel.RELATIVE].feature_importance()
    assert np.abs(told[travel.BOTH] - (told[travel.EVERYTHING] + told[travel.RELATIVE]) / 2).max() < 1e-9
    assert used[0] > 0 and not used[1:].any()
    assert isinstance(views[travel.BOTH], lgb.Booster)


# UCI 320


def test_the_rule_reads_the_newest_mark_there_is():
    frame = pl.DataFrame({"G1": [12, 8], "G2": [9, 11], "failures": [0, 2]})

    assert [list(uci320.rule(frame, marks) > 0) for marks in uci320.KNOWN.values()] == [
        [True, False],
        [False, True],
        [False, True],
    ]


def test_no_mark_is_read_that_is_not_known_yet():
    frame = asked(uci320.pupils, "mathematics")

    for marks in uci320.KNOWN.values():
        names = uci320.columns(frame, marks).names
        assert {"G1", "G2"} & set(names) == set(marks)
        assert not {"G3", "label", "sex"} & set(names)


def test_the_names_of_the_damaged_file_are_put_right():
    told = {subject: asked(uci320.pupils, subject) for subject in uci320.SUBJECTS}

    assert {subject: (rows.height, int(rows["label"].sum())) for subject, rows in told.items()} == {
        "mathematics": (395, 130),
        "Portuguese": (649, 100),
    }
    assert all(rows["health"].is_between(1, 5).all() for rows in told.values())
