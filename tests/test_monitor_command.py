"""`permanencia monitor` on a small town's home: quiet, alarmed, or with something missing, each with its exit code."""

import json
import os
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from drawn_lists import BY
from small_school import grown_model

from features import Archive
from features.archive import Entry
from features.calendar import SchoolYear, next_sunday
from models.list_order import OrderRules
from serving.changes import Change
from serving.cli import main
from serving.commands import desk
from serving.database import Database
from serving.publishing import publish
from serving.risk_lists import Capacity, Line, RiskList, cut, ranked, seated
from serving.settings import Settings

YEARS = [SchoolYear(str(year)) for year in (2021, 2022, 2023, 2024)]
STUDENTS, SCHOOLS, SEATS, WEEKLY = 640, 5, 25, 0.006
FIRST_LIST, TODAY = date(2024, 4, 7), date(2024, 9, 22)


def town(rng: np.random.Generator, absent_more_from: date = date.max) -> dict[str, pl.DataFrame]:
    """Each year as the one before: a few leave every week, all are absent now and then; from a day on, much more."""
    enrolment, attendance = [], []
    for year in YEARS:
        here = np.ones(STUDENTS, dtype=bool)
        enrolment += [event(n, year, "ENROLLED", year.starts_on) for n in range(STUDENTS)]
        for monday in year.weeks:
            friday = monday + timedelta(days=4)
            days = rng.binomial(5, 0.08 if friday < absent_more_from else 0.5, STUDENTS)
            attendance += [absence(n, monday, friday, int(days[n])) for n in np.flatnonzero(here)]
            gone = here & (rng.random(STUDENTS) < WEEKLY)
            enrolment += [event(n, year, "WITHDRAWN", friday) for n in np.flatnonzero(gone)]
            here &= ~gone
    fridays = [monday + timedelta(days=4) for year in YEARS for monday in year.weeks]
    calendar = [
        {"school_year": year.name, "starts_on": year.starts_on, "ends_on": year.ends_on, **at(year.starts_on)}
        for year in YEARS
    ]
    reports = [
        {"source": source, "rows": STUDENTS, **at(day)} for day in fridays for source in ("detallado", "inasistencia")
    ]
    told = {"enrolment": enrolment, "attendance": attendance, "calendar": calendar, "report": reports}
    return {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in told.items()}


def at(day: date) -> dict[str, date]:
    return {"happened_on": day, "known_on": day}


def event(number: int, year: SchoolYear, status: str, day: date) -> dict[str, object]:
    place = {"student_id": f"{number:016x}", "institution_id": school(number), "grade": 6, "class_group": "601"}
    return {**place, "school_year": year.name, "status": status, **at(day)}


def school(number: int) -> str:
    return f"17600100{number % SCHOOLS:04d}"


def absence(number: int, monday: date, friday: date, days: int) -> dict[str, object]:
    return {"student_id": f"{number:016x}", "week": monday, "days_expected": 5, "days_absent": days, **at(friday)}


def settled(folder: Path, tables: dict[str, pl.DataFrame], until: date) -> Settings:
    """A home with what was known by a day, and a model in use."""
    settings = Settings(home=folder, environment="demo")
    known = {name: rows.filter(pl.col("known_on") <= until) for name, rows in tables.items()}
    Archive(settings.archive).add(Entry("a" * 64, "open", until, "pueblo", 1, 1, 0), known)
    grown_model().save(settings.champion)
    return settings


def with_lists(settings: Settings, tables: dict[str, pl.DataFrame], until: date, said: float = 1.0) -> None:
    """A list every Sunday; the chance that is told is the true one, or so many times that."""
    database = Database.open(settings.database_url, settings.keys())
    rng, previous = np.random.default_rng(3), frozenset[str]()
    sundays = [next_sunday(day) for day in tables["report"]["known_on"].unique().sort()]
    for day in [sunday for sunday in sundays if FIRST_LIST <= sunday <= until]:
        week = a_list(tables["enrolment"], day, rng, previous, said)
        previous = frozenset(line.student_id for line in week.lines)
        publish(database, week, BY)
    database.engine.dispose()


def a_list(
    events: pl.DataFrame, day: date, rng: np.random.Generator, previous: frozenset[str], said: float
) -> RiskList:
    year = events.filter(pl.col("school_year") == str(day.year), pl.col("happened_on") <= day).sort("happened_on")
    here = (
        year.group_by("student_id", "institution_id", maintain_order=True).last().filter(pl.col("status") == "ENROLLED")
    )
    raw = np.log(said * within_a_month(day)) + 0.001 * rng.standard_normal(here.height)
    told = here.select("student_id", "institution_id").with_columns(
        raw_score=pl.Series(raw), score=pl.Series(np.exp(raw))
    )
    placed = seated(ranked(told, day), day, Capacity(SEATS), OrderRules(), previous)
    chosen = cut(placed, Capacity(SEATS, 0))
    lines = tuple(Line(**row, base_value=0.0, change=Change("stayed", "")) for row in chosen.iter_rows(named=True))
    return RiskList(day, "1", "m", 4, Capacity(SEATS), lines, (), placed)


