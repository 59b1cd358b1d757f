"""The inbox of each school as `permanencia quality` gives it, and the files of corrections with their documents."""

import csv
import io
import json
import stat
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import polars as pl
import pytest
from ascii_tables import day
from drawn_register import NAMES, SUNDAY, WEEKS, attendance, enrolments, persons, world
from sqlalchemy import select

from features import Archive, Entry
from serving import roster
from serving.cli import main
from serving.corrections import write_corrections
from serving.data_quality import look_into
from serving.database import By, Database
from serving.faults import Missing
from serving.roster_documents import can_be_called
from serving.settings import Settings
from serving.tables import audit

BY = By("cli:prueba", datetime(2024, 4, 22, 7, 30, tzinfo=ZoneInfo("America/Bogota")))
NASTY = "=HYPERLINK(1)"


def register():
    """NORTE: Juan was never in class and Leo has no phone. SUR: Pía, at a school that reports nothing."""
    roll = pl.concat([enrolments(), enrolments(("pia",), "SUR")])
    return world(enrolment=roll, person=persons((*NAMES, "pia")), attendance=attendance(("ana", "leo", "rosa")))


@pytest.fixture
def home(tmp_path):
    """A home with the register in its archive and its children in the roster."""
    settings = Settings(home=tmp_path / "h")
    records = register()
    tables = {name: records.table(name).collect() for name in ("calendar", "enrolment", "person", "attendance")}
    Archive(settings.archive).add(Entry("a" * 64, "open_format", day("01-26"), "tables", 1, 1, 0), tables)
    database = Database.open(settings.database_url)
    names = [*NAMES, "pia"]
    told = {
        "student_id": names,
        "per_id": [f"90{n}" for n in range(5)],
        "document_type": ["TI"] * 5,
        "document_number": ["0011", "0012", "0013", NASTY, "0015"],
        "first_name": ["SECRETA"] * 5,
        "phone": ["3120000001", "0000000", "no tiene / 6024440000", "312 000 0004", "3120000005"],
    }
    roster.upsert(database, pl.DataFrame(told).with_columns(known_on=pl.lit(day("01-26"))), BY)
    database.engine.dispose()
    return settings


@pytest.fixture
def database(home):
    opened = Database.open(home.database_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def report(home, database):
    return look_into(register(), database, SUNDAY)


@pytest.fixture
def run(capsys, home):
    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["quality", *map(str, words), "--home", str(home.home)])
        return ended.value.code or 0, capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("phone", "usable"),
    [
        ("3120000001", True),
        ("(602) 444-0000", True),
        ("4440000", True),
        ("no tiene / 6024440000", True),
        ("0000000", False),
        ("9999999999", False),
        ("1234567", False),
        ("312-45", False),
        ("NO TIENE", False),
        ("12345 y 67890", False),
        ("", False),
        (None, False),
    ],
)
def test_a_phone_is_one_that_somebody_could_answer(phone, usable):
    assert can_be_called(phone) is usable


def test_the_inbox_is_one_finding_per_row_with_pseudonyms_only(report):
    rows = report.as_json()["findings"]

    assert [(row["institution_id"], row["rule"], row["student_id"]) for row in rows] == [
        ("NORTE", "posible-inexistente", "juan"),
        ("NORTE", "sin-telefono", "leo"),
        ("SUR", "institucion-sin-asistencia", None),
    ]
    assert not any(word in json.dumps(report.as_json(), default=str) for word in ("SECRETA", "0013", "312"))


def test_each_school_comes_with_its_score_and_its_warning(report):
    schools = {school["institution_id"]: school for school in report.as_json()["schools"]}

    assert schools["NORTE"]["findings"] == {"posible-inexistente": 1, "sin-telefono": 1}
    assert (schools["NORTE"]["students"], schools["NORTE"]["reporting_quality"]) == (4, 0.75)
    assert schools["SUR"]["notice"].startswith("La institución no reporta asistencia hace 12 semanas")


def test_the_weeks_before_show_when_a_school_fell_silent(database):
    told = look_into(register(), database, SUNDAY, weeks=14).as_json()["schools"]

    weeks = {school["institution_id"]: [week["reporting_quality"] for week in school["weeks"]] for school in told}
    assert [len(scores) for scores in weeks.values()] == [13, 13]  # one of the Sundays was before the year began
    assert weeks["SUR"] == sorted(weeks["SUR"], reverse=True)
    assert weeks["SUR"][0] > 0.9
    assert weeks["SUR"][-1] == 0.0


def test_without_a_roster_or_where_exports_bring_no_phones_none_is_missed(tmp_path):
    empty = Database.open(f"sqlite:///{tmp_path / 'x.sqlite'}")
    told = [look_into(register(), empty, SUNDAY)]
    roster.upsert(empty, pl.DataFrame({"student_id": ["ana"], "known_on": [SUNDAY]}), BY)
    told.append(look_into(register(), empty, SUNDAY))

    assert not any("sin-telefono" in report.findings["rule"] for report in told)
    empty.engine.dispose()


