"""Which days teach, choose, set the chances and judge: by the calendar, and by what was known when."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from features import Records, days_to_score
from features.frame import report_days
from features.labels import CLOSING_DAYS
from models.examples import spaced
from models.folds import Fold, NotEnoughDays, by_time, judged_days
from models.recipe import Recipe


def last_day(records: Records) -> date:
    day = records.last_known_on()
    if day is None:
        raise NotEnoughDays("El archivo está vacío. Cargue exportaciones con «permanencia ingest».")
    return day


def first_judged(records: Records, recipe: Recipe, until: date) -> date:
    """Where the judged period begins, whatever the wait will be."""
    days = reported(records, ripe_by(records, days_to_score(records, None, until), recipe, until), recipe)
    judged = judged_days(days, year_names(records), recipe.test_share, recipe.test_from, recipe.test_until)
    return judged[0] if judged else until


def plan(records: Records, recipe: Recipe, until: date, wait_weeks: int | None = None) -> Fold:
    """Which days teach and which judge; of very many teaching days, an even part."""
    wait = recipe.absent_weeks if wait_weeks is None else wait_weeks
    days = reported(records, ripe_by(records, days_to_score(records, None, until), recipe, until, wait), recipe)
    fold = by_time(
        days,
        year_names(records),
        recipe.horizon_weeks,
        wait,
        recipe.stop_share,
        recipe.calibrate_share,
        recipe.test_share,
        recipe.test_from,
        recipe.test_until,
    )
    return replace(fold, fit=tuple(spaced(fold.fit, recipe.most_days)), stop=tuple(spaced(fold.stop, recipe.most_days)))


def ripe_on(days: Sequence[date], recipe: Recipe, wait_weeks: int) -> date:
    """The day on which all their outcomes could first be known; before the judged period, since the fold has a gap."""
    return max(days) + timedelta(weeks=recipe.horizon_weeks + wait_weeks)


def ripe_by(
    records: Records, days: Sequence[date], recipe: Recipe, until: date, wait_weeks: int | None = None
) -> list[date]:
    """The days whose outcomes can all be known: after the horizon or the close of the year, and the wait."""
    wait = timedelta(weeks=recipe.absent_weeks if wait_weeks is None else wait_weeks)
    horizon, years = timedelta(weeks=recipe.horizon_weeks), year_spans(records)

    def ends(day: date) -> date:
        closes = [end + timedelta(days=CLOSING_DAYS) for start, end, _ in years if start <= day <= end]
        return min([day + horizon, *([max(closes)] if closes else [])])

    return [day for day in days if ends(day) + wait <= until]


def reported(records: Records, days: Sequence[date], recipe: Recipe) -> list[date]:
    """The days followed by an export within the horizon: before a recess there may be none, and then nobody knows."""
    reports, horizon = report_days(records), timedelta(weeks=recipe.horizon_weeks)
    return [day for day in days if not reports or any(day < seen <= day + horizon for seen in reports)]


def year_names(records: Records) -> Callable[[date], str]:
    """The school year of a day, by the calendar that came with the records."""
    years = year_spans(records)

    def year_of(day: date) -> str:
        holding = [(start, name) for start, end, name in years if start <= day <= end]
        return max(holding)[1] if holding else str(day.year)

    return year_of


def year_spans(records: Records) -> list[tuple[date, date, str]]:
    """First class, last class and name of every year of the calendar that came with the records."""
    rows = records.table("calendar").select("starts_on", "ends_on", "school_year").unique()
    return [(start, end, str(name)) for start, end, name in rows.collect().rows()]
