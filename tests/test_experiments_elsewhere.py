"""Schools of STAR and semesters of Italy: no school, programme or later semester teaches what is asked of it."""

import numpy as np
import polars as pl
import pytest
from experiment_scripts import asked, script

from experiments.beside import HOUSE, gathered, label_of
from experiments.challengers import CHALLENGERS, figures, regression
from experiments.written import row_of
from models.calibration import sigmoid

star, italy = script("0006-star-unseen-schools"), script("0007-italian-semesters")

# STAR


def schools_of_children(rows=600, seed=7):
    """Sixty schools of children of whom some change school; three grades."""
    rng = np.random.default_rng(seed)
    children = pl.DataFrame({"student_id": range(rows // 3), "school_id": rng.integers(0, 30, rows // 3)})
    grades = children.join(pl.DataFrame({"grade": [0, 1, 2]}), how="cross")
    moved = pl.Series(rng.random(grades.height) < 0.2)
    return grades.with_columns(school_id=pl.col("school_id") + moved.cast(pl.Int64) * 30)


@pytest.mark.parametrize("later", [False, True])
def test_neither_a_school_nor_its_children_teach_what_is_asked_of_it(later):
    frame = schools_of_children()

    parts = star.never_seen(frame, seed=1, later=later)

    for taught, told in parts:
        for name in ("school_id", "student_id"):
            assert not set(frame[name][taught]) & set(frame[name][told]), name
        assert not later or frame["grade"][taught].max() < frame["grade"][told].min()
    everyone = np.flatnonzero(frame["grade"].to_numpy() == 2) if later else np.arange(frame.height)
    assert sorted(np.concatenate([told for _, told in parts])) == list(everyone)


def test_another_rotation_parts_the_schools_otherwise():
    schools = schools_of_children()["school_id"].to_numpy()

    first, again, other = (star.fifths(schools, seed)[0].tolist() for seed in (0, 0, 1))

    assert first == again != other


def test_star_is_told_as_its_file_counts_it():
    frame = asked(star.pupils)
    counted = frame.group_by("grade").agg(pl.len(), pl.col("label").sum()).sort("grade").rows()

    assert counted == [(0, 6_001, 1_569), (1, 6_712, 1_663), (2, 6_840, 1_426)]
    assert frame["years_over_age"].is_between(-2, 4).sum() == frame["years_over_age"].count()
    assert frame.filter(pl.col("grade") == 0)["new_here"].null_count() == 6_001


def test_before_the_spring_no_mark_of_the_year_is_read_and_never_who_the_child_is():
    begins, spring = (set(star.columns(tested).names) for tested in (False, True))

    assert not {name for name in begins if name.startswith(("read", "math", "place"))} - {
        "read_before",
        "math_before",
        "place_before",
    }
    assert {"read", "math_place", "place_change"} <= spring - begins
    assert not {"label", "student_id", "school_id", "gender", "ethnicity"} & spring


def test_the_answer_on_star_says_what_a_fresh_part_of_the_run_finds():
    frame = star.tested(asked(star.pupils))
    taught, told = star.same_schools(frame, 0)[0]
    rest, heading = frame[told], "### The same schools, a year later"

    fresh = {
        "logistic regression": sigmoid(regression(frame[taught], rest, star.columns(tested=True))),
        star.LOW_MARKS: star.rules(rest)[star.LOW_MARKS],
    }

    for method, said in fresh.items():
        area = row_of(star.ANSWER, "figures", heading, method)[1]
        assert figures(label_of(rest), said)["AUC"] == pytest.approx(area, abs=0.001), method


def test_the_answer_on_star_has_every_method_on_every_question():
    for question in star.QUESTIONS:
        heading = f"### {question[0].upper()}{question[1:]}"
        for method in (HOUSE, *CHALLENGERS, star.POINTS):
            assert 0.5 < row_of(star.ANSWER, "figures", heading, method)[1] < 1, (question, method)


# The Italian semesters


def semesters_of_students(students=200, seed=7):
    rng = np.random.default_rng(seed)
    left_in = rng.integers(1, 9, students)
    rows = pl.DataFrame({"student_id": range(students), "left_in": left_in, "programme": rng.integers(0, 8, students)})
    grid = rows.join(pl.DataFrame({"number": italy.SEMESTERS}), how="cross", maintain_order="left")
    return grid.with_columns(
        semester=pl.col("number").cast(pl.String),
        at_risk=pl.col("left_in") >= pl.col("number"),
        label=(pl.col("left_in") == pl.col("number")).cast(pl.Int8),
        programme=pl.format("Cos{}", "programme"),
    )


def test_the_hazards_of_kaplan_and_meier_multiply_to_those_who_are_still_there():
    grid = semesters_of_students()
    at_risk = grid.filter("at_risk")

    hazards = italy.kaplan_meier(at_risk, grid.head(len(italy.SEMESTERS)))

    assert np.prod(1 - hazards) == pytest.approx((grid["left_in"] > italy.SEMESTERS[-1]).mean())


def test_no_programme_and_no_later_semester_teaches_what_is_asked():
    grid = semesters_of_students()
    unseen, in_time = italy.other_programmes(grid, seed=1), italy.next_semester(grid)

    for taught, told in unseen:
        assert not set(grid["programme"][taught]) & set(grid["programme"][told])
    assert sorted(np.concatenate([told for _, told in unseen])) == list(range(grid.height))
    for taught, told in in_time:
        assert grid["number"][taught].max() < grid["number"][told].min()
    assert all(grid["at_risk"][taught].all() for taught, _ in [*unseen, *in_time])


def test_a_student_of_the_italian_file_leaves_once_and_only_while_still_there():
    grid = asked(italy.grid)
    left = grid.group_by("student_id").agg(pl.col("label").sum(), pl.col("left_at").first())

    assert (grid.height, int(grid["label"].sum())) == (4_448 * 5, 680)
    assert grid.filter(pl.col("label") == 1)["at_risk"].all()
    assert left.filter(pl.col("label") != pl.col("left_at").is_not_null().cast(pl.Int64)).is_empty()
    assert not {"gender", "Gender", "programme", "left_at", "at_risk", "label"} & set(italy.columns().names)


def test_the_answer_on_the_semesters_says_what_a_fresh_part_of_the_run_finds():
    grid = asked(italy.grid)
    heading, last = "### The semesters before teach the next", italy.SEMESTERS[-1]

    said = gathered(grid, italy.next_semester(grid)[-1:], lambda taught, rest: italy.tell(taught, rest, others={}))

    for method, within in {HOUSE: 0.006, italy.PLAIN_HAZARD: 0.001, italy.FEWEST: 0.0001}.items():
        fresh = italy.in_semester(grid, said, method, last)["AUC"]
        assert fresh == pytest.approx(row_of(italy.ANSWER, "figures", heading, method)[3], abs=within), method
