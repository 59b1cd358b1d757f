"""What became of the children of a grade, year after year: on time, behind, or out of school."""

from collections.abc import Sequence

import polars as pl

from features.labels import ABSENT_WEEKS, Outcome
from features.rates.indicators import REGULAR_GRADES, Base, Indicator, Measure
from features.rates.school_years import school_years
from features.rates.student_years import OFFICIAL, Ending, Enrolments, Sectors
from features.rates.tables import YearRates, counted, inside, standing_of, with_status

LAST_GRADE = 11
STATES = {
    "on_time": "En el grado esperado, sin haber salido",
    "behind": "Con rezago, o de vuelta tras haber salido",
    "out": "Fuera del sistema",
}
NOT_FOLLOWED = "not_followed"
"""Moved to another entity or sector, dead, or of unknown destination: nobody here can say how they go on."""

FOLLOWED = Base("followed", pl.col("state").is_in(list(STATES)), "la cohorte, sin quienes no se pueden seguir")
COHORT = Base(
    "cohort", pl.col("state").is_not_null(), "matriculados en los grados 0 a 11 del año en que empieza la cohorte"
)
INDICATORS = (
    *(Indicator(name, said, FOLLOWED, pl.col("state") == name) for name, said in STATES.items()),
    Indicator(NOT_FOLLOWED, "No se pueden seguir", COHORT, pl.col("state") == NOT_FOLLOWED),
)
_WHOLES: tuple[tuple[Measure, tuple[Measure, ...]], ...] = (
    (("base", "followed"), tuple((name, "") for name in STATES)),
    (("base", "cohort"), (("base", "followed"), (NOT_FOLLOWED, ""))),
)


def trajectories(
    known: Enrolments, year: str, absent_weeks: int = ABSENT_WEEKS, sectors: Sectors = OFFICIAL
) -> dict[str, YearRates]:
    """Where the cohort of each earlier year stands in ``year``, by the year in which it begins.

    A cohort is everyone enrolled in a grade of that year. After *k* years a child is expected *k* grades further on, or
    to have graduated. A child found in a school of another sector is in the system.
    """
    status = "final" if standing_of(known, year, absent_weeks).is_closed else "provisional"
    cohorts, anywhere = known.student_years(absent_weeks, sectors), known.student_years(absent_weeks, None)
    order = list(school_years(known.records))
    found = {}
    for place, began in enumerate(order[: order.index(year)]):
        rows = _states(cohorts, anywhere, order[place : order.index(year) + 1])
        if rows.height:
            told: dict[Measure, str] = {(one.name, one.definition): status for one in INDICATORS}
            table = with_status(counted(rows, INDICATORS), told)
            found[began] = YearRates(year, known.cutoff, table, inside(rows), _WHOLES, ())
    return found


def _states(cohorts: pl.DataFrame, anywhere: pl.DataFrame, between: Sequence[str]) -> pl.DataFrame:
    """The cohort that begins in the first of the years, each child with its ``state`` in the last."""
    cohort = cohorts.filter(
        pl.col("school_year") == between[0],
        pl.col("grade").is_in(REGULAR_GRADES),
        pl.col("ending") != Ending.NOT_A_STUDENT.value,
    )
    place = ("student_id", "institution_id", "comuna", "zone", "grade")
    return cohort.select(place).join(_ways(anywhere, between), on="student_id").with_columns(state=_state(between))


def _ways(years: pl.DataFrame, between: Sequence[str]) -> pl.DataFrame:
    """Each child's whole way from the first of the years to the last."""
    place = pl.col("school_year").replace_strict({name: n for n, name in enumerate(between)}, return_dtype=pl.Int64)
    gone = [Ending.MOVED.value, Ending.UNKNOWN_DESTINATION.value, Ending.DEAD.value]
    lost = pl.col("ending").is_in(gone) | pl.col("outcome").is_in([Outcome.MOVED.value, Outcome.UNKNOWN.value])
    away = [Ending.DROPPED.value, Ending.NOT_A_STUDENT.value]
    here = (pl.col("school_year") == between[-1]) & ~pl.col("ending").is_in(away)
    span = years.filter(pl.col("school_year").is_in(list(between)))
    span = span.with_columns(place=place, lost=lost.fill_null(False), here=here).sort("student_id", "place")
    return span.group_by("student_id").agg(
        grade_now=pl.col("grade").filter("here").last(),
        enrolled_now=pl.col("here").any(),
        done=(pl.col("graduated").fill_null(0) > 0).any(),
        interrupted=pl.col("dropped").any() | (pl.len() < pl.col("place").last() + 1),
        lost=pl.col("lost").last(),
    )


def _state(between: Sequence[str]) -> pl.Expr:
    """The first that holds. Who graduated is done, however early; who is in no regular grade is behind."""
    expected = pl.col("grade") + len(between) - 1
    there = pl.col("enrolled_now") & (expected <= LAST_GRADE) & pl.col("grade_now").is_between(expected, LAST_GRADE)
    arrived = pl.col("done") | there.fill_null(False)
    return (
        pl.when(arrived & ~pl.col("interrupted")).then(pl.lit("on_time"))
        .when(pl.col("lost") & ~arrived).then(pl.lit(NOT_FOLLOWED))
        .when(arrived | pl.col("enrolled_now")).then(pl.lit("behind"))
        .otherwise(pl.lit("out"))
    )  # fmt: skip