def test_a_file_of_corrections_has_the_documents_and_no_name_and_is_its_owners_alone(report, database, tmp_path):
    paths = write_corrections(report, tmp_path / "c", "xlsx", database, BY)

    assert [path.name for path in paths] == [
        "correcciones-NORTE-2024-04-21.xlsx", "correcciones-SUR-2024-04-21.xlsx"
    ]  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE(paths[0].parent.stat().st_mode) == 0o700
    book = openpyxl.load_workbook(paths[0])
    header, *rows = book["Correcciones"].values
    juan, leo = (dict(zip(header, row, strict=True)) for row in rows)
    assert (leo["PER_ID"], leo["Número de documento"], leo["Grado"]) == ("901", "0012", "grado 6")
    assert juan["Qué hacer"].startswith("Verifique en el aula")
    assert "SECRETA" not in str([*book["Correcciones"].values, *book["Acerca de este archivo"].values])
    assert dict(book["Acerca de este archivo"].values)["Reserva"].startswith("Confidencial")


def test_no_cell_of_the_corrections_can_become_a_formula(report, database, tmp_path):
    (norte, _) = write_corrections(report, tmp_path, "csv", database, BY)
    (sheet, _) = write_corrections(report, tmp_path, "xlsx", database, BY)

    rows = list(csv.DictReader(io.StringIO(norte.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0]["Número de documento"] == f"'{NASTY}"
    assert openpyxl.load_workbook(sheet)["Correcciones"]["F2"].data_type == "s"


def test_each_file_leaves_a_line_that_says_who_took_whose_documents(report, database, tmp_path):
    write_corrections(report, tmp_path, "xlsx", database, BY)

    with database.reading() as connection:
        lines = connection.execute(select(audit).where(audit.c.action == "export_corrections")).all()
    assert [(line.by, line.thing, line.detail) for line in lines] == [
        ("cli:prueba", "school:NORTE", "hallazgos: 2; estudiantes con documento: 2"),
        ("cli:prueba", "school:SUR", "hallazgos: 1; estudiantes con documento: 0"),
    ]


def test_a_code_of_a_school_cannot_lead_out_of_the_folder(report, database, tmp_path):
    codes = {"NORTE": "../../fuera", "SUR": ".._.._fuera"}
    strange = replace(report, findings=report.findings.with_columns(pl.col("institution_id").replace(codes)))

    paths = write_corrections(strange, tmp_path / "c", "csv", database, BY)

    assert {path.parent for path in paths} == {tmp_path / "c"}
    assert len({path.name for path in paths}) == 2


def test_written_again_the_files_are_replaced(report, database, tmp_path):
    first = [path.read_bytes() for path in write_corrections(report, tmp_path, "csv", database, BY)]

    assert [path.read_bytes() for path in write_corrections(report, tmp_path, "csv", database, BY)] == first
    assert len(list(tmp_path.glob("correcciones-*"))) == 2


def test_a_person_is_told_in_sentences_the_fullest_inbox_first(run):
    code, shown = run("--day", SUNDAY)

    lines = shown.out.splitlines()
    assert code == 0
    assert lines[0] == "Calidad de los datos al 21/04/2024: 3 hallazgos en 2 instituciones."
    assert lines[1].startswith("Institución NORTE (NORTE): posible inexistente (1), sin teléfono utilizable (1)")


def test_one_school_can_be_asked_for_and_one_that_is_not_there_is_refused(run, database):
    code, shown = run("--day", SUNDAY, "--institution", "SUR", "--json")

    assert code == 0
    assert {row["institution_id"] for row in json.loads(shown.out)["findings"]} == {"SUR"}
    assert run("--day", SUNDAY, "--institution", "OESTE")[0] == Missing.exit_code


def test_csv_opens_in_a_spreadsheet(run):
    _, shown = run("--day", SUNDAY, "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(shown.out.lstrip("\ufeff"), newline=""), delimiter=";"))
    assert [(row["Código DANE"], row["Estudiante"]) for row in rows] == [
        ("NORTE", "juan"),
        ("NORTE", "leo"),
        ("SUR", ""),
    ]


def test_the_last_day_known_is_looked_at_and_a_format_not_offered_is_refused(run, home):
    code, shown = run("--json")

    assert code == 0
    assert json.loads(shown.out)["day"] == str(WEEKS[-1] + timedelta(days=4)) == str(date(2024, 4, 19))
    assert run("--format", "pdf")[0] == 2


def test_the_files_are_written_by_the_command(run, tmp_path):
    code, shown = run("--day", SUNDAY, "--corrections", tmp_path / "c", "--corrections-format", "csv", "--json")

    assert code == 0
    assert json.loads(shown.out)["day"] == "2024-04-21"
    assert len(list((tmp_path / "c").iterdir())) == 2
