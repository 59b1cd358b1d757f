"""Chances that bend where one line would not fit, and stay a line where few have left."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.adjusting import moved
from models.bends import BENT_AT, LEAST_LEAVERS_OF_A_BEND, fit_bent, marks_of
from models.calibration import Calibration, fit_calibration, log_odds, sigmoid

FEW = 0.02


def drawn(seed: int, students: int, bend: float, height: float = -4.0) -> tuple[np.ndarray, np.ndarray]:
    """Opinions, and who left: for the highest tenth each step up counts `bend` more than for the others."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(0, 1.5, students)
    return raw, (rng.random(students) < chances(raw, bend, height)).astype(float)


def chances(raw: np.ndarray, bend: float, height: float) -> np.ndarray:
    return sigmoid(raw + bend * np.maximum(raw - np.quantile(raw, 0.9), 0) + height)


def tenths_apart(calibration: Calibration, raw: np.ndarray, chance: np.ndarray) -> float:
    """The largest gap between the true chances and what is said, as a share of what is said, in any tenth."""
    said = calibration(raw)
    parts = np.array_split(np.argsort(said, kind="stable"), 10)
    return max(abs(chance[part].sum() / said[part].sum() - 1) for part in parts)


def test_a_bend_that_one_line_misses_is_found():
    raw, label = drawn(1, 1_000_000, bend=-0.7, height=-2.5)
    true = chances(raw, -0.7, -2.5)

    assert tenths_apart(fit_calibration(raw, label), raw, true) > 0.2
    assert tenths_apart(fit_bent(raw, label), raw, true) < 0.05


def test_where_few_left_it_stays_one_line():
    raw, label = drawn(2, 20_000, bend=-0.7)
    assert label.sum() < LEAST_LEAVERS_OF_A_BEND * (len(BENT_AT) + 1)

    assert fit_bent(raw, label) == fit_calibration(raw, label)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), bend=st.floats(-3, 3), height=st.floats(-4, 0))
def test_whatever_happened_it_rises_everywhere_and_counts_as_many_as_left(seed: int, bend: float, height: float):
    raw, label = drawn(seed, 30_000, bend, height)

    found = fit_bent(raw, label)
    anywhere = np.linspace(-20, 20, 4_001)

    assert (np.diff(found.log_odds(anywhere)) > 0).all()
    assert found(raw).sum() == pytest.approx(label.sum(), rel=1e-3, abs=1)


def test_a_row_that_stands_for_many_counts_as_so_many():
    raw, label = drawn(3, 60_000, bend=1.0, height=-2.5)
    kept = (label > 0) | (np.arange(len(raw)) % 4 == 0)
    weight = np.where(label > 0, 1.0, 4.0)[kept]

    whole, drawn_rows = fit_bent(raw, label), fit_bent(raw[kept], label[kept], weight)

    assert np.allclose(marks_of(raw, np.ones_like(raw)), [at for at, _ in whole.bends])
    assert np.abs(whole(raw) - drawn_rows(raw)).mean() < FEW * label.mean()


def test_marks_that_fall_together_are_one():
    assert marks_of(np.zeros(100), np.ones(100)) == [0.0]


def test_bends_are_kept_in_the_file_and_a_version_without_them_is_a_line():
    bent = Calibration(1.1, -0.2, ((-3.0, 0.25), (0.5, -0.125)))

    assert Calibration.told(json.loads(json.dumps(bent.as_dict()))) == bent
    assert Calibration.told({"slope": 1.1, "intercept": -0.2}) == Calibration(1.1, -0.2)


def test_set_to_other_weeks_the_whole_bent_line_is_stretched_and_raised():
    bent = Calibration(1.1, -0.2, ((-3.0, 0.25), (0.5, -0.125)))
    raw = np.linspace(-6, 3, 50)

    assert np.allclose(log_odds(moved(bent, 0.8, 0.3)(raw)), 0.8 * bent.log_odds(raw) + 0.3)
