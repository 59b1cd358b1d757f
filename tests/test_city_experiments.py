"""Six questions to a made-up city are asked as they say: one preparation, later weeks judge, the lists add up."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from experiments.city import CHANCE, made
from experiments.city_tables import told
from features import Archive
from features.simulation import simulate
from features.sources import ingest
from models.examples import KEYS
from models.recipe import Recipe
from models.resampling import Measured

ROOM = Path(__file__).parent.parent / "experiments"
QUICK = Recipe(
    retold_trees=20, trees=10, min_leaf=40, stands=1, part_trees=0, refits=0, unseen_share=0, bootstrap=20, threads=1
)


def script(folder):
    spec = importlib.util.spec_from_file_location(f"city_{folder[:4]}", ROOM / folder / "run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = tmp_path_factory.mktemp("city")
    simulate(place / "exports", students=1_200, years=[2021, 2022], seed=5, weeks_of_last_year=20)
    (place / "pseudonym.key").write_bytes(b"no real key")
    ingest(
        place / "exports",
        Archive(place / "archive"),
        place / "quarantine",
        b"no real key",
        lambda _: None,
        date(2022, 12, 31),
    )
    return place


@pytest.fixture(scope="module")
def city(home):
    return made(home, home / "exports" / "truth", QUICK, home / "kept")


def numbers(table, row):
    """The figures of a row, its intervals left out."""
    line = next(one for one in table.splitlines() if one.startswith(f"| {row} |"))
    return [cell.strip().split(" ")[0] for cell in line.strip("|").split("|")[1:]]


def test_what_teaches_is_known_before_the_first_judged_day(city):
    gap = city.fold.test[0] - city.examples["day"].max()

    assert gap.days >= 7 * (QUICK.horizon_weeks + QUICK.absent_weeks)
    assert set(city.asked["day"]) == set(city.fold.test)


def test_rows_that_wait_for_the_next_question_are_the_rows_that_were_made(city, home):
    again = made(home, home / "exports" / "truth", QUICK, home / "kept")

    assert again.examples.equals(city.examples)
    assert again.asked.equals(city.asked)


def test_nearly_everyone_asked_has_a_true_chance_and_it_foretells(city):
    drawn = city.asked.drop_nulls(CHANCE).filter(pl.col("outcome") != "UNKNOWN")
    left = (drawn["outcome"] == "LEFT").sum()

    assert drawn.height > 0.8 * city.asked.height
    assert abs(drawn[CHANCE].sum() - left) < 5 * left**0.5


def test_a_question_is_asked_from_its_first_line_to_its_last(city, home, monkeypatch, capsys):
    run = script("0014-school-only-targeting")
    monkeypatch.setattr(run, "city_of", lambda _: city)
    monkeypatch.setattr(sys, "argv", ["run.py", "--home", str(home), "--truth", str(home / "exports" / "truth")])

    run.main()

    spread, *tables = capsys.readouterr().out.strip().split("\n\n")
    shares = [float(numbers(spread, part)[0]) for part in ("school", "school and grade")]
    assert 0 <= shares[0] <= shares[1] <= 1
    assert len(tables) == len(run.ROOMS)
    chances = [float(numbers(tables[0], row)[2]) for row in ("best possible", run.WHOLE, "lottery")]
    assert chances == sorted(chances, reverse=True)


def test_a_source_that_no_longer_comes_takes_its_features_and_no_other(city):
    run = script("0015-missing-sources")
    rows = run.emptied(city.asked, city.catalogue, ("attendance",))
    gone = {name for name in city.catalogue.names if rows[name].null_count() == rows.height}

    assert {"absence_rate_4w", "school_absence_rate", "reporting_quality"} <= gone
    kept = [name for name in rows.columns if name not in gone]
    assert rows.select(kept).equals(city.asked.select(kept))
    assert not {f.name for f in run.without(city.catalogue, ("attendance",))} & {"absence_rate_4w", "reporting_quality"}


def test_drawn_stayers_stand_for_all_and_whoever_left_is_always_there(city):
    run = script("0012-sampling")

    for share in run.DRAWS:
        rows = run.kept(city, share, 0)
        assert rows["label"].sum() == city.examples["label"].sum()
        assert rows["weight"].sum() == pytest.approx(city.examples.height)
        assert rows.height < city.examples.height


def test_visits_go_to_schools_by_their_weight_and_to_the_first_within(city):
    run = script("0014-school-only-targeting")
    day = replace(city, asked=city.asked.filter(pl.col("day") == city.fold.test[0]))
    order = np.arange(day.asked.height, dtype=np.float64)
    schools = day.asked["institution_id"].unique().sort()
    weights = {school: 1.0 + (place == 0) for place, school in enumerate(schools)}
    weight = day.asked["institution_id"].replace_strict(weights, return_dtype=pl.Float64).to_numpy()

    seats = 5 * (len(schools) + 1)
    score = pl.Series("score", run.by_school(day, order, weight))
    listed = (
        day.asked.select(*KEYS, "institution_id").with_columns(score, order=pl.Series(order)).top_k(seats, by="score")
    )

    given = dict(listed.group_by("institution_id").len().rows())
    assert given == {school: 5 * weights[school] for school in schools}
    for school in schools:
        here = day.asked.with_columns(order=pl.Series(order)).filter(pl.col("institution_id") == school)
        first = here["order"].top_k(given[school]).min()
        assert listed.filter(pl.col("institution_id") == school)["order"].min() == first


def test_a_dearer_new_name_is_a_rarer_one_and_no_price_is_the_judges_own_list(city):
    run = script("0013-damping")
    model = city.chances(city.model())
    judged = run.widened(city, 10).judged({"model": model})

    free, dear = (run.lists(judged, "model", margin) for margin in (0.0, 2.0))

    same = judged.lists["model"].select(*KEYS).sort(KEYS)
    assert free.select(*KEYS).sort(KEYS).equals(same)
    share = [run.figures(judged, rows, "model")["new_names"].value for rows in (free, dear)]
    assert share[1] < share[0]


def test_a_figure_is_told_with_its_interval_and_nothing_as_a_dash():
    assert told(Measured(0.5, np.array([0.4, 0.6]))) == "0.500 (0.405 to 0.595)"
    assert told(Measured(None)) == "–"
