"""Real students of another register come in by the front door; the lists made of them are better than simple rules."""

import csv
import importlib
import re
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from features import build_frame
from models.inputs import input_names

HOUSE = Path(__file__).parent.parent
sys.path.append(str(HOUSE / "experiments" / "0001-oulad"))
oulad, run = importlib.import_module("oulad"), importlib.import_module("run")

QUESTIONS = (run.SOON, run.AT_ALL)
SENSITIVE = {"is_male", "has_disability", "foreign_origin", "ethnic_minority", "conflict_victim"}
# Another processor may round the last digit of a sum otherwise, and a few students then change places.
SHARES, STUDENTS = 0.01, 2
STUDENT = re.compile(r"\b[A-F]{3}-2013[BJ]-\d+")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    try:
        oulad.find_data()
    except oulad.DataMissing as missing:
        pytest.skip(str(missing))
    return run.find(tmp_path_factory.mktemp("oulad"))


def rows_of(found, name):
    return found.register.records.table(name).collect()


def told(found, question, day):
    return run.on_day(found.judged[question], day)


def still_enrolled(found, day):
    """From the original files, by another way than the archive's."""
    dates = found.register.original["studentRegistration"].filter(pl.col("code_presentation") == run.ASKED)
    left = pl.col("date_unregistration")
    on_roll = dates.filter(pl.col("date_registration") <= day, left.is_null() | (left > day))
    names = pl.format("{}-{}-{}", "code_module", "code_presentation", "id_student")
    return on_roll.with_columns(student_id=names, leaves=left.fill_null(10_000))


# What goes in


def small_original() -> "oulad.Original":
    """Ana hands in late, Beto on time, Cira not at all and leaves on day 40; Dora did the work two years before."""
    key = {"code_module": "BBB", "code_presentation": "2013B"}
    students = (1, 2, 3, 4)
    info = {"gender": "F", "region": "Wales", "highest_education": "HE Qualification", "imd_band": "10-20"}
    info |= {"age_band": "0-35", "num_of_prev_attempts": 0, "studied_credits": 60, "disability": "N"}
    left = {3: 40}
    tables = {
        "courses": [{**key, "module_presentation_length": 240}],
        "assessments": [
            {**key, "id_assessment": 7, "assessment_type": "TMA", "date": 19, "weight": 10.0},
            {**key, "id_assessment": 8, "assessment_type": "TMA", "date": 60, "weight": 10.0},
            {**key, "id_assessment": 9, "assessment_type": "Exam", "date": 200, "weight": 100.0},
        ],
        "studentInfo": [{**key, "id_student": n, **info, "final_result": "Pass"} for n in students],
        "studentRegistration": [
            {**key, "id_student": n, "date_registration": -30, "date_unregistration": left.get(n)} for n in students
        ],
        "studentAssessment": [
            {"id_assessment": 7, "id_student": 1, "date_submitted": 25, "is_banked": 0, "score": 80},
            {"id_assessment": 7, "id_student": 2, "date_submitted": 19, "is_banked": 0, "score": 50},
            {"id_assessment": 7, "id_student": 4, "date_submitted": -1, "is_banked": 1, "score": 70},
            {"id_assessment": 8, "id_student": 1, "date_submitted": 55, "is_banked": 0, "score": None},
            {"id_assessment": 8, "id_student": 2, "date_submitted": 60, "is_banked": 0, "score": 65},
        ],
    }
    return oulad.Original({name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()})


def test_work_is_missed_from_the_day_after_it_was_due_until_nobody_can_owe_it():
    rows = oulad.register(small_original())["progress"].sort("student_id", "period", "known_on")
    begun = date(2013, 2, 1)
    days = [
        (r["student_id"][-1], r["period"], r["score"], (r["known_on"] - begun).days, r["due_on"] is not None)
        for r in rows.to_dicts()
    ]

    assert days == [
        ("1", "7", None, 20, True), ("1", "7", 80.0, 25, True), ("1", "8", None, 55, False),
        ("2", "7", 50.0, 19, True), ("2", "8", 65.0, 60, True),
        ("3", "7", None, 20, True),
        ("4", "8", None, 61, True),
    ]  # fmt: skip


def test_how_an_enrolment_ended_changes_no_row():
    original = small_original()
    failed = original["studentInfo"].with_columns(final_result=pl.lit("Fail"))
    other = oulad.Original({**original.tables, "studentInfo": failed})

    for name, table in oulad.register(original).items():
        assert table.equals(oulad.register(other)[name]), name


def test_without_the_data_one_sentence_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PERMANENCIA_DATA", str(tmp_path))

    with pytest.raises(oulad.DataMissing, match="PERMANENCIA_DATA"):
        oulad.find_data()


def test_every_row_of_the_original_is_told_or_counted(found):
    original, written = found.register.original, found.register.written
    registrations, submissions = original["studentRegistration"], original["studentAssessment"]
    enrolment, progress = rows_of(found, "enrolment"), rows_of(found, "progress")
    undated = registrations.filter(pl.col("date_registration").is_null())
    left = registrations["date_unregistration"].count() - undated["date_unregistration"].count()
    events = enrolment["status"].value_counts().rows()
    handed_in = progress.filter(pl.col("score").is_not_null() | pl.col("due_on").is_null()).height

    assert dict(events) == {
        "ENROLLED": registrations.height - original.undated() - original.same_day(),
        "WITHDRAWN": left - original.same_day(),
    }
    assert handed_in + original.banked() == submissions.height
    assert {name: rows_of(found, name).height for name in written} == written


