"""Folds by school year in scikit-learn's own shape: earlier years teach, a gap, the next year judges."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from models.folds import NotEnoughDays, weeks_before

Rows = npt.NDArray[np.int64]

PARTS_OF_A_YEAR = 4
"""A register of a single year is cut in so many parts of time, and each but the first judges once."""


def calendar_year(day: date) -> str:
    return str(day.year)


@dataclass(frozen=True)
class TimeFolds:
    """A splitter for scikit-learn (`cv=`), Optuna's objective or a notebook.

    `gap_weeks` is the horizon plus the weeks it takes to hear of a departure: within it the outcome of a teaching day
    would still be in the making when the judged days begin. `unseen` are institutions that judge and never teach.
    """

    gap_weeks: int
    year_of: Callable[[date], str] = calendar_year
    unseen: Collection[str] = ()

    def split(self, X: Any, y: object = None, groups: Any = None) -> Iterator[tuple[Rows, Rows]]:  # noqa: N803
        """Places of the rows that teach and of those that judge.

        The days are `groups` if given, else the column `day` of X; `unseen` needs the column `institution_id` of X.
        """
        days = np.array([as_date(day) for day in (X["day"] if groups is None else groups)], dtype="datetime64[D]")
        strangers = self._strangers(X, len(days))
        for first, last in self.periods(sorted({as_date(day.item()) for day in np.unique(days)})):
            earlier = (days < np.datetime64(first)) & (days <= np.datetime64(weeks_before(first, self.gap_weeks)))
            teaches = earlier & ~strangers
            judges = (days >= np.datetime64(first)) & (days <= np.datetime64(last))
            judges &= strangers if self.unseen else True
            if teaches.any() and judges.any():
                yield np.flatnonzero(teaches), np.flatnonzero(judges)

    def get_n_splits(self, X: Any = None, y: object = None, groups: Any = None) -> int:  # noqa: N803
        """How many folds the days allow."""
        return sum(1 for _ in self.split(X, y, groups))

    def periods(self, days: Sequence[date]) -> list[tuple[date, date]]:
        """First and last day of each judged period: every school year but the first, or the parts of a single one."""
        named: dict[str, list[date]] = {}
        for day in days:
            named.setdefault(self.year_of(day), []).append(day)
        years = sorted(named.values(), key=max)
        if len(years) > 1:
            return [(min(year), max(year)) for year in years[1:]]
        return self._parts(list(days))

    def _parts(self, days: list[date]) -> list[tuple[date, date]]:
        size = len(days) // PARTS_OF_A_YEAR
        if size == 0:
            raise NotEnoughDays(
                f"Solo hay {len(days)} cortes: no alcanzan para enseñar con unos y juzgar con otros. "
                "Cargue más exportaciones de meses anteriores."
            )
        ends = [(days[size * n], days[min(size * (n + 1), len(days)) - 1]) for n in range(1, PARTS_OF_A_YEAR)]
        return [*ends[:-1], (ends[-1][0], days[-1])]

    def _strangers(self, X: Any, rows: int) -> npt.NDArray[np.bool_]:  # noqa: N803
        if not self.unseen:
            return np.zeros(rows, dtype=np.bool_)
        return np.array([school in self.unseen for school in X["institution_id"]], dtype=np.bool_)


def as_date(day: Any) -> date:
    """A day as any frame gives it."""
    if isinstance(day, np.datetime64):
        day = day.astype("datetime64[D]").item()
    return day.date() if isinstance(day, datetime) else date.fromisoformat(str(day)[:10])
