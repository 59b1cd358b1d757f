"""How much each feature moved one student's raw score, exactly; the only place that computes it."""

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

TOLERANCE = 1e-6

MANY = 1_000
"""From so many students on, tabulating the trees costs less than walking them for each."""


class NotAdditive(ArithmeticError):  # noqa: N818 - says what is wrong
    """The contributions do not add up to the score: the explanation would be of another number."""


def contributions(booster: lgb.Booster, rows: npt.NDArray[np.float64], threads: int = 1) -> npt.NDArray[np.float64]:
    """Exact path-dependent SHAP values [rows, features + 1]; the last column is the base value.

    The same to 1e-10 by either way: LightGBM walks its own trees for a few students, and for the kinds of trees that
    ``models.pattern_tables`` does not know; the tables explain everyone else (docs/decisions/0019).
    """
    if len(rows) == 0:
        return np.empty((0, booster.num_feature() + 1))
    if len(rows) >= MANY and rows.shape[1] == booster.num_feature():
        tabled = tabulated(booster, rows, threads)
        if tabled is not None:
            return tabled
    return np.asarray(booster.predict(rows, pred_contrib=True, num_threads=threads), dtype=np.float64)


def tabulated(booster: lgb.Booster, rows: npt.NDArray[np.float64], threads: int) -> npt.NDArray[np.float64] | None:
    """By the tables, or None if the booster is not of a kind they know."""
    from models.pattern_tables import NotTabulated, PatternTables  # here: whoever explains a few pays no compiler

    try:
        return PatternTables(booster).contributions(rows, threads)
    except NotTabulated:
        return None


def assert_additive(parts: npt.NDArray[np.float64], raw_score: npt.NDArray[np.float64]) -> None:
    worst = float(np.abs(parts.sum(axis=1) - raw_score).max(initial=0.0))
    if not worst < TOLERANCE:
        raise NotAdditive(
            f"Las contribuciones no suman el puntaje: difieren en {worst:.2e}; se admite {TOLERANCE:.0e}."
        )
