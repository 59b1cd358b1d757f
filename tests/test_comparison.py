"""Two models on the same Mondays, one more visit, and each school's own list: laws, and lists counted by hand."""

import numpy as np
import polars as pl
import pytest
from judged_city import judged_city, sundays

from models.by_school import schools_table
from models.calibration import log_odds
from models.comparison import entering, figure
from models.evaluation import OTHER, Capacity, Evaluation, evaluate
from models.one_more_visit import TIMES, access_ratio, one_more, visits_table, visits_to_match
from models.places import cut, listed, placed, rooms, with_lottery
from models.resampling import other_cities

WEEKS = sundays(3)


def against(other: str, students: int = 1500, **made: float) -> Evaluation:
    rows = judged_city(students=students, schools=20, **made)  # type: ignore[arg-type]
    return evaluate(
        rows.with_columns(pl.col(other).alias(OTHER)), {"model": True, OTHER: True}, Capacity(40), draws=100
    )


def test_a_model_beside_itself_differs_in_nothing_and_costs_nothing() -> None:
    table = against("model").comparison

    apart = table.filter(pl.col("difference").is_not_null())
    assert apart["difference"].to_list() == pytest.approx([0.0] * apart.height, abs=1e-12)
    assert figure(table, "shared_names", "model") == 1
    assert figure(table, "swapped_names", "model") == 0
    assert figure(table, "weeks_to_repay", "model") is None


def test_a_poorer_model_finds_fewer_and_its_interval_says_so() -> None:
    table = against("poor").comparison
    rows = {row["figure"]: row for row in table.to_dicts()}

    for name in ("precision", "recall", "auc", "average_precision"):
        assert rows[name]["low"] > 0, name
        assert rows[name]["low"] < rows[name]["difference"] < rows[name]["high"], name
    assert rows["brier"]["high"] < 0
    assert rows["new_names"]["difference"] < 0
    assert rows["found_apart"]["model"] > rows["found_apart"]["other"]


def test_the_comparison_is_the_difference_of_the_two_rows_of_the_table() -> None:
    told = against("poor")
    model, other = (told.table.filter(pl.col("method") == name).row(0, named=True) for name in ("model", OTHER))

    for name, column in {"precision": "precision_at_capacity", "lead_4w": "lead_4w", "jaccard": "jaccard"}.items():
        assert figure(told.comparison, name) == pytest.approx(model[column] - other[column]), name
    gained = (figure(told.comparison, "found_apart") or 0) * model["days"]
    assert gained == pytest.approx(model["hits"] - other["hits"])


def test_two_models_of_equal_worth_are_seldom_told_apart() -> None:
    """100 cities, each judged by two models that see as much, through other noise: about five may say one is better."""
    rng = np.random.default_rng(8)
    said = 0
    for seed in range(100):
        rows = with_lottery(judged_city(students=400, schools=20, weeks=3, seed=seed), 1)
        rows = rows.with_columns(left=(pl.col("outcome") == "LEFT").cast(pl.Int8))
        risk = log_odds(rows["truth"].to_numpy())
        twins = {name: pl.Series(risk + rng.normal(0, 0.8, len(risk))) for name in ("model", OTHER)}
        cities = other_cities(rows["institution_id"], 100, seed)
        found = [listed(rows.with_columns(**twins), name, Capacity(25)).with_columns(one=pl.lit(1.0)) for name in twins]
        low, high = cities.ratio(found[0], "left", "one").above(cities.ratio(found[1], "left", "one")).interval
        assert low is not None and high is not None
        said += low > 0 or high < 0

    assert said <= 12


def test_without_another_version_nothing_is_compared() -> None:
    assert evaluate(judged_city(), {"model": True}, Capacity(5), draws=10).comparison.is_empty()


def test_names_that_enter_by_a_swap_are_counted_against_the_list_of_the_week_before() -> None:
    def lists(*weeks: str) -> pl.DataFrame:
        rows = [(name, day) for day, week in zip(WEEKS, weeks, strict=True) for name in week]
        return pl.DataFrame(rows, schema=["student_id", "day"], orient="row")

    theirs = lists("abc", "abc", "abd")

    assert entering(theirs, theirs) == 0.5
    assert entering(lists("xyz", "abx", "xyz"), theirs) == 2.0


# One more visit


