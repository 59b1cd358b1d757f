"""Whether this week's variables are like those of the same weeks of earlier years, which taught the model."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from statistics import median
from typing import Any

import polars as pl

from features.feature import Catalogue
from models.evaluation_words import number, percent
from models.monitoring.alarm import Alarm
from models.monitoring.distance import Distance, Reading, Ruler, distance, psi_by_luck, reading, ruler
from models.monitoring.seasons import Season

LEAST_PSI = 0.2
LEAST_SHIFT = 0.3
LEAST_MISSING = 0.1
LEAST_UNHEARD = 0.01
"""Below these nothing is worth an alarm, however unusual it is."""

ERRORS = 4
"""A mean has moved when it has by so many standard errors over schools."""

TIMES_USUAL = 2
WIDER = 1.5
HALF_A_YEAR = 26
LEAST_YEARS = 2
"""With a single earlier year nobody can tell what is usual from one year to another: nothing is called a move."""

SCHOOL, DAY = "institution_id", "day"
SCORE = "score"
LIKE = "la semana más parecida de esta época en los años anteriores"
Readings = Sequence[Reading]


@dataclass(frozen=True)
class Drift:
    """One variable this week: each figure against the earlier week that is nearest by it, beside its limit.

    `psi`; `shift` of the mean in standard deviations; `jump`, the same
    against the two lists before; `missing`: how much more is unknown, as a share; `unheard`: the
    share of words never heard before. `psi` and `shift` are None where too little is known to compare, and their limits
    where fewer than two earlier years know the variable.
    """

    variable: str
    psi: float | None
    psi_limit: float | None
    shift: float | None
    shift_limit: float | None
    jump: float | None
    jump_limit: float | None
    missing: float
    missing_limit: float
    unheard: float
    unheard_limit: float = LEAST_UNHEARD

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def moved(self) -> bool:
        """Unlike every earlier year at this time, or unlike last week as it was in no earlier year at this time."""
        return any(
            beyond(*pair)
            for pair in ((self.psi, self.psi_limit), (self.shift, self.shift_limit), (self.jump, self.jump_limit))
        )


def beyond(figure: float | None, limit: float | None) -> bool:
    return figure is not None and limit is not None and abs(figure) > limit


@dataclass(frozen=True)
class Nearest:
    """The earlier weeks that come nearest, one by each figure; `luck` is what a PSI may pass by luck alone."""

    psi: float
    luck: float
    shift: float
    shift_error: float
    missing: float


def slow(catalogue: Catalogue) -> frozenset[str]:
    """The variables that look back half a year or more: of their level each year has but one to show."""
    weeks = {one.name: re.fullmatch(r"(?:\d+-)?(\d+)w", one.window) for one in catalogue}
    return frozenset(name for name, found in weeks.items() if found and int(found[1]) >= HALF_A_YEAR)


def drift(
    frame: pl.DataFrame,
    season: Season,
    names: Iterable[str],
    words: Mapping[str, Sequence[str]] | None = None,
    slow: Collection[str] = (),
) -> list[Drift]:
    """`frame`: institution_id, day and the variables, for all days of the season. `words`: what the model has heard.

    `slow`: variables of which only jumps are judged; a year of many departures is no fault of the data.

    NOTE: the nearest of the earlier weeks counts, not their mean. Easter, the start of a year and the marks of a period
    fall in other weeks each year, so that no single week is the right one; an alarm says that none of them was like
    this. What is usual is told by the same question put to the earlier years.
    """
    if not season.earlier:
        return []
    schools = frame[SCHOOL].fill_null("").unique().sort()
    places = dict(zip(schools, range(len(schools)), strict=True))
    coded = frame.with_columns(_place=pl.col(SCHOOL).fill_null("").replace_strict(places, return_dtype=pl.Int64))
    by_day = {day: rows for (day,), rows in coded.partition_by(DAY, as_dict=True).items()}
    if season.day not in by_day:
        return []
    told = [(name, _read(name, by_day, season, len(schools), (words or {}).get(name, ()))) for name in names]
    return [_judged(name, season, *read, name in slow) for name, read in told]


def _read(
    name: str, by_day: Mapping[Any, pl.DataFrame], season: Season, schools: int, words: Sequence[str]
) -> tuple[Mapping[date, Reading], Ruler]:
    """Every week measured with one ruler, taken from the earlier years."""
    before = [by_day[day][name] for days in season.earlier.values() for day in days if day in by_day]
    measure = ruler(pl.concat(before), words)
    wanted = {day: by_day[day] for day in season.days if day in by_day}
    read = {day: reading(rows[name], rows["_place"].to_numpy(), schools, measure) for day, rows in wanted.items()}
    return read, measure


def _judged(name: str, season: Season, read: Mapping[date, Reading], measure: Ruler, is_slow: bool) -> Drift:
    now, years = read[season.day], [[read[day] for day in days if day in read] for days in season.earlier.values()]
    then = [one for year in years for one in year]
    near, usual = nearest(now, then, measure), _usual(years, measure)
    jump, usual_jump = _jump(season.day, season, read, measure), _usual_jump(season, read, measure)
    judges = sum(any(one.is_enough for one in year) for year in years) >= LEAST_YEARS
    level = near if judges and not is_slow else None
    sudden = jump if judges and usual_jump is not None else None
    return Drift(
        name,
        near.psi if near else None,
        max(LEAST_PSI, TIMES_USUAL * usual.psi, level.luck) if level else None,
        near.shift if near else None,
        max(LEAST_SHIFT, TIMES_USUAL * usual.shift, ERRORS * level.shift_error) if level else None,
        jump.shift if jump else None,
        max(LEAST_SHIFT, usual_jump or 0.0, ERRORS * sudden.shift_error) if sudden else None,
        now.missing - max(one.missing for one in then),
        max(LEAST_MISSING, TIMES_USUAL * usual.missing),
        now.unheard,
    )


def _jump(day: date, season: Season, read: Mapping[date, Reading], measure: Ruler) -> Nearest | None:
    return nearest(read[day], [read[one] for one in season.recent.get(day, ()) if one in read], measure)


def _usual_jump(season: Season, read: Mapping[date, Reading], measure: Ruler) -> float | None:
    """The largest that an earlier year saw at this time, and a half more: a new period's marks come once a period."""
    told = [_jump(day, season, read, measure) for days in season.earlier.values() for day in days if day in read]
    seen = [abs(one.shift) for one in told if one]
    return WIDER * max(seen) if seen else None


