"""The judge's arithmetic: laws that hold for any list, and small lists that can be counted by hand."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_city import judged_city

from models.evaluation import COLUMNS, Capacity, evaluate, evaluate_table
from models.metrics import calibration_line, deciles
from models.ranking import ranked, text_hashes
from models.report import as_markdown, as_text, write_figures
from models.resampling import other_cities

MONDAYS = [date(2024, 3, 3) + timedelta(weeks=n) for n in range(3)]


def city(students: int = 300, seed: int = 1, schools: int = 6, other: float = 0.03) -> pl.DataFrame:
    """Judged rows whose true chance is known: the model sees it with some noise, `poor` with much."""
    rng = np.random.default_rng(seed)
    rows = students * len(MONDAYS)
    risk = rng.normal(-2.5, 1.2, rows)
    chance = 1 / (1 + np.exp(-risk))
    kinds = np.where(rng.random(rows) < chance, "LEFT", "STAYED")
    kinds = np.where(rng.random(rows) < other, rng.choice(["MOVED", "UNKNOWN", "GRADUATED"], rows), kinds)
    return pl.DataFrame(
        {
            "student_id": [f"s{n:05d}" for n in range(students)] * len(MONDAYS),
            "day": [day for day in MONDAYS for _ in range(students)],
            "institution_id": [f"i{n % schools}" for n in range(students)] * len(MONDAYS),
            "outcome": kinds.tolist(),
            "model": 1 / (1 + np.exp(-(risk + rng.normal(0, 0.3, rows)))),
            "poor": 1 / (1 + np.exp(-(risk + rng.normal(0, 4, rows)))),
            "truth": chance,
        }
    )


METHODS = {"model": True, "poor": True}


def row(table: pl.DataFrame, method: str) -> dict[str, float]:
    return table.filter(pl.col("method") == method).row(0, named=True)


def by_hand() -> pl.DataFrame:
    """Two Mondays of four students. Listed by the model, two each: (a left, b moved), (c unknown, a left)."""
    told = [
        ("a", MONDAYS[0], "LEFT", 0.9),
        ("b", MONDAYS[0], "MOVED", 0.8),
        ("c", MONDAYS[0], "LEFT", 0.2),
        ("d", MONDAYS[0], "STAYED", 0.1),
        ("a", MONDAYS[1], "LEFT", 0.7),
        ("b", MONDAYS[1], "STAYED", 0.1),
        ("c", MONDAYS[1], "UNKNOWN", 0.9),
        ("d", MONDAYS[1], "STAYED", 0.3),
    ]
    rows = pl.DataFrame(told, schema=["student_id", "day", "outcome", "model"], orient="row")
    return rows.with_columns(institution_id=pl.Series(["x", "y"] * 4))


def test_a_small_list_counted_by_hand() -> None:
    told = row(evaluate_table(by_hand(), {"model": True}, Capacity(2)), "model")

    assert (told["hits"], told["listed"], told["unresolved"], told["left"]) == (2, 4, 1, 3)
    assert told["precision_at_capacity"] == pytest.approx(2 / 3)
    assert told["recall_at_capacity"] == pytest.approx(2 / 3)
    assert told["precision_weekly_mean"] == pytest.approx((1 / 2 + 1 / 1) / 2)
    assert told["lift"] == pytest.approx((2 / 3) / (3 / 7))
    assert (told["days"], told["students"], told["capacity"], told["rows"]) == (2, 4, 2, 8)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), capacity=st.integers(1, 300))
def test_whatever_the_list_hits_are_bounded_and_a_longer_list_never_misses_more(seed: int, capacity: int) -> None:
    rows = city(seed=seed)

    short = row(evaluate_table(rows, METHODS, Capacity(capacity), draws=10), "model")
    long = row(evaluate_table(rows, METHODS, Capacity(capacity + 20), draws=10), "model")

    assert 0 <= short["precision_at_capacity"] <= 1
    assert short["hits"] <= min(short["left"], short["listed"])
    assert short["recall_at_capacity"] <= long["recall_at_capacity"]
    assert short["listed"] == capacity * len(MONDAYS)


def test_with_room_for_everyone_all_methods_are_equal() -> None:
    table = evaluate_table(city(), METHODS, Capacity(10_000))

    assert table["recall_at_capacity"].to_list() == [1.0, 1.0]
    assert table["precision_at_capacity"].n_unique() == 1
    assert table["lift"].to_list() == pytest.approx([1.0, 1.0])


def test_the_best_possible_list_is_above_and_the_ratio_is_to_it() -> None:
    rows = city(students=3000)
    truth = rows.select("student_id", "day", chance_4w="truth")

    table = evaluate_table(rows, METHODS, Capacity(60), truth)

    best, model, poor = (row(table, name) for name in ("best_possible", "model", "poor"))
    assert best["precision_at_capacity"] >= model["precision_at_capacity"] > poor["precision_at_capacity"]
    assert best["ratio_to_best"] == 1.0
    assert model["ratio_to_best"] == pytest.approx(model["precision_at_capacity"] / best["precision_at_capacity"])
    assert model["ratio_to_best"] > 0.8


def test_on_a_monday_whose_truth_nobody_drew_there_is_no_best_list_and_the_ratio_leaves_it_out() -> None:
    """The Sunday before a recess has no true chances: a best list drawn by lot there would flatter every model."""
    rows = city(students=3000)
    known = rows.filter(pl.col("day") != MONDAYS[1])
    truth = known.select("student_id", "day", chance_4w="truth")

    table = evaluate_table(rows, METHODS, Capacity(60), truth)
    without = evaluate_table(known, METHODS, Capacity(60), truth)

    best, same = (row(one, "best_possible") for one in (table, without))
    assert (best["days"], best["rows"], best["left"]) == (2, 6000, same["left"])
    for name in ("precision_at_capacity", "recall_at_capacity", "auc", "calibration_slope"):
        assert best[name] == pytest.approx(same[name]), name
    assert row(table, "model")["ratio_to_best"] == pytest.approx(row(without, "model")["ratio_to_best"])
    assert row(table, "model")["days"] == 3


def test_without_the_truth_nothing_is_said_of_the_best_list() -> None:
    table = evaluate_table(city(), METHODS, Capacity(20))

    assert table["method"].to_list() == ["model", "poor"]
    assert table["ratio_to_best"].is_null().all()
    assert tuple(table.columns) == tuple(COLUMNS)


def test_one_who_moved_counts_as_a_visit_and_one_of_unknown_fate_as_none() -> None:
    rows = city(other=0.0)
    moved = rows.with_columns(outcome=pl.when(pl.col("outcome") == "STAYED").then(pl.lit("MOVED")).otherwise("outcome"))
    unknown = rows.with_columns(
        outcome=pl.when(pl.col("outcome") == "STAYED").then(pl.lit("UNKNOWN")).otherwise("outcome")
    )

    plain, as_moved, as_unknown = (
        row(evaluate_table(told, {"model": False}, Capacity(20)), "model") for told in (rows, moved, unknown)
    )

    assert as_moved["precision_at_capacity"] == plain["precision_at_capacity"]
    assert as_unknown["precision_at_capacity"] == 1.0
    assert as_unknown["unresolved"] == plain["listed"] - plain["hits"]


def test_who_moved_or_graduated_counts_in_every_figure_as_who_stayed() -> None:
    """As in teaching: the chance is that of leaving, and they did not leave."""
    rows = judged_city(students=900, schools=9)
    kinds = pl.Series(["STAYED", "MOVED", "GRADUATED"] * (rows.height // 3))
    gone = rows.with_columns(outcome=pl.when(pl.col("outcome") == "STAYED").then(kinds).otherwise("outcome"))

    stayed, moved = (evaluate(told, METHODS, Capacity(20), draws=20) for told in (rows, gone))

    for name in ("table", "deciles", "groups", "schools", "visits", "fairness"):
        assert getattr(moved, name).equals(getattr(stayed, name)), name
    assert stayed.groups["enough"].any() and stayed.fairness["enough"].any()


def test_of_whom_nothing_is_known_nothing_is_judged() -> None:
    rows = city(other=0.0)
    unknown = rows.head(30).with_columns(
        student_id="m" + pl.col("student_id"), outcome=pl.lit("UNKNOWN"), model=pl.lit(0.99)
    )

    plain, more = (
        row(evaluate_table(told, METHODS, Capacity(20)), "model") for told in (rows, pl.concat([rows, unknown]))
    )

    for name in ("auc", "average_precision", "brier", "ece", "calibration_slope"):
        assert more[name] == pytest.approx(plain[name]), name


def test_ties_fall_by_lot_not_by_name_or_by_order_of_rows() -> None:
    rows = city(students=1000).with_columns(model=pl.lit(0.5))

    first = ranked(rows, "model")
    again = ranked(rows.sample(fraction=1, shuffle=True, seed=4), "model")

    assert first.equals(again)
    monday = first.filter(pl.col("day") == MONDAYS[0])
    names = monday["student_id"].to_list()
    assert names != sorted(names)
    assert monday["rank"].to_list() == list(range(1, 1001))
    tuesday = first.filter(pl.col("day") == MONDAYS[1])["student_id"].to_list()
    assert names != tuesday


def test_the_tie_hash_is_fnv_1a_and_never_changes() -> None:
    assert [int(h) for h in text_hashes(pl.Series(["", "a", "foobar"]))] == [
        0xCBF29CE484222325,
        0xAF63DC4C8601EC8C,
        0x85944171F73967E8,
    ]


@pytest.mark.parametrize(("students", "expected"), [(160_000, 300), (20_000, 38), (1_000, 5), (3, 3)])
def test_the_default_capacity_is_cali_s_share_and_at_least_five(students: int, expected: int) -> None:
    assert Capacity().of(students) == expected


def test_a_declared_capacity_is_kept() -> None:
    assert Capacity(25).of(160_000) == 25
    assert Capacity(25).of(10) == 10


def test_chances_told_truly_have_slope_one_and_told_boldly_less() -> None:
    rows = city(students=20_000, other=0.0)
    label = (rows["outcome"] == "LEFT").cast(pl.Float64).to_numpy()
    true = rows["truth"].to_numpy()
    bold = 1 / (1 + np.exp(-2 * np.log(true / (1 - true))))

    slope, intercept = calibration_line(label, true)
    bold_slope, _ = calibration_line(label, bold)

    assert slope == pytest.approx(1, abs=0.05)
    assert intercept == pytest.approx(0, abs=0.1)
    assert bold_slope == pytest.approx(0.5, abs=0.05)


def test_deciles_hold_everyone_once_in_order() -> None:
    rows = city(students=1000, other=0.0)
    label = (rows["outcome"] == "LEFT").cast(pl.Float64).to_numpy()

    told = deciles(label, rows["model"].to_numpy())

    assert told["decile"].to_list() == list(range(1, 11))
    assert told["rows"].sum() == rows.height
    assert told["expected"].is_sorted()
    assert float((told["observed"] * told["rows"]).sum()) == pytest.approx(label.sum())


def test_intervals_hold_the_figure_and_widen_when_schools_differ() -> None:
    even = pl.DataFrame({"institution_id": list("abcdefgh"), "listed": [10] * 8, "hits": [3] * 8})
    uneven = even.with_columns(hits=pl.Series([0, 6] * 4))
    cities = other_cities(even["institution_id"], 500, 1)

    narrow = cities.ratio(even, "hits", "listed").interval
    low, high = cities.ratio(uneven, "hits", "listed").interval

    assert list(narrow) == pytest.approx([0.3, 0.3])
    assert low is not None and high is not None
    assert low < 0.3 < high and high - low > 0.2


def test_the_same_data_give_the_same_table_to_the_last_digit() -> None:
    first, again = (evaluate(city(students=2000), METHODS, Capacity(20)) for _ in range(2))

    assert first.table.equals(again.table)
    assert first.deciles.equals(again.deciles)


def test_of_a_single_school_no_interval_is_told() -> None:
    table = evaluate_table(city(schools=1), METHODS, Capacity(20))

    assert table["precision_low"].is_null().all()


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    """Forty cities of one process: the interval of each should hold the process's precision most of the time."""
    precisions, bounds = [], []
    for seed in range(40):
        told = row(evaluate_table(city(seed=seed, schools=25, other=0.0), {"model": True}, Capacity(60)), "model")
        precisions.append(told["precision_at_capacity"])
        bounds.append((told["precision_low"], told["precision_high"]))
    middle = np.mean(precisions)

    covered = sum(low <= middle <= high for low, high in bounds)

    assert covered >= 33


