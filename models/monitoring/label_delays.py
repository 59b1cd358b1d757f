"""Whether the register still hears of departures as soon as it did: a late one makes every check come out too well."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any

import polars as pl

from models.evaluation_words import percent
from models.monitoring.alarm import Alarm

WINDOW = timedelta(weeks=13)
YEAR = timedelta(weeks=52)
MOST_YEARS = 3
LEAST_HEARD = 20
MORE_LATE = 0.1
MORE_UNKNOWN = 0.1
DEVIATIONS = 4.0


@dataclass(frozen=True)
class Delays:
    """Of the departures heard of in the last thirteen weeks, the share that took longer than `weeks` to be on record.

    `usual` and `limit` are those of the same weeks of earlier years, None where too few were heard of then or now.
    `complete`: of all departures, the share on record by then, as the curve of the whole past has it. `unknown`: of the
    ripe fates of the last lists, the share that nobody knows.
    """

    weeks: int
    heard: int
    late: float | None
    usual: float | None
    limit: float | None
    complete: float | None = None
    unknown: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def delays(
    departures: pl.DataFrame, day: date, weeks: int, complete: float | None = None, unknown: float | None = None
) -> Delays:
    """`departures`: left_on and first_known_on of all who left, as known on the day."""
    now = _heard(departures, day)
    then = [_heard(departures, day - YEAR * back) for back in range(1, MOST_YEARS + 1)]
    enough = [one for one in then if one.height >= LEAST_HEARD]
    heard, late = now.height, _late(now, weeks)
    if heard < LEAST_HEARD or late is None:
        return Delays(weeks, heard, late, None, None, complete, unknown)
    if not enough:
        return Delays(weeks, heard, late, None, None, complete, unknown)
    usual = max(share for one in enough if (share := _late(one, weeks)) is not None)
    luck = sqrt(max(usual * (1 - usual), 0.01) * (1 / heard + 1 / min(one.height for one in enough)))
    return Delays(weeks, heard, late, usual, usual + max(MORE_LATE, DEVIATIONS * luck), complete, unknown)


def _heard(departures: pl.DataFrame, day: date) -> pl.DataFrame:
    return departures.filter(pl.col("first_known_on") <= day, pl.col("first_known_on") > day - WINDOW)


def _late(heard: pl.DataFrame, weeks: int) -> float | None:
    waited = pl.col("first_known_on") - pl.col("left_on")
    share: float | None = heard.select((waited > timedelta(weeks=weeks)).mean()).item()
    return share


def label_alarms(told: Delays) -> Iterator[Alarm]:
    if told.late is not None and told.limit is not None and told.late > told.limit:
        yield Alarm("labels", "retiros", told.late, told.limit,
            f"De los {told.heard} retiros conocidos en las últimas 13 semanas, {percent(told.late)} tardaron más de "
            f"{told.weeks} semanas en llegar al registro; en la misma época de otros años fue hasta "
            f"{percent(told.usual)}. Pida a las instituciones registrar los retiros a tiempo; mientras tanto no "
            "entrene con las últimas semanas.")  # fmt: skip
    if told.unknown is not None and told.unknown > MORE_UNKNOWN:
        yield Alarm("labels", "destinos", told.unknown, MORE_UNKNOWN,
            f"De {percent(told.unknown)} de los estudiantes de las últimas listas maduras no se sabe qué pasó; lo "
            f"normal es hasta {percent(MORE_UNKNOWN)}. Revise si faltan reportes de matrícula.")  # fmt: skip