def nearest(now: Reading, then: Readings, measure: Ruler) -> Nearest | None:
    """None where too few values are known to compare any two weeks."""
    told = [(distance(now, one, measure), one) for one in then if now.is_enough and one.is_enough]
    if not told:
        return None
    shape, alike = min(told, key=lambda pair: pair[0].psi)
    level, _ = min(told, key=lambda pair: abs(pair[0].shift))
    missing = min(one.missing for one, _ in told)
    return Nearest(shape.psi, psi_by_luck(now, alike), level.shift, level.shift_error, missing)


def _usual(years: Sequence[Readings], measure: Ruler) -> Distance:
    """What the same question gave in earlier years, each week asked against the years before its own."""
    told = [found for place in range(1, len(years)) for one in years[place]
            if (found := nearest(one, [each for year in years[:place] for each in year], measure))]  # fmt: skip
    if not told:
        return Distance(0.0, 0.0, 0.0, 0.0)
    middles = (
        median(values)
        for values in zip(*((one.psi, abs(one.shift), 0.0, max(one.missing, 0.0)) for one in told), strict=True)
    )
    return Distance(*middles)


def drift_alarms(told: Iterable[Drift], families: Mapping[str, str]) -> Iterator[Alarm]:
    """`families`: what a person calls the side of life that a variable tells of."""
    for one in told:
        what = f"«{one.variable}»" + (f" ({families[one.variable]})" if one.variable in families else "")
        if one.moved:
            yield _moved(one, what)
        if one.missing > one.missing_limit:
            yield Alarm("missing", one.variable, one.missing, one.missing_limit, _missing(one, what))
        if one.unheard > one.unheard_limit:
            yield Alarm("category", one.variable, one.unheard, one.unheard_limit, _unheard(one, what))


def _moved(one: Drift, what: str) -> Alarm:
    seen, limit, way = _how_it_moved(one)
    subject = "Los puntajes del modelo" if one.variable == SCORE else f"La variable {what}"
    sentence = (
        f"{subject}: {way}; lo normal es hasta {number(limit, 2)}. Revise los últimos archivos de esa fuente; "
        "si el cambio es real, entrene un modelo nuevo."
    )
    return Alarm("drift", one.variable, seen, limit, sentence)


def _how_it_moved(one: Drift) -> tuple[float, float, str]:
    if beyond(one.shift, one.shift_limit):
        seen, limit, since = one.shift or 0.0, one.shift_limit or 0.0, f"frente a {LIKE}"
    elif beyond(one.jump, one.jump_limit):
        seen, limit, since = one.jump or 0.0, one.jump_limit or 0.0, "de una semana a otra"
    else:
        shape = f"el reparto de los valores es otro que en {LIKE} (PSI {number(one.psi, 2)})"
        return one.psi or 0.0, one.psi_limit or 0.0, shape
    way = "subió" if seen > 0 else "bajó"
    return abs(seen), limit, f"el promedio {way} {number(abs(seen), 2)} desviaciones {since}"


def _missing(one: Drift, what: str) -> str:
    return (
        f"A la variable {what} le falta el dato en {percent(one.missing)} de los estudiantes más que en la semana más "
        f"incompleta de esta época en los años anteriores; lo normal es hasta {percent(one.missing_limit)}. "
        "Revise qué instituciones dejaron de reportar, con «permanencia quality»."
    )


def _unheard(one: Drift, what: str) -> str:
    return (
        f"La variable {what} trae valores que el modelo no conoce en {percent(one.unheard)} de los estudiantes; lo "
        f"normal es hasta {percent(one.unheard_limit)}. Revise los códigos del archivo y «perfil.toml»."
    )
