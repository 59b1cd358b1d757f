"""When the register learns that a child has gone, and which dated folder is the first to show it."""

from dataclasses import dataclass

import numpy as np

from features.simulation.absences import HORIZON
from features.simulation.arrays import Array, Random
from features.simulation.assumptions import Assumptions

NEVER = 99
CLOSING = 60
"""The teaching week that stands for the closing export in December."""


@dataclass(frozen=True)
class Register:
    """The office that records departures, and the Fridays on which it exports."""

    folder_weeks: Array  # teaching weeks that end with an export, CLOSING included
    days: Array  # the day of each of them, since 1970
    mondays: Array
    lag: Array

    @classmethod
    def of(cls, mondays: Array, folder_weeks: list[int], days: list[int], a: Assumptions) -> "Register":
        return cls(np.array(folder_weeks), np.array(days), mondays, np.array(a.lag))

    def draw_week(self, rng: Random, left: Array) -> Array:
        """The teaching week in which each departure is registered; NEVER for a few."""
        lag = np.searchsorted(np.cumsum(self.lag), rng.random(len(left)), side="right")
        week = np.where(lag < len(self.lag), left + lag, NEVER)
        return np.where((week >= len(self.mondays)) & (week < NEVER), len(self.mondays), week).astype(np.int16)

    def shown_in(self, registered: Array) -> Array:
        """The folder week that first shows what was registered in each week; NEVER if none does."""
        place = np.searchsorted(self.folder_weeks, registered)
        weeks = np.append(self.folder_weeks, NEVER)
        return np.where(registered >= NEVER, NEVER, weeks[np.minimum(place, len(self.folder_weeks))]).astype(np.int16)

    def day_of(self, folder_week: Array) -> Array:
        place = np.minimum(np.searchsorted(self.folder_weeks, folder_week), len(self.days) - 1)
        return np.asarray(self.days[place])

    def known_after(self, weeks: Array | int) -> Array:
        """The chance that a departure is registered within so many weeks after the week of leaving."""
        heights = np.concatenate([[0.0], np.cumsum(self.lag)])
        return np.asarray(heights[np.clip(np.asarray(weeks) + 1, 0, len(self.lag))])

    def horizon_ends(self, week: int) -> int:
        """The last folder week within 28 days of a Monday, or -1."""
        within = self.folder_weeks[self.days < self.mondays[week] + 7 * HORIZON]
        return int(within[-1]) if len(within) and within[-1] >= week else -1

    def last_folder_before(self, week: int) -> int:
        before = self.folder_weeks[self.folder_weeks < week]
        return int(before[-1]) if len(before) else -1

    def weeks_ahead(self, week: int) -> list[int]:
        """The teaching weeks that begin within 28 days of a Monday and before the last folder that counts."""
        ends = self.horizon_ends(week)
        begin = self.mondays[week]
        ahead = [
            w for w in range(week, min(week + HORIZON, len(self.mondays))) if self.mondays[w] < begin + 7 * HORIZON
        ]
        return [w for w in ahead if w <= ends]

    def shows_gone(self, week: int, left: Array) -> Array:
        """For students who left and are still on the roll: the chance that a folder within 28 days shows it."""
        before = self.known_after(self.last_folder_before(week) - left)
        after = self.known_after(self.horizon_ends(week) - left)
        return np.asarray(np.clip((after - before) / np.maximum(1 - before, 1e-9), 0, 1))

    def registers_now(self, week: int, left: Array) -> Array:
        """For the same students: the chance that the register learns of it this week."""
        before = self.known_after(week - 1 - left)
        return np.asarray(np.clip((self.known_after(week - left) - before) / np.maximum(1 - before, 1e-9), 0, 1))
