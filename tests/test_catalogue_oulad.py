"""Comparisons travel: taught on some modules of another register, they find who leaves others, never seen, sooner."""

import importlib
import re
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
sys.path.append(str(HOUSE / "experiments" / "0001-oulad"))
oulad, run, never_seen = (importlib.import_module(name) for name in ("oulad", "run", "never_seen"))

SOON, DAYS = run.SOON, never_seen.LIST_DAYS
SIMPLER = (
    "missed_work",
    "loose regression, raw",
    "loose regression, relative",
    "loose regression, whole",
    "regression, raw",
    "regression, whole",
)
CLOSE, STUDENTS = 0.01, 3  # another processor rounds the last digit otherwise, and a few students change places


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    try:
        oulad.find_data()
    except oulad.DataMissing as missing:
        pytest.skip(str(missing))
    return never_seen.find(tmp_path_factory.mktemp("never-seen"), questions=(SOON,), house=False)


def lines(found, day):
    rows = never_seen.on_days(found, SOON, day)
    return {name: never_seen.line(found, rows, name) for name in found.names[SOON]}


def test_the_modules_that_teach_are_not_those_that_are_asked_about(found):
    asked = set(found.judged[SOON]["institution_id"])

    assert asked == set(never_seen.NEVER_SEEN)
    assert not asked & set(never_seen.SEEN)


def test_what_does_not_travel_is_left_out_of_what_is_called_relative(found):
    whole = never_seen.inputs(never_seen.catalogue_for(_records(["x_module"])))

    assert {"missed_work_rank", "last_work_missed"} <= set(whole["relative"].names)
    assert not {"missed_work", "school_size", "days_absent_4w"} & set(whole["relative"].names)
    assert not any(name.endswith("_rank") for name in whole["raw"].names)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("simple", SIMPLER)
def test_relative_features_find_more_than_regression_and_counts_in_modules_never_seen(found, day, simple):
    of = lines(found, day)

    for figure in ("AUC", "hits"):
        assert of[never_seen.CHOSEN][figure] > of[simple][figure], figure


@pytest.mark.parametrize("day", DAYS)
def test_the_answer_says_what_a_fresh_run_finds(found, day):
    kept = run.written("never_seen").partition(f"Who {SOON}, day {day}:")[2].partition("Who ")[0]
    of = lines(found, day)

    for name, line in of.items():
        auc, hits = re.search(rf"\| {re.escape(name)} \| ([\d.]+) \| [\d.]+ \| (\d+) \|", kept).groups()
        assert float(auc) == pytest.approx(line["AUC"], abs=CLOSE), name
        assert int(hits) == pytest.approx(line["hits"], abs=STUDENTS), name


def _records(columns):
    import polars as pl
    from personas import TABLES, town

    return town(characterisation=TABLES["characterisation"].with_columns(pl.lit("AAA").alias(c) for c in columns))
