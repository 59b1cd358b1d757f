"""Earlier days teach, a gap, later days judge; also schools never seen. Random splits of students do not exist here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from models.ranking import text_hashes


class NotEnoughDays(ValueError):  # noqa: N818 - says what is wrong
    """The archive is too short to teach and to judge on separate days."""


@dataclass(frozen=True)
class Fold:
    """Days in time order: trees grow on `fit`, `stop` says how many, `calibrate` sets their chances, `test` judges."""

    fit: tuple[date, ...]
    stop: tuple[date, ...]
    calibrate: tuple[date, ...]
    test: tuple[date, ...]

    @property
    def grown_on(self) -> tuple[date, ...]:
        """The days of the trees whose chances are set on `calibrate`."""
        return self.fit + self.stop

    @property
    def taught_on(self) -> tuple[date, ...]:
        """All that comes before the judged period: the days of the final trees, and of every baseline."""
        return self.fit + self.stop + self.calibrate


def weeks_before(day: date, weeks: int) -> date:
    return day - timedelta(weeks=weeks)


def until(days: Sequence[date], limit: date) -> list[date]:
    return [day for day in days if day <= limit]


def judged_days(
    days: Sequence[date],
    year_of: Callable[[date], str],
    test_share: float,
    first: date | None = None,
    last: date | None = None,
) -> list[date]:
    """The period to judge: the one asked for; else the last school year; else, within one year, its last part."""
    days = sorted(days)
    if first or last:
        return [day for day in days if (first or day) <= day <= (last or day)]
    years = sorted({year_of(day) for day in days}, key=lambda year: max(d for d in days if year_of(d) == year))
    if len(years) > 1:
        return [day for day in days if year_of(day) == years[-1]]
    return days[-max(1, round(len(days) * test_share)) :]


def teaching_parts(
    days: Sequence[date], horizon_weeks: int, stop_share: float, calibrate_share: float
) -> tuple[tuple[date, ...], tuple[date, ...], tuple[date, ...]]:
    """fit, stop, calibrate: each `horizon_weeks` after the one before, so that no departure counts in two of them."""
    earlier, calibrate = last_part(sorted(days), calibrate_share, horizon_weeks)
    fit, stop = last_part(earlier, stop_share, horizon_weeks)
    if not (fit and stop and calibrate):
        raise NotEnoughDays(
            f"Solo hay {len(days)} cortes con resultado conocido antes del periodo de evaluación. "
            "Se necesitan al menos tres, separados por el horizonte. Cargue más exportaciones de meses anteriores."
        )
    return tuple(fit), tuple(stop), tuple(calibrate)


def last_part(days: list[date], share: float, gap_weeks: int) -> tuple[list[date], list[date]]:
    if not days:
        return [], []
    later = days[-max(1, round(len(days) * share)) :]
    return until(days, weeks_before(later[0], gap_weeks)), later


def by_time(
    days: Sequence[date],
    year_of: Callable[[date], str],
    horizon_weeks: int,
    delay_weeks: int,
    stop_share: float = 0.2,
    calibrate_share: float = 0.25,
    test_share: float = 0.33,
    test_from: date | None = None,
    test_until: date | None = None,
) -> Fold:
    """The gap before the judged period is the horizon plus the weeks it takes to hear of a departure."""
    test = judged_days(days, year_of, test_share, test_from, test_until)
    if not test:
        raise NotEnoughDays(
            "Ningún corte cae en el periodo de evaluación. Revise las fechas o cargue más exportaciones."
        )
    earlier = until(days, weeks_before(test[0], horizon_weeks + delay_weeks))
    fit, stop, calibrate = teaching_parts(earlier, horizon_weeks, stop_share, calibrate_share)
    return Fold(fit, stop, calibrate, tuple(test))


def unseen_schools(institutions: pl.Series, share: float, seed: int) -> list[str]:
    """Whole schools to leave out of teaching, drawn by a lottery that can be repeated; for a hold-out of schools."""
    schools = institutions.drop_nulls().unique().sort()
    salted = pl.Series([f"{seed}:{school}" for school in schools], dtype=pl.String)
    drawn = pl.DataFrame({"school": schools, "lot": text_hashes(salted)}).sort("lot", "school")
    return sorted(drawn["school"].head(max(1, round(schools.len() * share))).to_list())