def within_a_month(day: date) -> float:
    """The true chance; nobody leaves in a recess."""
    weeks = sum(day < monday <= day + timedelta(weeks=4) for year in YEARS for monday in year.weeks)
    return 1 - (1 - WEEKLY) ** weeks


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    tables = town(np.random.default_rng(1))
    settings = settled(tmp_path_factory.mktemp("quiet") / "h", tables, TODAY)
    with_lists(settings, tables, TODAY)
    return settings


@pytest.fixture
def monitor(capsys):
    def monitor(home: Path, *words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["monitor", *map(str, words), "--home", str(home)])
        os.environ.pop("PERMANENCIA_HOME", None)
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return monitor


def test_where_all_is_as_always_it_says_so_and_ends_with_nought(quiet, monitor):
    code, out, _ = monitor(quiet.home, "--day", TODAY)

    assert (code, out) == (0, "Sin alarmas.\n")


def test_json_has_a_figure_and_a_limit_of_everything_that_is_watched(quiet, monitor):
    code, out, _ = monitor(quiet.home, "--day", TODAY, "--json")
    told = json.loads(out)

    assert code == 0
    assert told["alarms"] == told["not_judged"] == []
    assert {one["source"]: one["weeks"] for one in told["staleness"]} == {"detallado": 0, "inasistencia": 0}
    assert {"score", "absence_rate_2w"} <= {one["variable"] for one in told["drift"]["variables"]}
    assert all(one["psi"] <= one["psi_limit"] for one in told["drift"]["variables"] if one["psi"] is not None)
    everyone = told["calibration"]["parts"][0]
    assert (everyone["part"], len(told["calibration"]["lists"])) == ("everyone", 8)
    assert everyone["low"] <= 1 <= everyone["high"]
    assert told["churn"]["names"] == SEATS
    assert told["churn"]["usual"] is not None
    assert told["labels"]["limit"] is not None


def test_no_child_and_no_school_is_named_in_any_answer(quiet, monitor):
    told = [monitor(quiet.home, "--day", date(2024, 11, 3), *words) for words in ((), ("--json",))]

    for number in range(SCHOOLS):
        assert not [out for _, out, err in told if school(number) in out + err or f"{number:016x}" in out + err]


def test_what_moved_is_told_with_what_is_normal_and_what_to_do(tmp_path, quiet, monitor):
    """From one month on everybody is absent half of the time: the file of absences may count something else now."""
    tables = town(np.random.default_rng(1), absent_more_from=date(2024, 9, 1))
    settings = settled(tmp_path / "h", tables, TODAY)
    shutil.copy(quiet.home / "permanencia.sqlite", settings.home / "permanencia.sqlite")

    code, out, _ = monitor(settings.home, "--day", TODAY)

    assert code == 4
    (told,) = [line for line in out.splitlines() if line.startswith("! La variable «absence_rate_2w» (inasistencia)")]
    assert re.search(r"el promedio subió \d+,\d\d desviaciones .*; lo normal es hasta \d,\d\d\. Revise los", told)


def test_chances_that_did_not_come_true_are_an_alarm_when_a_list_ripens_and_not_again_until_the_next_does(
    tmp_path, monitor
):
    """No list is made in the recess from 17 June on, so that eight weeks later none ripens."""
    tables = town(np.random.default_rng(1))
    settings = settled(tmp_path / "h", tables, TODAY)
    with_lists(settings, tables, TODAY, said=0.4)

    def told_on(day: date) -> tuple[bool, bool]:
        told = json.loads(monitor(settings.home, "--day", day, "--json")[1])
        told_before = any("no maduró ninguna lista" in gap for gap in told["not_judged"])
        return "calibration" in {one["kind"] for one in told["alarms"]}, told_before

    last_of_term = date(2024, 6, 16)
    assert told_on(last_of_term + timedelta(weeks=8)) == (True, False)
    assert told_on(last_of_term + timedelta(weeks=9)) == (False, True)
    assert told_on(TODAY) == (True, False)


def test_a_home_to_which_nothing_comes_is_stale(quiet, monitor):
    code, out, _ = monitor(quiet.home, "--day", date(2024, 11, 3), "--json")
    stale = {alarm["what"]: alarm for alarm in json.loads(out)["alarms"] if alarm["kind"] == "staleness"}

    assert code == 4
    assert set(stale) == {"detallado", "inasistencia", "lista"}
    assert "no llega desde el 20/09/2024: 5 semanas de clase" in stale["detallado"]["sentence"]


def test_without_a_list_or_a_model_it_says_what_to_do_and_ends_with_five(tmp_path, quiet, monitor):
    alone = settled(tmp_path / "h", town(np.random.default_rng(1)), TODAY)
    code, _, err = monitor(alone.home, "--day", TODAY)
    assert (code, "permanencia run-week" in err) == (5, True)

    shutil.rmtree(alone.champion)
    code, _, err = monitor(alone.home, "--day", TODAY)
    assert (code, "permanencia promote" in err) == (5, True)


def test_today_is_the_clocks_where_no_day_is_told(quiet, monitor, monkeypatch):
    monkeypatch.setattr(desk, "today", lambda: TODAY)

    assert json.loads(monitor(quiet.home, "--json")[1])["day"] == TODAY.isoformat()
