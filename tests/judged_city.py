"""A made-up city of judged rows whose true chances are known, for the tests of the judge; no model is trained."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

FIRST = date(2024, 3, 3)


def sundays(weeks: int) -> list[date]:
    return [FIRST + timedelta(weeks=n) for n in range(weeks)]


def judged_city(
    students: int = 300, weeks: int = 6, schools: int = 8, seed: int = 1, noise: float = 0.3, school_effect: float = 0.0
) -> pl.DataFrame:
    """A child's risk wanders from week to week; `model` sees it with `noise`, `poor` with much, `truth` as it is.

    `outcome` is drawn from the true chance; who left is dated two weeks after the day. Every fifth child was visited.
    """
    rng = np.random.default_rng(seed)
    home = rng.normal(-3, 1.2, students) + rng.normal(0, school_effect, schools)[np.arange(students) % schools]
    risk = np.concatenate([home + rng.normal(0, 0.3, students) for _ in range(weeks)])
    rows = students * weeks
    chance = 1 / (1 + np.exp(-risk))
    left = rng.random(rows) < chance
    days = np.repeat(np.array(sundays(weeks)), students)
    return pl.DataFrame(
        {
            "student_id": [f"s{n:05d}" for n in range(students)] * weeks,
            "day": days.tolist(),
            "institution_id": [f"i{n % schools:03d}" for n in range(students)] * weeks,
            "outcome": np.where(left, "LEFT", "STAYED").tolist(),
            "happened_on": [day + timedelta(weeks=2) if gone else None for day, gone in zip(days, left, strict=True)],
            "visited": [n % 5 == 0 for n in range(students)] * weeks,
            "grade": [float(n % 11) for n in range(students)] * weeks,
            "trait.sex": ["femenino" if n % 2 else "masculino" for n in range(students)] * weeks,
            "model": 1 / (1 + np.exp(-(risk + rng.normal(0, noise, rows)))),
            "poor": 1 / (1 + np.exp(-(risk + rng.normal(0, 4, rows)))),
            "truth": chance,
        },
        schema_overrides={"happened_on": pl.Date},
    )