def test_the_model_is_compared_with_each_method_on_the_same_schools() -> None:
    table = evaluate_table(city(students=3000, schools=20), METHODS, Capacity(60))

    poor, model = row(table, "poor"), row(table, "model")

    assert poor["model_above_low"] > 0
    gap = model["precision_at_capacity"] - poor["precision_at_capacity"]
    assert poor["model_above_low"] < gap < poor["model_above_high"]
    assert model["model_above_low"] is None


def test_a_period_in_which_nobody_left_is_told_without_inventing_figures() -> None:
    rows = city().with_columns(outcome=pl.lit("STAYED"))

    told = row(evaluate_table(rows, METHODS, Capacity(20)), "model")

    assert told["precision_at_capacity"] == 0
    assert [told[name] for name in ("recall_at_capacity", "lift", "auc", "calibration_slope")] == [None] * 4


def test_the_table_reads_in_spanish_with_decimal_commas() -> None:
    text = as_markdown(evaluate_table(city(), METHODS, Capacity(20)))

    assert text.startswith("| método | precisión en el cupo |")
    assert "| modelo | " in text and " % | " in text
    assert "cupo de 20 por semana" in text


def test_figures_are_drawn(tmp_path) -> None:  # type: ignore[no-untyped-def]
    told = evaluate(city(), METHODS, Capacity(20))

    paths = write_figures(told.table, told.deciles, tmp_path)

    assert all(path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 5_000 for path in paths)


def test_the_table_in_a_terminal_keeps_its_columns_under_their_heads() -> None:
    lines = as_text(evaluate_table(city(), METHODS, Capacity(20))).splitlines()

    assert max(len(line) for line in lines) <= 160
    rows = lines[1 : lines.index("")]
    starts = lines[0].index("AUC")
    assert len(rows) == len(METHODS)
    assert all(row[starts - 2 : starts] == "  " and row[starts] != " " for row in rows)
