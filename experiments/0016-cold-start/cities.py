"""Two made-up secretariats that differ in rate, habits and files: one that teaches, one that has just begun."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from features import Records
from features.simulation import ASSUMPTIONS, Assumptions, simulate

PERMANENCIA = Path(sys.executable).with_name("permanencia")
SCHOOLS = {"students_per_institution": 350}
"""Twenty schools in each: of the four that so few children would have, none could be left out."""

OTHER_HABITS = {
    "absence_level": 0.07,
    "absence_weight": 3.0,
    "growth_weight": 1.6,
    "over_age_two": 0.5,
    "failing": 1.0,
    "works": 1.6,
    "moved_home": 0.8,
    "mother_alone": 0.45,
    "school_effect": 0.60,
    "characterised": 0.55,
    "attendance_never": 0.15,
    "vanishes": 0.40,
}
"""More absence that means less, children who leave for work rather than for marks, forms and attendance that lack."""


@dataclass(frozen=True)
class City:
    """`municipality` and `years` choose the published rates (features/simulation/figures.py).

    `weekly`: exports come each week in the first year too; else, as in every year but the last, each fourth week.
    """

    name: str
    municipality: str
    years: Sequence[int]
    seed: int
    assumptions: Assumptions
    weekly: bool = False

    def records(self, place: Path, students: int) -> Records:
        """Made and read through the front door, once."""
        home, exports = place / self.name / "home", place / self.name / "exports"
        if not (home / "archive" / "manifest").exists():
            self.export(exports, students)
            environment = {**os.environ, "PERMANENCIA_HOME": str(home), "PERMANENCIA_ENVIRONMENT": "demo"}
            told = subprocess.run([PERMANENCIA, "ingest", str(exports)], env=environment, capture_output=True)
            assert told.returncode in (0, 3), told.stderr.decode()
        return Records.open(home / "archive")

    def export(self, folder: Path, students: int) -> None:
        simulate(folder, students, self.years, self.seed, self.municipality, assumptions=self.assumptions)
        if self.weekly:
            self.weekly_from_the_start(folder, students)

    def weekly_from_the_start(self, folder: Path, students: int) -> None:
        """The first year is lived again as if it were the last, and takes the place of its monthly folders.

        NOTE: the same children leave on the same days; only the day on which an export tells it is another.
        """
        alone = folder.with_name("first-year")
        simulate(alone, students, self.years[:1], self.seed, self.municipality, assumptions=self.assumptions)
        dated = sorted(path for path in alone.iterdir() if path.name != "truth")
        for old in [path for path in folder.iterdir() if path.name <= dated[-1].name]:
            shutil.rmtree(old)
        for new in dated:
            new.rename(folder / new.name)
        shutil.rmtree(alone)


ELDER = City("elder", "76001", (2021, 2022, 2023), 11, replace(ASSUMPTIONS, **SCHOOLS))
"""Cali's rates: about five children in a hundred leave in a year."""

NEWCOMER = City("newcomer", "54001", (2018, 2019), 22, replace(ASSUMPTIONS, **SCHOOLS, **OTHER_HABITS), weekly=True)
"""Cúcuta's rates of 2018 and 2019: about three and a half in a hundred."""
