"""How sure a figure is: cities drawn again by whole schools, the same draw for every figure."""

import numpy as np
import polars as pl
import pytest

from models.resampling import Measured, interval, other_cities


def counts(hits: list[int], listed: list[int]) -> pl.DataFrame:
    schools = [f"i{n:03d}" for n in range(len(hits))]
    return pl.DataFrame({"institution_id": schools, "hits": hits, "listed": listed})


def test_where_all_schools_are_alike_every_city_is_alike() -> None:
    rows = counts([3] * 8, [10] * 8)

    told = other_cities(rows["institution_id"], 200, 1).ratio(rows, "hits", "listed")

    assert told.value == pytest.approx(0.3)
    assert list(told.interval) == pytest.approx([0.3, 0.3])


def test_of_a_single_school_or_of_nothing_no_interval_is_told() -> None:
    one = counts([3], [10])

    assert other_cities(one["institution_id"], 200, 1).ratio(one, "hits", "listed").interval == (None, None)
    assert other_cities(one["institution_id"], 200, 1).ratio(one.head(0), "hits", "listed").value is None
    assert interval(np.array([np.nan, np.nan])) == (None, None)


def test_rows_of_one_school_are_drawn_together_and_unknown_schools_count_as_one() -> None:
    rows = pl.DataFrame({"institution_id": ["a"] * 50 + [None] * 50, "hits": [1] * 50 + [0] * 50, "one": [1] * 100})

    cities = other_cities(rows["institution_id"], 300, 2)
    drawn = cities.ratio(rows, "hits", "one").draws

    assert cities.size == 2
    assert set(np.round(drawn, 6)) == {0.0, 0.5, 1.0}


def test_a_null_in_the_whole_leaves_the_row_out_of_both() -> None:
    rows = pl.DataFrame({"institution_id": ["a", "b", "b"], "hits": [1.0, 0.0, 9.0], "one": [1.0, 1.0, None]})

    assert other_cities(rows["institution_id"], 10, 1).ratio(rows, "hits", "one").value == 0.5


def test_the_same_figure_is_nowhere_above_itself_and_a_larger_one_is_everywhere() -> None:
    rows = counts([1, 2, 3, 4], [10] * 4).with_columns(more=pl.col("hits") + 1)
    cities = other_cities(rows["institution_id"], 100, 1)
    hits, more = (cities.ratio(rows, name, "listed") for name in ("hits", "more"))

    assert hits.above(hits).interval == (0.0, 0.0)
    assert more.above(hits).value == pytest.approx(0.1)
    assert list(more.above(hits).interval) == pytest.approx([0.1, 0.1])
    assert hits.above(Measured(None)).value is None


def test_intervals_by_school_cover_the_truth_where_intervals_by_child_do_not() -> None:
    """100 cities of 25 schools that differ: the share that leaves is 0.3 in the process that made them all."""
    rng = np.random.default_rng(5)
    by_school = by_child = 0
    for _ in range(100):
        shares = rng.beta(3, 7, 25)
        hits = rng.binomial(40, shares)
        rows = counts(hits.tolist(), [40] * 25)
        low, high = other_cities(rows["institution_id"], 200, 1).ratio(rows, "hits", "listed").interval
        assert low is not None and high is not None
        half = 1.96 * np.sqrt(hits.sum() / 1000 * (1 - hits.sum() / 1000) / 1000)
        by_school += low <= 0.3 <= high
        by_child += abs(hits.sum() / 1000 - 0.3) <= half

    assert by_school >= 87
    assert by_child <= 80
