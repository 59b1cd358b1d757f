"""No feature peeks: each says something of somebody, and the same whether the archive ends on the day or goes on."""

from datetime import date, timedelta

import polars as pl
import pytest
from gappy_city import GappyCity
from polars.testing import assert_frame_equal

from features import CATALOGUE, Records, build_frame

DAYS = (date(2024, 3, 3), date(2024, 5, 5))
TABLES = ("enrolment", "person", "characterisation", "support", "progress", "attendance", "institution", "report")
ALIKE = {"teaching_model"}
"""All in this city learn by the same model."""


@pytest.fixture(scope="module")
def city():
    return GappyCity().records()


@pytest.fixture(scope="module")
def told(city):
    return build_frame(city, DAYS, catalogue=CATALOGUE)


@pytest.mark.parametrize("feature", CATALOGUE, ids=lambda f: f.name)
def test_every_feature_tells_some_students_from_others_here(told, feature):
    known = told[feature.name].drop_nulls()

    assert known.n_unique() > 1 or feature.name in ALIKE


@pytest.mark.parametrize("day", DAYS)
def test_no_feature_changes_when_more_is_learnt_later(city, told, day):
    ended = build_frame(city.known_by(day), [day], catalogue=CATALOGUE)

    assert city.last_known_on() > day + timedelta(weeks=4)
    assert_frame_equal(ended, told.filter(pl.col("day") == day))


def test_what_is_learnt_later_does_change_the_days_that_follow(city, told):
    """So that the test above could fail."""
    early, late = DAYS

    with_what_was_known_before = build_frame(city.known_by(early), [late], catalogue=CATALOGUE)

    changed = told.filter(pl.col("day") == late)
    assert not with_what_was_known_before.equals(changed)


def test_the_order_of_the_rows_changes_no_feature(city, told):
    turned = {name: city.table(name).collect().reverse() for name in TABLES}
    records = Records.from_frames({**turned, "calendar": city.table("calendar").collect()})

    assert_frame_equal(build_frame(records, DAYS, catalogue=CATALOGUE), told)
