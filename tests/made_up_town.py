"""A small town for the tests of the models: frames in the catalogue's own columns, and records with a known hazard."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from features import CATALOGUE, Feature, Records
from features.calendar import SchoolYear
from models.calibration import Calibration
from models.inputs import categories_in, input_names
from models.recipe import Recipe
from models.risk_model import RiskModel
from models.trees import best_growth, grove, regrow

SUNDAYS = tuple(date(2023, 2, 5) + timedelta(weeks=4 * n) for n in range(8))
SHARES = {"share", "points", "rank"}


def frame(students: int = 400, days: tuple[date, ...] = SUNDAYS, seed: int = 1, schools: int = 10) -> pl.DataFrame:
    """One row per student and day, with gaps, in the shape that build_frame gives."""
    rng = np.random.default_rng(seed)
    rows = students * len(days)
    keys = pl.DataFrame(
        {
            "student_id": [f"e{n:06d}" for n in range(students)] * len(days),
            "day": [day for day in days for _ in range(students)],
            "institution_id": [f"1760010000{n % schools:02d}" for n in range(students)] * len(days),
        }
    )
    columns = [pl.Series(feature.name, values(feature, rows, rng), strict=False) for feature in CATALOGUE]
    return keys.with_columns(columns)


def values(feature: Feature, rows: int, rng: np.random.Generator) -> list[float | str | None]:
    drawn: np.ndarray
    if feature.kind == "category":
        drawn = rng.choice(["MAÑANA", "TARDE", "ÚNICA"], rows)
    elif feature.kind == "flag":
        drawn = (rng.random(rows) < 0.3).astype(float)
    elif feature.unit in SHARES:
        drawn = rng.beta(0.5, 6, rows) - (0.05 if feature.unit == "points" else 0.0)
    else:
        drawn = rng.poisson(2, rows).astype(float)
    return [None if gap else value for value, gap in zip(drawn.tolist(), rng.random(rows) < 0.08, strict=True)]


def hazard(rows: pl.DataFrame) -> pl.Series:
    """The true chance: absences, years over age, and the afternoon shift."""
    risk = (
        -4.0
        + 9.0 * pl.col("absence_rate_4w").fill_null(0.05)
        + 0.5 * pl.col("over_age_years").fill_null(0)
        + 0.6 * (pl.col("shift").fill_null("") == "TARDE")
        - 0.8 * pl.col("school_feeding").fill_null(0)
    )
    return rows.select(1 / (1 + (-risk).exp())).to_series()


def with_outcomes(rows: pl.DataFrame, seed: int = 2, moved: float = 0.02, unknown: float = 0.01) -> pl.DataFrame:
    """The frame with what became of each row, and the label and weight of those that teach."""
    rng = np.random.default_rng(seed)
    left = rng.random(rows.height) < hazard(rows).to_numpy()
    other = rng.random(rows.height)
    kind = np.where(
        left, "LEFT", np.where(other < moved, "MOVED", np.where(other < moved + unknown, "UNKNOWN", "STAYED"))
    )
    return rows.with_columns(outcome=pl.Series(kind.tolist()), label=pl.Series(left).cast(pl.Int8), weight=pl.lit(1.0))


def a_model(trees: int = 40, seed: int = 1, use_sensitive: bool = False) -> RiskModel:
    """A model of the made-up frame, taught in less than a second."""
    rows = with_outcomes(frame(seed=seed))
    recipe = Recipe(retold_trees=60, trees=trees, min_leaf=30, threads=1, use_sensitive=use_sensitive)
    names = input_names(CATALOGUE, use_sensitive)
    trees_of = grove(names, categories_in(rows, names, CATALOGUE), CATALOGUE, recipe)
    fit, stop = (rows.filter(pl.col("day").is_in(list(days))) for days in (SUNDAYS[:6], SUNDAYS[6:]))
    return RiskModel(
        booster=regrow(trees_of, pl.concat([fit, stop]), best_growth(trees_of, fit, stop, recipe), recipe),
        features=names,
        fingerprint=CATALOGUE.fingerprint,
        calibration=Calibration(0.9, -0.2, ((-2.0, 0.3),)),
        categories=trees_of.categories,
        taught_on=SUNDAYS,
        taught_until=SUNDAYS[-1],
    )


def town(students: int = 900, years: tuple[int, ...] = (2021, 2022, 2023), seed: int = 3) -> Records:
    """Records of a town in which missing class comes before leaving; an export comes every third Friday."""
    rng = np.random.default_rng(seed)
    ids = [f"e{n:06d}" for n in range(students)]
    schools = [f"1760010000{n % 9:02d}" for n in range(students)]
    enrolled: list[dict[str, object]] = []
    attended: list[dict[str, object]] = []
    gone = np.zeros(students, dtype=bool)
    tired = rng.random(students) < 0.15
    for name in years:
        year = SchoolYear(str(name))
        reports = [monday + timedelta(days=4) for monday in year.weeks[::3]] + [year.ends_on + timedelta(days=7)]
        for n in np.flatnonzero(~gone):
            enrolled.append(event(ids[n], schools[n], year, n, "ENROLLED", None, year.starts_on, reports[0]))
        for week in year.weeks:
            tired = np.where(rng.random(students) < 0.04, rng.random(students) < 0.15, tired)
            absent = rng.binomial(5, np.where(tired, 0.45, 0.04))
            for n in np.flatnonzero(~gone):
                attended.append(week_of(ids[n], week, int(absent[n])))
            leaving = ~gone & (rng.random(students) < np.where(tired, 0.05, 0.0005))
            for n in np.flatnonzero(leaving):
                seen = next(day for day in reports if day > week + timedelta(days=2))
                day = week + timedelta(days=2)
                enrolled.append(event(ids[n], schools[n], year, n, "WITHDRAWN", "DROPOUT", day, seen))
            gone |= leaving
        for n in np.flatnonzero(~gone):
            enrolled.append(event(ids[n], schools[n], year, n, "PROMOTED", None, year.ends_on, reports[-1]))
        gone &= rng.random(students) < 0.3  # most come back the next year, so that the town does not run empty
    return Records.from_frames(
        {
            "enrolment": pl.DataFrame(enrolled, infer_schema_length=None),
            "attendance": pl.DataFrame(attended),
            "calendar": calendar(years),
            "report": reports_of(years),
        }
    )


def event(
    student: str, school: str, year: SchoolYear, n: int, status: str, reason: str | None, on: date, known: date
) -> dict[str, object]:
    return {
        "student_id": student,
        "happened_on": on,
        "known_on": max(on, known),
        "dated_by": "FILE",
        "institution_id": school,
        "campus_id": school,
        "school_year": year.name,
        "grade": 1 + (int(n) + int(year.name)) % 9,
        "shift": ("MAÑANA", "TARDE")[int(n) % 2],
        "status": status,
        "reason": reason,
    }


def week_of(student: str, week: date, absent: int) -> dict[str, object]:
    friday = week + timedelta(days=4)
    return {
        "student_id": student,
        "happened_on": friday,
        "known_on": friday,
        "week": week,
        "days_expected": 5,
        "days_absent": absent,
    }


def calendar(years: tuple[int, ...]) -> pl.DataFrame:
    told = [SchoolYear(str(name)) for name in years]
    return pl.DataFrame(
        {
            "school_year": [year.name for year in told],
            "starts_on": [year.starts_on for year in told],
            "ends_on": [year.ends_on for year in told],
            "happened_on": [year.starts_on for year in told],
            "known_on": [year.starts_on for year in told],
        }
    )


def reports_of(years: tuple[int, ...]) -> pl.DataFrame:
    days: list[date] = []
    for name in years:
        year = SchoolYear(str(name))
        days += [monday + timedelta(days=4) for monday in year.weeks[::3]] + [year.ends_on + timedelta(days=7)]
    return pl.DataFrame({"source": ["detallado"] * len(days), "happened_on": days, "known_on": days})
