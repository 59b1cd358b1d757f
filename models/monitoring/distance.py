"""How far one week's values of a variable are from another week's: in shape, in level, in what is missing or new."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import chi2

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

BINS = 10
LEAST_GAP = 0.5
"""Between two marks, in standard deviations: a smaller step is no other kind of child."""

LEAST_SHARE = 1e-4
"""What an empty bin counts as: of no child at all a logarithm cannot be told."""

LEAST_KNOWN = 50
"""Fewer known values than this are compared with nothing."""

BY_CHANCE = 1e-4
"""How seldom luck alone may pass the limit of a PSI: twenty variables are looked at every week for years."""


@dataclass(frozen=True, eq=False)
class Ruler:
    """What a variable is measured with, the same for every week: marks and spread of a number, or words."""

    marks: Numbers
    spread: float
    words: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """One week of one variable. `table[s, b]`: how many of school `s` are in bin `b`; of words, the last bin is for
    those that nobody has heard; `sums[s]`: of a number; `missing`: the share of children of whom nothing is known.
    """

    table: Numbers
    sums: Numbers
    missing: float
    unheard: float

    @property
    def known(self) -> float:
        return float(self.table.sum())

    @property
    def is_enough(self) -> bool:
        return self.known >= LEAST_KNOWN

    @property
    def counts(self) -> Numbers:
        return np.asarray(self.table.sum(axis=0))


@dataclass(frozen=True)
class Distance:
    """`psi`: population stability index of the known values; `shift`: between the means, in standard deviations, and
    `shift_error`, its standard error over schools; `missing`: how much more is unknown, as a share.
    """

    psi: float
    shift: float
    shift_error: float
    missing: float


def ruler(before: pl.Series, words: Sequence[str] = ()) -> Ruler:
    """From the values of all the weeks that are compared with; `words` are known besides."""
    known = before.drop_nulls()
    if before.dtype == pl.String:
        return Ruler(np.empty(0), 0.0, tuple(sorted({*known.unique(), *words})))
    values = known.to_numpy()
    if not len(values):
        return Ruler(np.zeros(1), 0.0)
    spread = float(values.std())
    return Ruler(apart(tenths(values), LEAST_GAP * spread), spread)


def tenths(values: Numbers) -> Numbers:
    """The middles of the tenths, each a value that occurs; one that fills several of them is told once."""
    places = (np.arange(BINS) + 0.5) / BINS
    return np.unique(np.quantile(values, places, method="inverted_cdf"))


def apart(marks: Numbers, least: float) -> Numbers:
    """The marks from the lowest on, without those that stand too near the one before."""
    kept = [marks[0]]
    for mark in marks[1:]:
        if mark - kept[-1] >= least:
            kept.append(mark)
    return np.array(kept)


def reading(values: pl.Series, schools: Places, of: int, by: Ruler) -> Reading:
    """`schools`: the number of each child's school, among `of`."""
    known = values.is_not_null().to_numpy()
    here = schools[known]
    missing = float(1 - known.mean()) if len(known) else 0.0
    if by.words is not None:
        table = worded(values.drop_nulls(), here, of, by.words)
        return Reading(table, np.zeros(of), missing, divided(float(table[:, -1].sum()), float(table.sum())))
    numbers = values.drop_nulls().to_numpy()
    sums = np.bincount(here, numbers, minlength=of).astype(np.float64)
    return Reading(shared_out(numbers, here, of, by.marks), sums, missing, 0.0)


def shared_out(values: Numbers, schools: Places, of: int, marks: Numbers) -> Numbers:
    """How many children each school has at each mark; a value half-way between two marks counts half for each.

    NOTE: with hard bins a week of four days of class (0.25 where others have 0.2) puts half of a city into other bins.
    """
    place = np.interp(values, marks, np.arange(len(marks)))
    low = np.floor(place).astype(np.int64)
    part = place - low
    high = np.minimum(low + 1, len(marks) - 1)
    size = of * len(marks)
    told = np.bincount(schools * len(marks) + low, 1 - part, size) + np.bincount(
        schools * len(marks) + high, part, size
    )
    return np.asarray(told.reshape(of, len(marks)), dtype=np.float64)


def worded(values: pl.Series, schools: Places, of: int, words: Sequence[str]) -> Numbers:
    numbers = {word: number for number, word in enumerate(words)}
    coded = values.replace_strict(numbers, default=len(words), return_dtype=pl.Int64).to_numpy()
    wide = len(words) + 1
    counts = np.bincount(schools * wide + coded, minlength=of * wide).astype(np.float64)
    return np.asarray(counts.reshape(of, wide))


def distance(now: Reading, before: Reading, by: Ruler) -> Distance:
    """Between two readings of which enough is known."""
    shift, error = shifted(now, before, by)
    return Distance(psi(now.counts, before.counts), shift, error, now.missing - before.missing)


def psi(now: Numbers, before: Numbers) -> float:
    """The population stability index of two lists of counts over the same bins; zero where their shares are equal."""
    here, there = (np.maximum(counts / counts.sum(), LEAST_SHARE) for counts in (now, before))
    return float(((here - there) * np.log(here / there)).sum())


def psi_by_luck(now: Reading, before: Reading) -> float:
    """What a PSI seldom passes by luck alone, where the children of a school resemble each other."""
    bins = int(((now.counts + before.counts) > 0).sum())
    share = 1 / worth(now.table) + 1 / worth(before.table)
    return float(chi2.isf(BY_CHANCE, max(bins - 1, 1)) * share)


def worth(table: Numbers) -> float:
    """How many unrelated children the known ones are worth: as many as there are schools, if each is of one kind."""
    rows = table.sum(axis=1)
    seen, shares = rows > 0, table.sum(axis=0) / table.sum()
    within = table[seen] / rows[seen, None]
    spread = float((shares * (1 - shares)).sum())
    between = float((rows[seen, None] * (within - shares) ** 2).sum() / rows.sum())
    alike = min(1.0, between / spread) if spread > 0 else 0.0
    return float(1 / (alike / seen.sum() + (1 - alike) / rows.sum()))


def shifted(now: Reading, before: Reading, by: Ruler) -> tuple[float, float]:
    """The means' difference in the ruler's spread, and how much of it the schools do not agree on."""
    if by.words is not None or by.spread <= 0:
        return 0.0, 0.0
    moved = now.sums.sum() / now.known - before.sums.sum() / before.known
    return float(moved / by.spread), disagreement(now, before) / by.spread


def disagreement(now: Reading, before: Reading) -> float:
    """The standard error of the mean of the schools' own differences, each weighing as many children as it has."""
    here, there = now.table.sum(axis=1), before.table.sum(axis=1)
    both = (here > 0) & (there > 0)
    if both.sum() <= 1:
        return 0.0
    own = now.sums[both] / here[both] - before.sums[both] / there[both]
    weight = here[both] / here[both].sum()
    apart = own - (weight * own).sum()
    schools = both.sum()
    return float(np.sqrt((weight**2 * apart**2).sum() * schools / (schools - 1)))


def divided(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
