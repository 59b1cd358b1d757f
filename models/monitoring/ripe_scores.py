"""Whether the chances of past lists came true: how many were expected to leave, and how many did."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from models.evaluation_words import number
from models.monitoring.alarm import Alarm

Z = 1.644854
"""Of a 90 % band."""

MOST_RATIO = 1.25
"""Chances that are a quarter too low or too high change whom a visit goes to; less is no alarm, however sure."""

LEAST_EXPECTED = 20.0
TOLD_OF_ONE = 4
"""One departure is counted by every weekly list of the month before it."""

TOP = 0.1
EVERYONE, HIGHEST = "everyone", "highest_tenth"
NAMES = {EVERYONE: "todos los estudiantes", HIGHEST: "el 10 % con mayor riesgo"}


@dataclass(frozen=True)
class CameTrue:
    """Of one part of the students: departures expected and observed, and their ratio with its 90 % band.

    The ratio and its band are None where too few departures were expected to say.
    """

    part: str
    rows: int
    expected: float
    observed: int
    ratio: float | None
    low: float | None
    high: float | None

    @property
    def off(self) -> bool:
        """The whole band lies beyond what is tolerated, on one side."""
        if self.low is None or self.high is None:
            return False
        return self.low > MOST_RATIO or self.high < 1 / MOST_RATIO

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def came_true(told: pl.DataFrame) -> list[CameTrue]:
    """`told`: student_id, day, institution_id, score and left (0 or 1), of ripe lists and of known fates."""
    if told.is_empty():
        return []
    first = pl.col("score").rank("ordinal", descending=True).over("day") <= TOP * pl.len().over("day")
    parts = {EVERYONE: told, HIGHEST: told.filter(first)}
    return [ratio_of(part, rows) for part, rows in parts.items()]


def ratio_of(part: str, rows: pl.DataFrame) -> CameTrue:
    """NOTE: a child is told once for each list and resembles its schoolmates: the band is the widest of those by list
    and child, by child, and by school, and of what the expected departures alone would leave to luck. Where few left,
    those who left tell too little of how many could have.
    """
    expected, observed = float(rows["score"].sum()), int(rows["left"].sum())
    if expected < LEAST_EXPECTED:
        return CameTrue(part, rows.height, expected, observed, None, None, None)
    ratio = observed / expected
    error = max(spread(rows, ratio, by) for by in (["student_id", "day"], ["student_id"], ["institution_id"]))
    error = max(error, sqrt(min(rows["day"].n_unique(), TOLD_OF_ONE) / expected))
    return CameTrue(part, rows.height, expected, observed, ratio, ratio - Z * error, ratio + Z * error)


def spread(rows: pl.DataFrame, ratio: float, by: list[str]) -> float:
    """The standard error of a ratio of sums over independent groups; where nobody left, of one who could have."""
    sums = rows.group_by(by).agg(pl.col("left").sum().cast(pl.Float64), pl.col("score").sum())
    left, score = (sums[name].to_numpy() for name in ("left", "score"))
    return root_of_squares(left - ratio * score, sums.height) / float(score.sum())


def root_of_squares(apart: npt.NDArray[np.float64], groups: int) -> float:
    if groups <= 1:
        return 0.0
    return float(np.sqrt(max((apart**2).sum() * groups / (groups - 1), 1.0)))


def calibration_alarms(told: Iterable[CameTrue]) -> Iterator[Alarm]:
    for one in told:
        if one.off and one.ratio is not None:
            low = one.ratio < 1
            limit = 1 / MOST_RATIO if low else MOST_RATIO
            yield Alarm("calibration", one.part, one.ratio, limit, _sentence(one, low))


def _sentence(one: CameTrue, low: bool) -> str:
    said = "el modelo anuncia de más" if low else "el modelo anuncia de menos"
    first = "si faltan retiros por registrar; si no faltan" if low else "si cambió la forma de registrar retiros; si no"
    return (
        f"Entre {NAMES[one.part]} se esperaban {number(one.expected, 0)} salidas y se registraron {one.observed} "
        f"({number(one.ratio, 2)} veces; banda del 90 %: {number(one.low, 2)} a {number(one.high, 2)}): {said}. Lo "
        f"normal es que la banda toque {number(1 / MOST_RATIO, 2)} a {number(MOST_RATIO, 2)}. Mire primero {first}, "
        "entrene un modelo nuevo."
    )
