"""Lists drawn by hand on frozen Sundays: a made-up city of a few schools, for tests that need no model."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from serving import roster
from serving.changes import LastList, Now, change_of, departures
from serving.database import By, Database
from serving.people import Person, Role, add_person, issue_token, reach_of
from serving.publishing import Published, last_list_before, publish
from serving.risk_lists import Capacity, Line, RiskList, School, cut, ranked
from serving.settings import Settings
from serving.tenancy import job

FIRST_SUNDAY = date(2024, 5, 5)
SECOND_SUNDAY = date(2024, 5, 12)
MONDAY_MORNING = datetime(2024, 5, 13, 7, 30, tzinfo=ZoneInfo("America/Bogota"))
BY = By("prueba", MONDAY_MORNING, job("prueba"))

SCHOOLS = {
    "176001000011": School("176001000011", "IE La Esperanza", "Comuna 14"),
    "176001000022": School("176001000022", "IE Nuevo Latir", "Comuna 14"),
    "176001000033": School("176001000033", "IE El Diamante", "Comuna 13"),
}
ESPERANZA, LATIR, DIAMANTE = SCHOOLS
FAMILY_NAMES = {"attendance": "asistencia", "progress": "rendimiento", "household": "hogar"}
NOBODY = "0000000000000000"


def student(number: int) -> str:
    return f"{number:016x}"


def draw_scores(day: date, students: int, schools: Sequence[str] = tuple(SCHOOLS), seed: int = 5) -> pl.DataFrame:
    """Raw scores that wander a little from week to week; student 1 always leads, at the first school."""
    raw = {number: random.Random(f"{seed}:{number}").gauss(-3, 1) for number in range(1, students + 1)}
    wander = {number: random.Random(f"{seed}:{day}:{number}").gauss(0, 0.3) for number in raw}
    values = [4.0 if number == 1 else raw[number] + wander[number] for number in raw]
    return pl.DataFrame(
        {
            "student_id": [student(number) for number in raw],
            "institution_id": [schools[(number - 1) % len(schools)] for number in raw],
            "raw_score": values,
            "score": [1 / (1 + 2.718281828 ** -(value - 0.5)) for value in values],
        }
    )


def draw_list(
    day: date,
    students: int = 90,
    capacity: int = 12,
    last: LastList | None = None,
    model_digest: str = "a" * 64,
    scores: pl.DataFrame | None = None,
    per_school: int = 10,
    statuses: Mapping[str, str] | None = None,
) -> RiskList:
    everyone = ranked(draw_scores(day, students) if scores is None else scores, day)
    chosen = cut(everyone, Capacity(capacity, per_school))
    lines = tuple(draw_line(row, day, last, model_digest) for row in chosen.iter_rows(named=True))
    listed = frozenset(line.student_id for line in lines if line.on_city_list)
    return RiskList(
        day=day,
        model_version="7",
        model_digest=model_digest,
        horizon_weeks=4,
        capacity=Capacity(capacity, per_school),
        lines=lines,
        departures=departures(last, listed, frozenset(everyone["student_id"]), model_digest, statuses or {}),
        scores=everyone.with_columns(drawn_group(pl.col("rank"))),
        schools=SCHOOLS,
        family_names=FAMILY_NAMES,
    )


def drawn_group(rank: pl.Expr) -> list[pl.Expr]:
    """Of everyone on roll, as `draw_line` places those on the list."""
    return [pl.lit("01").alias("campus_id"), (6 + rank % 4).alias("grade"), pl.lit("602").alias("class_group")]


def draw_line(row: dict[str, object], day: date, last: LastList | None, model_digest: str) -> Line:
    raw = float(str(row["raw_score"]))
    families = {"attendance": raw + 3.0, "progress": 0.3, "household": -0.3}
    before = last and last.places.get(str(row["student_id"]))
    earlier = families | {"attendance": before.raw_score + 3.0} if before else families | {"attendance": 0.0}
    now = Now(str(row["student_id"]), raw, bool(row["on_city_list"]), families, earlier)
    return Line(
        **row,  # type: ignore[arg-type]
        base_value=-3.0,
        change=change_of(now, last, model_digest, FAMILY_NAMES),
        reasons=(
            draw_reason("attendance", "absent_weeks", families["attendance"], "Faltó 6 días en las últimas 4 semanas."),
            draw_reason("progress", "failed_areas", 0.3, "No aprobó 2 áreas en el último periodo."),
        ),
        protective=(draw_reason("household", "both_parents", -0.3, "Vive con ambos padres."),),
        families=families,
        observed={"enrolment": day, "attendance": date(2024, 5, 3), "progress": None, "characterisation": None},
        placement={"campus_id": "01", "grade": 6 + int(str(row["rank"])) % 4, "class_group": "602", "shift": "MORNING"},
        trajectory=(
            draw_step("2023", 5, "PROMOTED", date(2023, 12, 1)),
            draw_step("2024", 6, "ENROLLED", date(2024, 1, 22)),
        ),
        lately=draw_months(),
    )


def draw_reason(family: str, feature: str, weight: float, sentence: str) -> dict[str, object]:
    return {
        "family": family,
        "feature": feature,
        "value": 2.0,
        "contribution": weight,
        "sentence": sentence,
        "actionable": family != "household",
        "source": family,
        "observed_on": "2024-05-03",
    }


def draw_step(year: str, grade: int, status: str, day: date) -> dict[str, object]:
    step = {"school_year": year, "grade": grade, "status": status, "reason": None, "happened_on": day}
    return step | {"institution": ESPERANZA}


def draw_months() -> dict[str, list[dict[str, object]]]:
    """Two weeks with a silent one between them, two periods, and two kinds of help of which one is over."""
    return {
        "weeks": [draw_week(date(2024, 4, 15), 5, 1), draw_week(date(2024, 4, 29), 4, 3)],
        "marks": [
            draw_mark("2023-4", "LENGUAJE", 70.0, date(2023, 12, 1)),
            draw_mark("2024-1", "LENGUAJE", 64.0, date(2024, 4, 5)),
            draw_mark("2024-1", "MATEMATICAS", 45.0, date(2024, 4, 5)),
        ],
        "support": [
            {"strategy": "SCHOOL_TRANSPORT", "starts_on": date(2023, 2, 1), "ends_on": date(2023, 12, 1)},
            {"strategy": "SCHOOL_FEEDING", "starts_on": date(2024, 2, 1), "ends_on": None},
        ],
    }


def draw_week(monday: date, expected: int, absent: int) -> dict[str, object]:
    return {"week": monday, "days_expected": expected, "days_absent": absent}


def draw_mark(period: str, area: str, score: float, day: date) -> dict[str, object]:
    return {"period": period, "area": area, "score": score, "happened_on": day}


def publish_two_weeks(database: Database, capacity: int = 12, students: int = 90) -> tuple[Published, Published]:
    first = publish(database, draw_list(FIRST_SUNDAY, students, capacity), BY)
    last = last_list_before(database, SECOND_SUNDAY)
    return first, publish(database, draw_list(SECOND_SUNDAY, students, capacity, last), BY, last)


def draw_roster(students: int = 90) -> pl.DataFrame:
    numbers = range(1, students + 1)
    return pl.DataFrame(
        {
            "student_id": [student(number) for number in numbers],
            "institution_id": [tuple(SCHOOLS)[(number - 1) % 3] for number in numbers],
            "first_name": ["ROSA" if number == 1 else "JUANA" for number in numbers],
            "first_surname": ["MINA" if number == 1 else f"APELLIDO{number}" for number in numbers],
            "document_number": [f"11000{number:05d}" for number in numbers],
            "phone": [f"31200{number:05d}" for number in numbers],
            "known_on": [date(2024, 5, 3)] * students,
        }
    )


PEOPLE = (
    Person("cobertura", Role.COVERAGE),
    Person("esperanza", Role.SCHOOL, reach_of([ESPERANZA])),
    Person("ciencia", Role.DATA_SCIENTIST),
    Person("administra", Role.ADMIN),
)


def fresh_address(like: str = "") -> str:
    """Of a database for one home: its own file, or one on a server (see twice.py).

    `like`: the address of the database it is a copy of; a file is copied with its home.
    """
    return ""


def draw_home(
    folder: Path, students: int = 90, capacity: int = 12, database_url: str = ""
) -> tuple[Settings, dict[str, str]]:
    """A home with two published weeks, a roster and one person per role; gives each person's token."""
    settings = Settings(home=folder, environment="demo", database_url=database_url or fresh_address())
    database = Database.open(settings.database_url, settings.keys())
    publish_two_weeks(database, capacity, students)
    roster.upsert(database, draw_roster(students), BY)
    tokens = {}
    for person in PEOPLE:
        add_person(database, person, BY)
        tokens[person.name] = issue_token(database, person.name, BY)
    database.engine.dispose()
    return settings, tokens


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