def test_the_front_door_takes_every_row_and_complains_of_none(found):
    report = found.register.report

    assert report.rows_in == report.accepted == sum(found.register.written.values())
    assert (report.quarantined, report.problems) == (0, [])


def test_no_table_says_how_an_enrolment_ended(found, tmp_path):
    oulad.write_package(found.register.original, tmp_path)
    outcomes = {"final_result", "Pass", "Fail", "Distinction", "Withdrawn"}

    for path in tmp_path.glob("*.csv"):
        with path.open() as lines:
            cells = {cell for row in csv.reader(lines) for cell in row}
        assert not cells & outcomes, path.name


def test_leaving_is_known_on_the_day_it_is_done(found):
    gone = rows_of(found, "enrolment").filter(pl.col("status") == "WITHDRAWN")

    assert (gone["happened_on"] == gone["known_on"]).all()


# What is asked


@pytest.mark.parametrize("day", run.LIST_DAYS)
def test_a_list_is_drawn_from_those_still_enrolled_that_day(found, day):
    assert set(told(found, run.SOON, day)["student_id"]) == set(still_enrolled(found, day)["student_id"])


@pytest.mark.parametrize("day", run.LIST_DAYS)
def test_who_left_is_who_unregistered_in_the_time_that_was_asked_about(found, day):
    courses = found.register.original["courses"]
    longest = courses.filter(pl.col("code_presentation") == run.ASKED)["module_presentation_length"].max()
    for question, last in ((run.SOON, day + 28), (run.AT_ALL, longest + 21)):
        left = told(found, question, day).filter(pl.col("outcome") == "LEFT")
        expected = still_enrolled(found, day).filter(pl.col("leaves") <= last)
        assert set(left["student_id"]) == set(expected["student_id"]), question


@pytest.mark.parametrize("day", run.LIST_DAYS)
def test_what_became_known_after_a_list_changes_nothing_in_it(found, day):
    records, looked_from = found.register.records, oulad.as_of(run.ASKED, day)
    catalogue = found.taught[run.SOON].catalogue

    before = build_frame(records.known_by(looked_from), [looked_from], catalogue=catalogue)

    assert before.equals(build_frame(records, [looked_from], catalogue=catalogue))


def test_only_what_was_known_before_the_first_list_teaches(found):
    taught = found.taught[run.SOON]
    first_list = found.register.first_list

    assert taught.model.taught_until + timedelta(weeks=4) <= first_list
    assert all(oulad.BEGINS["2013B"] <= day < oulad.BEGINS["2013J"] for day in taught.model.taught_on)
    assert found.register.before_the_lists.last_known_on() <= first_list


def test_no_model_reads_sex_disability_or_origin(found):
    for taught in found.taught.values():
        assert not SENSITIVE & set(taught.model.features)
        assert set(input_names(taught.catalogue, use_sensitive=True)) >= SENSITIVE


# How good it is


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("day", run.LIST_DAYS)
def test_the_list_is_better_than_a_lottery_and_than_the_rate_of_the_module(found, question, day):
    of = {row["method"]: row for row in found.tables[question, day].to_dicts()}

    for simple in ("random", "school_rate"):
        for figure in ("precision_at_capacity", "auc"):
            assert of["model"][figure] > of[simple][figure], (simple, figure)


@pytest.mark.parametrize("day", run.LIST_DAYS)
def test_a_list_is_a_tenth_of_the_roll_in_order_and_with_words_a_person_can_use(found, day):
    listed = run.list_of(found, day)
    on_roll = told(found, run.SOON, day)["student_id"].n_unique()
    sentences = " ".join(listed["reasons"]) + " ".join(listed["protective"])

    assert listed.height == round(on_roll / 10)
    assert listed["score"].is_sorted(descending=True)
    assert (listed["reasons"].str.len_chars() > 0).mean() > 0.9
    assert "entregas" in sentences
    assert not re.search(r"region|deprivation|credits|module|None|\{", sentences)


# What is written about it


@pytest.mark.parametrize("part", ["summary", "figures"])
def test_what_the_answer_says_is_what_a_fresh_run_finds(found, part):
    fresh, kept = getattr(run, part)(found), run.written(part)
    number = re.compile(r"-?\d+(?:\.\d+)?")

    assert number.sub("#", fresh) == number.sub("#", kept), "run: experiments/0001-oulad/run.py --write"
    for new, old in zip(number.findall(fresh), number.findall(kept), strict=True):
        assert float(new) == pytest.approx(float(old), abs=SHARES if "." in old else STUDENTS), (new, old)


def test_the_answer_tells_of_nobody():
    text = run.ANSWER.read_text("utf-8")

    assert run.written("summary") and run.written("figures") and run.written("run")
    assert not STUDENT.search(text)
