"""A register that is not SIMAT comes in by the same door, with its own times and its own variables."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from made_up_exports import TODAY, Secretariat

from features.schema import OPEN_FORMAT_TABLES, TABLES
from features.sources import check
from features.sources.open_format_schema import documents

DOCS = Path(__file__).parents[1] / "docs" / "open_format"

ENROLMENT = "student_id,happened_on,known_on,institution_id,school_year,grade,status\n"
ONE = "a-1,2023-02-01,2023-02-03,school-9,2023,6,ENROLLED\n"
CALENDAR = "school_year,starts_on,ends_on\n2023,2023-01-23,2023-11-30\n"


@pytest.fixture
def secretariat(tmp_path):
    return Secretariat(tmp_path)


def package(secretariat: Secretariat, day: str = "register", **tables: str | bytes) -> Path:
    tables = {
        "enrolment": ENROLMENT + "a-1,2023-02-01,2023-02-03,school-9,2023,6,ENROLLED\n",
        "calendar": CALENDAR,
    } | tables
    files = {f"{name}__csv": text for name, text in tables.items() if text}
    described = {"resources": [{"name": name, "path": f"{name}.csv"} for name, text in tables.items() if text]}
    return secretariat.drop(day, datapackage__json=json.dumps(described), **files)


@pytest.mark.parametrize("name", documents())
def test_what_is_published_is_what_the_schema_says(name):
    assert (DOCS / name).read_text("utf-8") == documents()[name], "run: python -m features.sources.open_format_schema"


def test_nothing_else_is_published_beside_it():
    assert {path.name for path in DOCS.iterdir()} == {*documents(), "README.md"}


@pytest.mark.parametrize("name", OPEN_FORMAT_TABLES)
def test_every_published_table_says_its_columns_types_and_bounds(name):
    told = json.loads(documents()[f"{name}.schema.json"])
    fields = {field["name"]: field for field in told["fields"]}
    assert set(fields) == {column.name for column in TABLES[name].columns if column.published}
    for column in TABLES[name].columns:
        if column.allowed and column.published:
            assert fields[column.name]["constraints"]["enum"] == list(column.allowed)


def test_student_and_times_are_kept_as_they_come(secretariat):
    package(secretariat)
    assert secretariat.ingest().problems == []
    (row,) = secretariat.table("enrolment").to_dicts()
    told = [row[name] for name in ("student_id", "happened_on", "known_on", "dated_by", "institution_id", "grade")]
    assert told == ["a-1", date(2023, 2, 1), date(2023, 2, 3), "FILE", "school-9", 6]
    assert secretariat.table("calendar")["starts_on"].to_list() == [date(2023, 1, 23)]
    assert secretariat.roster == []


KNOWN = [
    ("register", "2023-02-03", date(2023, 2, 3)),
    ("register", "", date(2023, 2, 1)),
    ("2023-03-10", "2023-02-03", date(2023, 2, 3)),
    ("2023-03-10", "", date(2023, 3, 10)),
]


@pytest.mark.parametrize(("folder", "known_on", "expected"), KNOWN)
def test_when_a_row_was_known_follows_the_published_rule(secretariat, folder, known_on, expected):
    package(secretariat, folder, enrolment=ENROLMENT + f"a,2023-02-01,{known_on},s,2023,6,ENROLLED\n")
    secretariat.ingest()
    assert secretariat.table("enrolment")["known_on"].to_list() == [expected]


def test_own_variables_are_numbers_when_every_cell_is_one_and_text_otherwise(secretariat):
    titles = "student_id,happened_on,x_credits,x_region,stratum,colour\n"
    forms = titles + "a,2023-02-01,60,north,3,red\nb,2023-02-01,,5,9,blue\n"
    package(secretariat, characterisation=forms)
    report = secretariat.ingest()
    rows = secretariat.table("characterisation").select("student_id", "x_credits", "x_region", "stratum").rows()
    assert rows == [("a", 60.0, "north", 3), ("b", None, "5", None)]
    assert {problem.rule for problem in report.problems} == {"stratum-no-permitido", "columnas-de-mas"}
    assert not report.has_errors and report.quarantined == 0
    assert "las columnas 6 no son" in next(p for p in report.problems if p.rule == "columnas-de-mas").sentence()


def test_an_own_variable_that_changes_its_type_does_not_stop_the_next_delivery(secretariat):
    for day, cell in (("2023-02-03", "60"), ("2023-03-03", "many"), ("2023-04-07", "many")):
        package(secretariat, day, characterisation=f"student_id,happened_on,x_credits\na,2023-02-01,{cell}\n")
        secretariat.ingest()
    assert secretariat.table("characterisation").height == 2


def test_work_not_handed_in_has_no_score_and_happened_when_it_was_due(secretariat):
    package(secretariat, progress="student_id,period,area,score,due_on\na,1,TMA,,2023-03-01\na,1,TMA,oops,2023-03-01\n")
    report = secretariat.ingest()
    (row,) = secretariat.table("progress").to_dicts()
    assert (row["score"], row["happened_on"], row["known_on"]) == (None, date(2023, 3, 1), date(2023, 3, 1))
    assert [(problem.row, problem.column) for problem in report.problems] == [(3, "score")]


def test_attendance_without_a_day_happened_by_the_end_of_its_week(secretariat):
    package(secretariat, attendance="student_id,week,days_expected,days_absent\na,2023-02-06,5,2\na,2023-02-13,2,3\n")
    assert [problem.rule for problem in secretariat.ingest().problems] == ["mas-ausencias-que-dias"]
    assert secretariat.table("attendance")["happened_on"].to_list() == [date(2023, 2, 10)]


BAD_ROWS = [
    ("a,2023-02-01,2023-02-03,s,2023,six,ENROLLED", "warning", "grade-ilegible"),
    ("a,2023-02-01,2023-02-03,s,2023,6,GONE", "error", "status-no-permitido"),
    ("a,2023-02-31,2023-02-03,s,2023,6,ENROLLED", "error", "happened-on-ilegible"),
    (",2023-02-01,2023-02-03,s,2023,6,ENROLLED", "error", "student-id-no-permitido"),
    ("a,,2023-02-03,s,2023,6,ENROLLED", "error", "happened-on-no-permitido"),
    ("a,2023-02-01,2023-02-03,s,2023,6", "error", "campos-de-mas-o-de-menos"),
]


@pytest.mark.parametrize(("row", "level", "rule"), BAD_ROWS)
def test_a_row_is_refused_only_for_what_it_cannot_do_without(secretariat, row, level, rule):
    package(secretariat, enrolment=f"{ENROLMENT}{row}\nb,2023-02-01,2023-02-03,s,2023,6,ENROLLED\n")
    report = secretariat.ingest()
    assert [(problem.level, problem.rule, problem.row) for problem in report.problems] == [(level, rule, 2)]
    assert secretariat.table("enrolment").height == (2 if level == "warning" else 1)


def test_a_reason_nobody_listed_is_unstated(secretariat):
    rows = (
        "student_id,happened_on,institution_id,school_year,status,reason\na,2023-02-01,s,2023,WITHDRAWN,moved to sea\n"
    )
    package(secretariat, enrolment=rows)
    secretariat.ingest()
    assert secretariat.table("enrolment")["reason"].to_list() == ["UNSTATED"]


def test_the_same_package_on_another_day_changes_nothing(secretariat):
    package(secretariat)
    secretariat.ingest()
    before = secretariat.bytes_of_archive()
    report = secretariat.ingest(today=date(2025, 1, 1))
    assert secretariat.bytes_of_archive() == before
    assert (report.rows_in, report.accepted) == (2, 2)


def test_a_longer_package_adds_only_what_is_new(secretariat):
    package(secretariat)
    secretariat.ingest()
    more = ONE + "a-1,2023-05-01,2023-05-03,school-9,2023,6,WITHDRAWN\n"
    package(secretariat, enrolment=ENROLMENT + more)
    secretariat.ingest()
    assert secretariat.table("enrolment")["status"].to_list() == ["ENROLLED", "WITHDRAWN"]


def test_parquet_says_the_same_as_text(secretariat, tmp_path):
    package(secretariat)
    secretariat.ingest()
    other = Secretariat(tmp_path / "other")
    folder = other.drop("register", calendar__csv=CALENDAR)
    pl.read_csv(
        (ENROLMENT + "a-1,2023-02-01,2023-02-03,school-9,2023,6,ENROLLED\n").encode(), try_parse_dates=True
    ).write_parquet(folder / "enrolment.parquet")
    resources = [{"name": "enrolment", "path": "enrolment.parquet"}, {"name": "calendar", "path": "calendar.csv"}]
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))
    assert other.ingest().problems == []
    assert other.table("enrolment").equals(secretariat.table("enrolment"))


def test_a_damaged_parquet_is_a_sentence(secretariat):
    package(secretariat, person=b"PAR1 and then nothing that is one")
    assert [problem.rule for problem in secretariat.ingest().problems] == ["parquet-dañado"]


@pytest.mark.parametrize("missing", ["enrolment", "calendar"])
def test_a_package_without_a_required_table_is_told_and_the_rest_is_read(secretariat, missing):
    package(secretariat, **{missing: ""})
    report = secretariat.ingest()
    assert [problem.rule for problem in report.problems] == ["falta-tabla"]
    assert report.accepted == 1


def test_an_unknown_table_is_told_and_not_read(secretariat):
    package(secretariat, pets="student_id,pet\na,dog\n")
    report = secretariat.ingest()
    assert [(problem.rule, problem.level) for problem in report.problems] == [("tabla-desconocida", "warning")]


@pytest.mark.parametrize("described", ["", "{", "[]", '{"resources": 5}', '{"resources": [{"name": "x"}]}'])
def test_a_package_that_cannot_be_read_is_told_and_its_files_are_known_by_their_names(secretariat, described):
    folder = package(secretariat)
    (folder / "datapackage.json").write_text(described)
    report = secretariat.ingest()
    assert [problem.rule for problem in report.problems] == ["paquete-ilegible"]
    assert secretariat.table("enrolment").height == 1


def test_a_resource_outside_its_folder_is_never_followed(secretariat, tmp_path):
    (tmp_path / "enrolment.csv").write_text(ENROLMENT + "stranger,2023-02-01,2023-02-03,s,2023,6,ENROLLED\n")
    folder = package(secretariat)
    resources = [{"name": "enrolment", "path": "../../enrolment.csv"}, {"name": "calendar", "path": "calendar.csv"}]
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))
    secretariat.ingest()
    assert secretariat.table("enrolment")["student_id"].to_list() == ["a-1"]


def test_one_table_of_a_package_can_be_checked_alone(secretariat):
    folder = package(secretariat)
    report = check(folder / "enrolment.csv", TODAY)
    assert (report.rows_in, report.problems) == (1, [])
