"""Training follows the clock: what was learnt later changes nothing, and the judged year is never looked at."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from made_up_town import town
from polars.testing import assert_frame_equal

from features import Records, build_frame, catalogue_for, outcomes
from models.fates import UNKNOWN
from models.folds import NotEnoughDays
from models.lessons import Lessons
from models.recipe import Recipe
from models.scoring import score
from models.training import TrainingResult, judged, plan, train, year_names

QUICK = Recipe(
    retold_trees=60,
    trees=30,
    learning_rate=0.1,
    threads=1,
    bootstrap=50,
    refits=0,
    stands=1,
    part_trees=20,
    unseen_share=0,
)
END = date(2023, 12, 31)


@pytest.fixture(scope="module")
def records() -> Records:
    return town()


@pytest.fixture(scope="module")
def result(records: Records) -> TrainingResult:
    return train(records, QUICK, capacity=20)


def figure(result: TrainingResult, method: str, name: str) -> float:
    return float(result.table.filter(pl.col("method") == method)[name].item())


def tables(records: Records) -> dict[str, pl.DataFrame]:
    return {name: records.table(name).collect() for name in ("enrolment", "attendance", "calendar", "report")}


def test_the_table_holds_the_model_and_every_baseline(result: TrainingResult) -> None:
    assert result.table["method"].to_list() == [
        "model", "logistic_regression", "over_age_and_absence", "over_age", "absence", "school_rate", "random",
    ]  # fmt: skip
    assert figure(result, "model", "capacity") == 20
    assert (result.run_id, result.version) == (None, None)


def test_the_table_says_how_complete_the_weeks_were(result: TrainingResult) -> None:
    assert figure(result, "model", "waiting_weeks") >= QUICK.absent_weeks
    assert figure(result, "model", "completeness") >= figure(result, "model", "least_completeness") == 0.9


def test_it_finds_those_who_leave_far_better_than_a_lottery(result: TrainingResult) -> None:
    assert figure(result, "model", "precision_at_capacity") > 3 * figure(result, "random", "precision_at_capacity")
    assert figure(result, "model", "auc") > 0.75
    assert figure(result, "random", "auc") == pytest.approx(0.5, abs=0.1)


def test_it_judges_on_the_last_year_after_a_gap(result: TrainingResult) -> None:
    assert {day.year for day in result.fold.test} == {2023}
    assert result.model.taught_until == result.fold.calibrate[-1]
    assert result.fold.test[0] - result.fold.calibrate[-1] >= timedelta(weeks=8)
    assert result.model.taught_on == result.fold.taught_on


def test_training_twice_gives_the_same_model_and_table(records: Records, result: TrainingResult) -> None:
    again = train(records, QUICK, capacity=20)

    assert again.model.booster.model_to_string() == result.model.booster.model_to_string()
    assert again.model.calibration == result.model.calibration
    assert_frame_equal(again.table, result.table, abs_tol=1e-12)


def test_the_judged_year_teaches_nothing(records: Records, result: TrainingResult) -> None:
    """Whatever happens from the first judged day on, the model is the same."""
    first = result.fold.test[0]
    told = tables(records)
    told["attendance"] = told["attendance"].with_columns(
        days_absent=pl.when(pl.col("known_on") > first).then(5).otherwise("days_absent")
    )
    told["enrolment"] = told["enrolment"].filter((pl.col("known_on") <= first) | (pl.col("status") != "WITHDRAWN"))

    other = train(Records.from_frames(told), QUICK, capacity=20)

    assert other.model.booster.model_to_string() == result.model.booster.model_to_string()
    assert other.model.calibration == result.model.calibration
    assert not other.table.equals(result.table)


def test_until_hides_everything_learnt_later(records: Records) -> None:
    until = date(2022, 12, 31)
    told = {
        name: table if name == "calendar" else table.filter(pl.col("known_on") <= until)
        for name, table in tables(records).items()
    }

    cut = train(Records.from_frames(told), QUICK, until=until, capacity=20)
    hidden = train(records, QUICK, until=until, capacity=20)

    assert {day.year for day in hidden.fold.test} == {2022}
    assert hidden.model.booster.model_to_string() == cut.model.booster.model_to_string()
    assert_frame_equal(hidden.table, cut.table, abs_tol=1e-12)


def test_within_a_single_year_the_last_part_of_it_judges(records: Records) -> None:
    alone = town(students=1500, years=(2022,))
    recipe = replace(QUICK, absent_weeks=2)

    result = train(alone, recipe, capacity=20)

    assert result.fold.test[0] > result.fold.calibrate[-1] > result.fold.stop[-1] > result.fold.fit[-1]
    assert figure(result, "model", "left") > 0


def test_the_judged_period_can_be_set_in_the_recipe_and_unseen_schools_are_judged_beside_it(records: Records) -> None:
    first, last = date(2022, 8, 1), date(2022, 10, 31)
    recipe = replace(QUICK, trees=10, bootstrap=10, test_from=first, test_until=last, unseen_share=0.2)

    result = train(records, recipe, capacity=20)

    assert all(first <= day <= last for day in result.fold.test)
    assert result.model.taught_until is not None and result.model.taught_until < first
    assert {"unseen.model.auc", "unseen.logistic_regression.auc", "unseen.random.auc"} <= set(result.unseen)


def test_the_truth_adds_the_best_possible_list(records: Records, result: TrainingResult) -> None:
    """Here the truth is what happened: a list that knows it cannot be beaten."""
    told = outcomes(records, result.fold.test)
    truth = told.select("student_id", "day", chance_4w=(pl.col("outcome") == "LEFT").cast(pl.Float64))

    judged = train(records, QUICK, truth=truth, capacity=20)

    assert figure(judged, "best_possible", "precision_at_capacity") > figure(judged, "model", "precision_at_capacity")
    assert figure(judged, "best_possible", "ratio_to_best") == 1.0
    assert 0 < figure(judged, "model", "ratio_to_best") < 1


def test_days_whose_outcome_no_export_tells_are_left_out(records: Records) -> None:
    recipe = QUICK

    fold = plan(records, recipe, END)

    told = outcomes(records, [*fold.grown_on, *fold.calibrate, *fold.test], known_by=END)
    assert (told.group_by("day").agg((pl.col("outcome") == "UNKNOWN").mean())["outcome"] < 0.5).all()


def test_too_short_an_archive_is_refused_in_a_sentence(records: Records) -> None:
    with pytest.raises(NotEnoughDays, match="Cargue más exportaciones"):
        train(records, QUICK, until=date(2021, 6, 1))
    with pytest.raises(NotEnoughDays, match="vacío"):
        train(Records.from_frames({}), QUICK)


def test_a_town_that_nobody_leaves_teaches_nothing(records: Records) -> None:
    told = tables(records)
    told["enrolment"] = told["enrolment"].filter(pl.col("status") != "WITHDRAWN")

    with pytest.raises(NotEnoughDays, match="Nadie salió"):
        train(Records.from_frames(told), QUICK)


def test_where_nobody_knows_what_became_of_anyone_there_is_nothing_to_judge(records: Records) -> None:
    nobody = pl.DataFrame({"outcome": [UNKNOWN, UNKNOWN]})

    with pytest.raises(NotEnoughDays, match="De nadie se sabe"):
        judged(Lessons(records, catalogue_for(records), QUICK), nobody, [], None, 20)


def test_the_year_of_a_day_is_the_calendar_s(records: Records) -> None:
    year_of = year_names(records)

    assert year_of(date(2022, 5, 1)) == "2022"
    assert year_of(date(2022, 1, 2)) == "2022"


def test_memory_is_bounded_by_taking_few_days_at_a_time_with_equal_results(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = plan(records, QUICK, END).grown_on
    lessons = Lessons(records, catalogue_for(records), QUICK)
    whole = lessons.examples(days, END)
    for bound in ("ROWS_AT_ONCE", "OUTCOMES_AT_ONCE", "SCORED_AT_ONCE"):
        monkeypatch.setattr(f"models.lessons.{bound}", 1)

    by_day = Lessons(records, catalogue_for(records), QUICK).examples(days, END)

    numbers = [c for c in whole.frame.columns if whole.frame[c].dtype == pl.Float64]
    assert by_day.frame.with_columns(pl.col(numbers).round(9)).equals(
        whole.frame.with_columns(pl.col(numbers).round(9))
    )
    assert by_day.excluded == whole.excluded


def test_progress_is_told(records: Records) -> None:
    said: list[str] = []

    train(records, replace(QUICK, trees=5, bootstrap=10), capacity=20, progress=said.append)

    assert any("variables" in line for line in said) and "evaluación" in said


def test_everyone_on_roll_is_scored(records: Records, result: TrainingResult) -> None:
    day = result.fold.test[3]

    scored = score(records, result.model, day)

    assert scored.columns == ["student_id", "day", "institution_id", "score", "raw_score"]
    assert scored.select("student_id", "day").equals(build_frame(records, [day]).select("student_id", "day"))
    assert scored["score"].is_between(0, 1).all()


def test_an_explained_score_adds_up(records: Records, result: TrainingResult) -> None:
    scored = score(records, result.model, result.fold.test[3], explain=True)

    parts = scored.select(pl.sum_horizontal(*result.model.features, "base_value"))
    assert (parts.to_series() - scored["raw_score"]).abs().max() < 1e-6  # type: ignore[operator]