def drawn_city(**made: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    judged = judged_city(students=500, **made).with_columns(left=(pl.col("outcome") == "LEFT").cast(pl.Int8))
    judged = with_lottery(judged, 1)
    return judged, rooms(judged, Capacity(20))


def test_places_are_the_list_and_go_on_after_it() -> None:
    judged, room = drawn_city()

    places = placed(judged, "model", room, 5)

    assert cut(places).equals(placed(judged, "model", room))
    assert places.group_by("day").len()["len"].unique().to_list() == [100]
    by_day = places.sort("day", "place")
    assert by_day.group_by("day").agg(falls=(pl.col("_score").diff() > 0).any())["falls"].to_list() == [False] * 6


def test_equal_scores_at_the_cut_are_drawn_and_the_list_is_never_longer() -> None:
    judged, room = drawn_city()
    flat = judged.with_columns(model=pl.col("model").round(1))

    assert placed(flat, "model", room).group_by("day").len()["len"].unique().to_list() == [20]


def test_a_child_without_a_score_comes_last() -> None:
    judged, room = drawn_city()
    unknown = judged.with_columns(model=pl.when(pl.col("student_id") < "s00490").then("model"))

    everyone = placed(unknown, "model", room, 25).filter(pl.col("day") == WEEKS[0]).sort("place")

    assert everyone.height == 500
    assert set(everyone.tail(10)["student_id"]) == {f"s{n:05d}" for n in range(490, 500)}


def test_more_visits_find_more_and_each_next_one_finds_less() -> None:
    judged, room = drawn_city(seed=3)
    table = visits_table({"truth": placed(judged, "truth", room, 5)})

    assert table["times"].to_list() == list(TIMES)
    assert table["found"].is_sorted() and table["visits"].is_sorted()
    assert table["per_visit"][0] > table["per_visit"][-1]
    assert table.filter(pl.col("times") == 1)["visits"].item() == 20


def test_as_many_visits_as_it_has_match_a_list_and_a_poorer_one_needs_more() -> None:
    judged, room = drawn_city(seed=3)
    good, poor = (placed(judged, name, room, 5) for name in ("truth", "poor"))
    found = int(cut(good)["left"].sum())

    own, other = visits_to_match(good, found), visits_to_match(poor, found)

    assert own is not None and own <= 20
    assert other is None or other > own
    assert visits_to_match(poor, judged.height) is None


def test_one_more_visit_is_counted_after_the_cut_alone() -> None:
    """Ten places and one more: all ten listed left, the eleventh did not in one week of two, and of the rest nobody."""
    rows = [
        {"day": day, "institution_id": f"i{place % 2}", "place": place, "room": 10, "outcome": "STAYED", "left": left}
        for week, day in enumerate(WEEKS[:2])
        for place in range(1, 51)
        for left in [int(place <= 10 or (place == 11 and week == 0))]
    ]
    places = pl.DataFrame(rows)

    assert one_more(places, other_cities(places["institution_id"], 10, 1)).value == 0.5


def test_the_access_ratio_by_hand() -> None:
    found = [("model", 1.0, 10.0), ("model", 1.1, 10.5), ("simple", 1.0, 8.0), ("better", 1.0, 12.0)]
    visits = pl.DataFrame(found, schema=["method", "times", "found"], orient="row")

    assert access_ratio(visits, "model", "simple") == pytest.approx(0.25)
    assert access_ratio(visits, "model", "better") is None
    assert access_ratio(visits, "model", "missing") is None


# Each school's own list


def test_a_watchlist_has_its_places_in_every_school_and_room_for_all_catches_all() -> None:
    judged, _ = drawn_city()
    lists = {"model": listed(judged, "model", Capacity(20))}
    cities = other_cities(judged["institution_id"], 50, 1)

    ten, everyone = (schools_table(judged, lists, cities, places).row(0, named=True) for places in (10, 1000))

    assert ten["listed"] == 10 * 8 * 6
    assert everyone["recall"] == 1 and everyone["listed"] == judged.height
    assert 0 < ten["recall"] < 1
    assert ten["recall_low"] <= ten["recall"] <= ten["recall_high"]


def test_a_list_that_goes_to_one_school_is_seen() -> None:
    judged, _ = drawn_city()
    one = judged.with_columns(model=(pl.col("institution_id") == "i003").cast(pl.Float64))
    cities = other_cities(judged["institution_id"], 50, 1)

    row = schools_table(one, {"model": listed(one, "model", Capacity(20))}, cities).row(0, named=True)

    assert row["schools_on_city_list"] == pytest.approx(1 / 8)
    assert row["largest_share"] == 1
