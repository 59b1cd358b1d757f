"""Whether chances can be believed: the library's figures exactly, and deciles whose intervals hold when they should."""

import numpy as np
import polars as pl
import pytest
from judged_city import judged_city
from sklearn.metrics import average_precision_score, roc_auc_score

from models.by_group import ENOUGH_LEFT, groups_table
from models.calibration import log_odds, logistic_line
from models.metrics import area_under_curve, average_precision
from models.places import Capacity, listed, with_lottery
from models.redrawn import binned, drawn_area, drawn_average_precision, line_of
from models.reliability import decile_table, order_figures, wilson
from models.resampling import Cities, Numbers, other_cities


def told(students: int = 2000, seed: int = 1, schools: int = 20, effect: float = 0.0) -> pl.DataFrame:
    rows = judged_city(students=students, weeks=3, schools=schools, seed=seed, school_effect=effect)
    return rows.with_columns(left=(pl.col("outcome") == "LEFT").cast(pl.Int8))


def cities_of(rows: pl.DataFrame, draws: int = 100) -> Cities:
    return other_cities(rows["institution_id"], draws, 7)


def arrays(rows: pl.DataFrame, score: str) -> tuple[Numbers, Numbers]:
    return rows["left"].cast(pl.Float64).to_numpy(), rows[score].to_numpy()


@pytest.mark.parametrize("places", [1, 2, 9])
def test_order_figures_are_scikit_learns_ties_and_all(places: int) -> None:
    label, score = arrays(told(), "model")
    score = np.round(score, places)

    assert area_under_curve(label, score) == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    assert average_precision(label, score) == pytest.approx(average_precision_score(label, score), abs=1e-12)


def test_where_nobody_left_nothing_is_said_of_the_order() -> None:
    nobody = told().with_columns(left=pl.lit(0, pl.Int8))

    figures = order_figures(nobody, "model", True, cities_of(nobody))

    assert [figures[name].value for name in ("auc", "average_precision", "slope", "intercept")] == [None] * 4
    assert figures["auc"].interval == (None, None)


def test_the_coarse_counts_know_the_order_nearly_as_well_as_every_row() -> None:
    rows = told()
    label, score = arrays(rows, "model")
    bins = binned(rows, label, score, cities_of(rows))

    assert drawn_area(bins).value == pytest.approx(roc_auc_score(label, score), abs=1e-3)
    assert drawn_average_precision(bins).value == pytest.approx(average_precision_score(label, score), abs=0.01)


def test_children_of_one_step_are_half_above_and_half_below_each_other() -> None:
    rows = told()
    label, score = arrays(rows, "model")
    coarse = np.round(score, 1)

    assert drawn_area(binned(rows, label, coarse, cities_of(rows))).value == pytest.approx(roc_auc_score(label, coarse))


def test_a_drawn_city_of_the_same_schools_has_the_same_figures() -> None:
    rows = told()
    label, score = arrays(rows, "model")
    schools = cities_of(rows).schools
    bins = binned(rows, label, score, Cities(schools, np.ones((1, schools.height))))

    assert drawn_area(bins).draws[0] == pytest.approx(drawn_area(bins).value)
    assert drawn_average_precision(bins).draws[0] == pytest.approx(drawn_average_precision(bins).value)


@pytest.mark.parametrize("boldness", [0.5, 1.0, 2.0])
def test_the_line_is_that_of_greatest_likelihood(boldness: float) -> None:
    label, score = arrays(told(), "truth")
    said = 1 / (1 + np.exp(-boldness * log_odds(score)))

    slope, intercept = line_of(label, said, log_odds)

    assert (slope, intercept) == pytest.approx(logistic_line(log_odds(said), label), abs=1e-4)
    assert slope == pytest.approx(1 / boldness, abs=0.2 / boldness)


def test_figures_lie_in_their_intervals() -> None:
    rows = told(effect=0.5)

    figures = order_figures(rows, "model", True, cities_of(rows))

    for name in ("auc", "average_precision", "brier", "slope", "intercept", "ece"):
        low, high = figures[name].interval
        assert low is not None and high is not None and figures[name].value is not None, name
        assert low < figures[name].value < high, name


def test_true_chances_lie_inside_their_deciles_and_bold_ones_do_not() -> None:
    inside = bold = 0
    for seed in range(12):
        rows = told(seed=seed).with_columns(bold=(pl.col("truth") * 3).clip(0, 1))
        cities = cities_of(rows)
        inside += int(decile_table(rows, "truth", cities)["inside"].sum())
        bold += int(decile_table(rows, "bold", cities)["inside"].sum())

    assert inside >= 0.9 * 120
    assert bold <= 0.5 * 120


def test_true_chances_are_off_by_no_more_than_luck() -> None:
    rows = told(students=4000)

    right = order_figures(rows, "truth", True, cities_of(rows))
    wrong = order_figures(rows.with_columns(truth=pl.col("truth") * 0.5), "truth", True, cities_of(rows))

    assert right["ece"].value is not None and right["ece_by_chance"].value is not None
    assert right["ece"].value < 2 * right["ece_by_chance"].value
    assert wrong["ece"].value > 5 * right["ece"].value


def test_a_decile_in_which_nobody_left_may_still_have_had_a_few() -> None:
    nobody = told(students=1000).with_columns(left=pl.lit(0, pl.Int8))

    table = decile_table(nobody, "truth", cities_of(nobody))

    assert table["low"].to_list() == [0.0] * 10
    assert all(0 < high < 0.05 for high in table["high"])


def test_of_a_small_decile_nothing_is_said() -> None:
    few = told(students=50)

    assert decile_table(few, "truth", cities_of(few))["inside"].to_list() == [None] * 10


def test_wilson_s_interval_is_the_published_one() -> None:
    assert wilson(0.1, 50) == pytest.approx((0.0435, 0.2136), abs=1e-4)
    assert wilson(0.0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)


def test_groups_hold_everyone_once_and_say_nothing_of_a_few() -> None:
    rows = with_lottery(told(students=600), 1)

    table = groups_table(rows, listed(rows, "model", Capacity(40)), "model", cities_of(rows))

    for _, groups in table.group_by("trait"):
        assert groups["rows"].sum() == rows.height
        assert groups["left"].sum() == rows["left"].sum()
    assert table.filter(pl.col("trait") == "sex").select(pl.col("share_listed", "share_left").sum()).row(0) == (
        1.0,
        1.0,
    )
    small = table.filter(pl.col("left") < ENOUGH_LEFT)
    assert small.height and small["recall"].is_null().all() and not small["enough"].any()


def test_grades_come_in_the_order_of_numbers() -> None:
    rows = with_lottery(told(students=600), 1)

    table = groups_table(rows, listed(rows, "model", Capacity(40)), "model", cities_of(rows))

    assert table.filter(pl.col("trait") == "grade")["group"].to_list() == [str(n) for n in range(11)]


def test_a_group_whose_chances_are_halved_is_seen() -> None:
    rows = with_lottery(told(students=3000), 1)
    women = pl.col("trait.sex") == "femenino"
    rows = rows.with_columns(model=pl.when(women).then(pl.col("truth") / 2).otherwise("truth"))

    table = groups_table(rows, listed(rows, "model", Capacity(40)), "model", cities_of(rows))

    sexes = {row["group"]: row for row in table.filter(pl.col("trait") == "sex").to_dicts()}
    assert sexes["femenino"]["ratio_high"] < 0.7
    assert sexes["masculino"]["ratio_low"] < 1 < sexes["masculino"]["ratio_high"]
