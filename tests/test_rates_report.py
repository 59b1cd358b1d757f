"""The rates as a secretariat reads them: every figure with its scope and cut-off, and no small count in any form."""

import csv
import json
import re
from datetime import date, timedelta

import polars as pl
import pytest
from ascii_tables import day
from made_up_town import calendar, event, town

from features import Archive, Entry, Records
from features.calendar import SchoolYear
from features.rates.sensitivity import sensitivity
from features.rates.student_years import Enrolments
from serving.cli import main
from serving.rate_report import rate_report
from serving.sentences import grade_name

YEARS = (2021, 2022)


@pytest.fixture(scope="module")
def records() -> Records:
    made = town(900, YEARS)
    return Records.from_frames(
        {name: made.table(name).collect() for name in ("enrolment", "report")} | {"calendar": calendar(YEARS)}
    )


@pytest.fixture(scope="module")
def home(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rates")
    tables = {name: records.table(name).collect() for name in ("enrolment", "calendar", "report")}
    rows = sum(table.height for table in tables.values())
    Archive(folder / "archive").add(Entry("digest", "town", day("2022-12-31"), "town", rows, rows, 0), tables)
    return folder


def told(capsys, home, *words) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["rates", *map(str, words), "--home", str(home)])
    assert not ended.value.code, capsys.readouterr().err
    return capsys.readouterr().out


def test_every_figure_has_numerator_denominator_scope_and_cutoff(records):
    body = json.loads(rate_report(records, "2021").as_json())

    assert body["cutoff"] == "2022-12-09"
    assert body["scope"]["sector"] == "official"
    for row in body["rates"]:
        assert row["base"] in body["scope"]["bases"]
        assert row["status"] in {"final", "provisional", "unavailable"}
        assert row["hidden"] or row["status"] == "unavailable" or row["numerator"] <= row["denominator"]


def test_the_explicit_reason_never_stands_without_the_absence(records):
    rows = [row for row in rate_report(records, "2021", "institution").rates if "dropout" in row["indicator"]]

    of_each = {(row["group"], row["indicator"]): set() for row in rows}
    for row in rows:
        of_each[(row["group"], row["indicator"])].add(row["definition"])
    assert all({"ABSENCE", "STATED"} <= definitions for definitions in of_each.values())


def test_the_rate_is_told_for_other_choices_of_weeks_away(records):
    choices = rate_report(records, "2021").choices

    assert sorted({row["absent_weeks"] for row in choices}) == [2, 4, 6, 8]
    assert {row["definition"] for row in choices} == {"ABSENCE", "STATED"}


def test_two_choices_of_weeks_away_do_not_give_a_child_away_by_their_difference():
    """Of sixty children 30 left for good; 6 were away for ten weeks, and 2 for five."""
    year, began, gone = SchoolYear("2023"), date(2023, 1, 27), date(2023, 4, 7)
    rows = [event(f"e{n}", "S", year, 0, "ENROLLED", None, began, began) for n in range(60)]
    rows += [event(f"e{n}", "S", year, 0, "WITHDRAWN", None, gone, gone) for n in range(38)]
    for n in range(8):
        back = gone + timedelta(weeks=10 if n < 6 else 5)
        rows.append(event(f"e{n}", "S", year, 0, "ENROLLED", None, back, back))
    known = Records.from_frames({"enrolment": pl.DataFrame(rows), "calendar": calendar((2023,))})

    choices = sensitivity(Enrolments.known_by(known), "2023").filter(
        indicator="intra_annual_dropout", definition="ABSENCE"
    )

    assert dict(choices.select("absent_weeks", "numerator").rows()) == {2: 38, 4: 38, 6: None, 8: None}
    assert choices.filter(absent_weeks=6).select("rate", "hidden").row(0) == (None, True)


def test_in_no_form_is_a_small_count_written(records):
    report = rate_report(records, "2021", "grade")
    table = list(csv.DictReader(report.as_csv().decode("utf-8-sig").splitlines(), delimiter=";"))

    counts = {row[column] for row in table for column in ("Numerador", "Denominador")}
    assert "reservado" in counts
    assert not counts & {"1", "2", "3", "4"}
    assert "reservado" in report.as_markdown().decode()
    assert not [row for row in json.loads(report.as_json())["rates"] if row["hidden"] and row["rate"] is not None]


def test_grades_come_in_order_under_their_names(records):
    content = rate_report(records, "2021", "grade").as_csv().decode("utf-8-sig")
    table = csv.DictReader(content.splitlines(), delimiter=";")
    names = list(dict.fromkeys(row["Grupo"] for row in table if row["Nivel"] == "grado" and not row["Cohorte"]))

    assert names == [grade_name(grade) for grade in range(1, 10)]


def test_a_cell_from_the_files_cannot_become_a_formula(records):
    nasty = records.table("enrolment").collect().with_columns(institution_id=pl.lit("=1+1"))
    tables = {name: records.table(name).collect() for name in ("calendar", "report")} | {"enrolment": nasty}

    content = rate_report(Records.from_frames(tables), "2021", "institution").as_csv().decode("utf-8-sig")

    assert "=1+1" in content
    assert not re.search(r"(^|;|\")=1", content, re.MULTILINE)


def test_a_register_without_official_schools_counts_everyone(records):
    private = records.table("enrolment").collect().with_columns(sector=pl.lit("PRIVATE"))
    tables = {name: records.table(name).collect() for name in ("calendar", "report")} | {"enrolment": private}

    report = rate_report(Records.from_frames(tables), "2021")

    assert report.sector == "all"
    assert [row["denominator"] for row in report.rates] == [
        row["denominator"] for row in rate_report(records, "2021").rates
    ]


@pytest.mark.parametrize("format", ["md", "csv", "json"])
def test_the_command_prints_each_form(format, home, capsys):
    shown = told(capsys, home, "--year", 2021, "--by", "institution", "--format", format)

    assert {"md": "# Tasas del año lectivo 2021", "csv": "Año;Nivel", "json": '{"year": "2021"'}[format] in shown


def test_the_command_looks_from_the_day_it_is_given(home, capsys):
    body = json.loads(told(capsys, home, "--year", 2021, "--day", "2022-01-10", "--json"))

    assert body["cutoff"] == "2022-01-10"
    intra = next(row for row in body["rates"] if row["indicator"] == "intra_annual_dropout")
    assert intra["status"] == "provisional"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--year", 1998), "No hay matrícula del año 1998. Hay registros de: 2021, 2022."),
        (("--year", 2021, "--by", "barrio"), "--by admite: total, institution, grade, zone, comuna."),
        (("--year", 2021, "--format", "pdf"), "--format admite: md, json, csv."),
    ],
)
def test_a_wrong_wish_is_answered_with_what_there_is(words, sentence, home, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["rates", *map(str, words), "--home", str(home)])

    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
