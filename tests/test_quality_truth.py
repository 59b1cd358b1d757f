"""What the rules find in a made-up city, held against what is true of it."""

from datetime import date

import polars as pl
import pytest

from features import Archive, Records
from features.quality.audit import findings
from features.quality.reports import reporting_quality
from features.quality.roll import roll
from features.simulation import simulate
from features.sources import ingest
from features.sources.pseudonym import pseudonym

KEY = b"a key of the tests, thirty-two b"
SUNDAY = date(2023, 5, 7)
PHANTOMS = ("GHOST", "DUPLICATE")


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """Records and truth of 1,500 students, some of them ghosts and some enrolled twice."""
    out = tmp_path_factory.mktemp("quality")
    simulate(out / "city", 1_500, [2023], seed=11, weeks_of_last_year=16)
    archive = Archive(out / "archive")
    ingest(out / "city", archive, out / "quarantine", KEY, lambda rows: None, date(2023, 6, 1))
    truth = pl.read_parquet(out / "city" / "truth" / "students.parquet")
    names = pseudonym(pl.Series([f"PER_ID:{number}" for number in truth["per_id"]]), KEY)
    return Records.open(archive.path), truth.select("kind", student_id=names)


def phantoms_on_roll(city):
    records, truth = city
    places = roll(records, SUNDAY).join(truth, on="student_id").filter(pl.col("kind").is_in(PHANTOMS))
    return places.filter(pl.col("coverage") >= 0.5)


def test_whom_no_class_has_seen_is_found_and_no_real_child_is(city):
    records, truth = city
    met = findings(records, SUNDAY).filter(rule="posible-inexistente").join(truth, on="student_id")
    there = phantoms_on_roll(city)

    assert there.height >= 3
    assert set(met["kind"]) <= set(PHANTOMS)
    assert set(met["student_id"]) == set(there["student_id"])


def test_few_children_of_a_tidy_city_are_looked_at(city):
    records, _ = city
    students = reporting_quality(records, [SUNDAY])["students"].sum()

    assert findings(records, SUNDAY).height < 0.03 * students


def test_a_school_that_sends_everything_every_week_is_worth_nearly_one(city):
    records, _ = city
    told = reporting_quality(records, [SUNDAY])
    last = records.table("report").filter(pl.col("known_on") <= SUNDAY, pl.col("source") == "inasistencia").collect()
    recent = set(last.filter(pl.col("known_on") == last["known_on"].max())["institution_id"])

    good = told.filter(pl.col("institution_id").is_in(recent))
    assert good.height
    assert good["reporting_quality"].min() > 0.9
