"""Simple ways to choose, always beside the model: each does what its name says, on whatever columns there are."""

import numpy as np
import polars as pl
from made_up_town import SUNDAYS, frame, with_outcomes

from features import CATALOGUE
from models.baselines import Chance, Flags, SchoolRate, fit_regression, fit_school_rate
from models.inputs import categories_in, input_names
from models.metrics import area_under_curve


def students(**columns: list[float | None]) -> pl.DataFrame:
    return pl.DataFrame(columns)


def test_two_flags_come_before_one_and_within_them_who_missed_more() -> None:
    rows = students(over_age_years=[0.0, 2.0, 2.0, 3.0, None], absence_rate_4w=[0.05, 0.0, 0.3, 0.5, 0.6])

    order = np.argsort(-Flags().scores(rows)).tolist()

    assert order == [3, 2, 4, 1, 0]


def test_flags_stay_down_where_the_register_has_no_such_column() -> None:
    assert Flags().scores(students(absence_rate_4w=[0.5, None])).tolist() == [1.25, 0.0]
    assert Flags().scores(students(other=[1.0, 2.0])).tolist() == [0.0, 0.0]


def test_flags_read_columns_that_the_catalogue_has() -> None:
    assert {Flags().over_age, Flags().absence} <= set(CATALOGUE.names)


def test_the_school_rate_is_the_share_that_left_and_new_schools_get_the_citys() -> None:
    taught = pl.DataFrame(
        {"institution_id": ["A"] * 4 + ["B"] * 6, "label": [1, 0, 0, 0] + [0] * 6, "weight": [1.0] * 10}
    )

    rate = fit_school_rate(taught)

    new = pl.DataFrame({"institution_id": ["A", "B", "never seen", None]})
    assert rate.scores(new).tolist() == [0.25, 0.0, 0.1, 0.1]


def test_the_school_rate_counts_the_students_that_a_thinned_row_stands_for() -> None:
    taught = pl.DataFrame({"institution_id": ["A", "A"], "label": [1, 0], "weight": [1.0, 9.0]})

    assert fit_school_rate(taught) == SchoolRate({"A": 0.1}, 0.1)


def test_the_lottery_is_fair_repeatable_and_another_one_every_day() -> None:
    rows = frame(students=2000, days=SUNDAYS[:2])

    drawn = Chance(5).scores(rows)

    assert (drawn == Chance(5).scores(rows)).all()
    assert abs(drawn.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(drawn[:2000], drawn[2000:])[0, 1]) < 0.06
    assert abs(np.corrcoef(drawn, Chance(6).scores(rows))[0, 1]) < 0.06


def test_the_lottery_of_a_student_does_not_depend_on_who_else_is_on_roll() -> None:
    rows = frame(students=50, days=SUNDAYS[:1])

    alone = Chance(5).scores(rows.filter(pl.col("student_id") == "e000007"))

    assert alone[0] == Chance(5).scores(rows)[7]


def test_the_regression_learns_through_gaps_words_and_columns_without_any_value() -> None:
    rows = with_outcomes(frame(students=600)).with_columns(days_late=pl.lit(None, dtype=pl.Float64))
    names = input_names(CATALOGUE, use_sensitive=False)
    earlier, later = rows.filter(pl.col("day") < SUNDAYS[5]), rows.filter(pl.col("day") >= SUNDAYS[5])

    regression = fit_regression(earlier, names, categories_in(earlier, names, CATALOGUE))

    assert regression is not None
    chances = regression.scores(later.with_columns(shift=pl.lit("NUEVA")))
    assert np.isfinite(chances).all()
    area = area_under_curve(later["label"].to_numpy().astype(float), regression.scores(later))
    assert area is not None and area > 0.65


def test_where_nobody_left_there_is_no_regression() -> None:
    rows = with_outcomes(frame(students=20)).with_columns(label=pl.lit(0))
    names = input_names(CATALOGUE, use_sensitive=False)

    assert fit_regression(rows, names, categories_in(rows, names, CATALOGUE)) is None
