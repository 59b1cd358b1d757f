"""How much each feature moved one student's raw score, exactly; the only place that computes it."""

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

TOLERANCE = 1e-6


class NotAdditive(ArithmeticError):  # noqa: N818 - says what is wrong
    """The contributions do not add up to the score: the explanation would be of another number."""


def contributions(booster: lgb.Booster, rows: npt.NDArray[np.float64], threads: int = 1) -> npt.NDArray[np.float64]:
    """Exact path-dependent SHAP values [rows, features + 1]; the last column is the base value.

    A faster exact kernel may replace the body; the answer may not change.
    """
    if len(rows) == 0:
        return np.empty((0, booster.num_feature() + 1))
    return np.asarray(booster.predict(rows, pred_contrib=True, num_threads=threads), dtype=np.float64)


def assert_additive(parts: npt.NDArray[np.float64], raw_score: npt.NDArray[np.float64]) -> None:
    worst = float(np.abs(parts.sum(axis=1) - raw_score).max(initial=0.0))
    if not worst < TOLERANCE:
        raise NotAdditive(
            f"Las contribuciones no suman el puntaje: difieren en {worst:.2e}; se admite {TOLERANCE:.0e}."
        )
