"""What each rule of quality finds in a register drawn by hand, and what it leaves alone."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from ascii_tables import day, drawn
from drawn_register import NAMES, SUNDAY, WEEKS, attendance, enrolments, exports, link, persons, world
from hypothesis import given, settings
from hypothesis import strategies as st
from personas import town

from features.quality.audit import findings
from features.quality.roll import class_day
from features.quality.rules import FINDING, RULES


def rules(records, on=SUNDAY, with_phone=None):
    """The rules that were met, each with the children it was met of; a school is an empty name."""
    found = findings(records, on, with_phone)
    return {(rule, student or "") for rule, student in found.select("rule", "student_id").iter_rows()}


def test_there_is_nothing_to_say_of_a_register_in_order():
    assert rules(world(), with_phone=set(NAMES)) == set()


def test_a_finding_tells_school_rule_child_evidence_and_what_to_do():
    found = findings(world(person=persons(("ana", "leo", "rosa")), enrolment=enrolments(class_group="601")), SUNDAY)

    assert dict(found.schema) == FINDING
    assert found.row(0, named=True) == {
        "day": SUNDAY,
        "institution_id": "NORTE",
        "rule": "sin-nacimiento",
        "student_id": "juan",
        "grade": 6,
        "class_group": "601",
        "evidence": "está vacía en el registro, o es imposible",
        "suggestion": "Complete o corrija la fecha de nacimiento en el SIMAT.",
    }


@pytest.mark.parametrize(
    ("born", "shift", "met"),
    [
        (date(2012, 5, 1), None, set()),
        (date(2015, 3, 31), None, set()),  # nine, two years young
        (date(2016, 3, 31), None, {"edad-atipica"}),
        (date(2010, 3, 31), None, set()),  # fourteen, three years old for the grade
        (date(2009, 3, 31), None, {"edad-atipica"}),
        (date(2009, 3, 31), "NIGHT", set()),  # grown people go to school at night
        (date(2022, 3, 31), None, {"edad-imposible"}),
        (date(1960, 3, 31), None, {"edad-imposible"}),
        (date(1960, 3, 31), "WEEKEND", set()),
    ],
)
def test_an_age_that_does_not_go_with_the_grade_is_looked_at(born, shift, met):
    one = world(person=persons(born=born), enrolment=enrolments(shift=shift))

    assert rules(one) == {(rule, name) for rule in met for name in NAMES}


def test_the_evidence_of_an_age_says_what_is_expected_and_no_date_of_birth():
    evidence = findings(world(person=persons(born=date(2004, 5, 1))), SUNDAY)["evidence"].unique().to_list()

    assert evidence == ["grado 6 con 20 años; se esperan de 9 a 14"]


def test_a_child_without_a_grade_is_told_unless_the_register_keeps_no_grades():
    one = pl.concat([enrolments(("ana", "leo", "rosa")), enrolments(("juan",), grade=None)], how="vertical_relaxed")

    assert rules(world(enrolment=one)) == {("sin-grado", "juan")}
    assert rules(world(enrolment=enrolments(grade=None))) == set()


def test_a_missing_phone_is_told_only_where_there_is_a_roster():
    assert rules(world(), with_phone={"ana", "leo"}) == {("sin-telefono", "rosa"), ("sin-telefono", "juan")}
    assert rules(world(), with_phone=None) == set()


def test_a_child_no_class_has_ever_seen_may_not_exist():
    seen = attendance(("ana", "leo", "rosa"))

    assert rules(world(attendance=seen)) == {("posible-inexistente", "juan")}


def test_a_child_absent_from_every_class_may_not_exist_either():
    absent = pl.concat([attendance(("ana", "leo", "rosa")), attendance(("juan",), absent=5)])

    assert rules(world(attendance=absent)) == {("posible-inexistente", "juan")}
    assert "faltó a los 60 días" in findings(world(attendance=absent), SUNDAY)["evidence"][0]


def test_a_child_who_arrived_lately_is_given_time():
    late = pl.concat([enrolments(("ana", "leo", "rosa")), enrolments(("juan",), seen="03-22")])

    assert rules(world(enrolment=late, attendance=attendance(("ana", "leo", "rosa")))) == set()


def test_where_the_school_reports_nobody_silence_says_nothing_of_a_child():
    met = rules(world(attendance=attendance(("ana",))))

    assert met == {("asistencia-parcial", "")}


def test_a_child_of_whom_nothing_came_for_four_weeks_is_told():
    stopped = pl.concat([attendance(("ana", "leo", "rosa")), attendance(("juan",), WEEKS[:6])])

    assert rules(world(attendance=stopped)) == {("asistencia-atrasada", "juan")}


def test_a_school_that_stopped_reporting_is_told_and_not_its_children():
    silent = findings(world(attendance=attendance(weeks=WEEKS[:6])), SUNDAY)

    assert silent["rule"].to_list() == ["institucion-sin-asistencia"]
    assert silent["student_id"].to_list() == [None]
    assert "08/03/2024: 6 semanas sin reporte para 4 estudiantes" in silent["evidence"][0]


def test_a_school_that_never_reported_is_told_four_weeks_into_the_year():
    nothing = world(attendance=attendance(weeks=[]))

    assert rules(nothing, day("02-18")) == set()
    assert rules(nothing, day("02-19")) == {("institucion-sin-asistencia", "")}


def test_a_child_who_has_just_moved_does_not_make_the_new_school_one_that_reports():
    moved = pl.concat([enrolments(), enrolments(("pia",), "SUR"), enrolments(("juan",), "SUR", seen="04-12")])
    before = pl.concat([attendance(("ana", "leo", "rosa")), attendance(("juan",), WEEKS[:10])])

    found = findings(world(enrolment=moved, person=persons((*NAMES, "pia")), attendance=before), SUNDAY)

    assert found.select("institution_id", "rule").rows() == [("SUR", "institucion-sin-asistencia")]


def test_a_school_left_out_of_the_exports_that_list_the_others_is_told():
    two = pl.concat([enrolments(("ana", "leo")), enrolments(("rosa", "juan"), "SUR")])
    told = exports(("NORTE", "01-26"), ("SUR", "01-26"), ("NORTE", "04-19"), ("SUR", "03-22"))

    found = findings(world(enrolment=two, report=told), SUNDAY)

    assert found.select("institution_id", "rule").rows() == [("SUR", "institucion-sin-matricula")]
    assert findings(world(enrolment=two, report=exports(("NORTE", "03-22"), ("SUR", "03-22"))), SUNDAY).is_empty()


def test_one_child_enrolled_in_two_schools_on_one_day_is_told_at_the_school_that_counts():
    twice = pl.concat([enrolments(), enrolments(("juan",), "SUR")])

    found = findings(world(enrolment=twice), SUNDAY)

    assert found.filter(rule="matricula-doble").select("student_id", "evidence").rows() == [
        ("juan", "matriculado el 26/01/2024 en NORTE y en SUR")
    ]


@pytest.mark.parametrize(("verdict", "met"), [("SAME", {"juan", "rosa"}), ("DIFFERENT", set())])
def test_two_records_found_to_be_one_child_are_a_double_enrolment_while_both_are_on_roll(verdict, met):
    linked = world(link=link("juan", "rosa", verdict))

    assert rules(linked) == {("matricula-doble", name) for name in met}
    assert set(findings(linked, SUNDAY).filter(student_id="juan")["evidence"]) <= {
        "el mismo estudiante tiene otra matrícula activa, rosa, en NORTE"
    }


def test_a_record_that_only_the_link_has_closed_is_still_open_in_the_register():
    closed = drawn(
        "enrolment",
        """
        | student_id | seen  | institution_id | school_year | grade | status    | reason         |
        | juan       | 02-09 | NORTE          | 2024        | 6     | CANCELLED | ADMINISTRATIVE |
        """,
    )
    both = pl.concat([enrolments(), closed], how="diagonal")
    told = pl.concat([both, closed.with_columns(happened_on=day("03-01"), known_on=day("03-01"))], how="diagonal")

    assert rules(world(enrolment=both, link=link())) == {("matricula-doble", "juan"), ("matricula-doble", "rosa")}
    assert rules(world(enrolment=told, link=link())) == set()


def test_a_move_and_back_within_eight_weeks_is_told_with_its_distance():
    moves = drawn(
        "enrolment",
        """
        | student_id | seen  | institution_id | school_year | grade | status   |
        | juan       | 02-16 | SUR            | 2024        | 6     | ENROLLED |
        | juan       | 03-01 | NORTE          | 2024        | 6     | ENROLLED |
        | rosa       | 02-02 | SUR            | 2024        | 6     | ENROLLED |
        | rosa       | 04-05 | NORTE          | 2024        | 6     | ENROLLED |
        """,
    )
    places = drawn(
        "institution",
        """
        | institution_id | seen  | latitude | longitude |
        | NORTE          | 01-26 | 3.4516   | -76.532   |
        | SUR            | 01-26 | 4.7110   | -74.0721  |
        """,
    )

    found = findings(world(enrolment=pl.concat([enrolments(), moves], how="diagonal"), institution=places), SUNDAY)

    assert found.filter(rule="ida-y-vuelta").select("student_id", "evidence").rows() == [
        ("juan", "pasó a SUR, a 307 km y volvió en 14 días")
    ]


def test_a_child_taken_off_the_export_without_a_word_is_told_and_one_with_a_reason_is_not():
    gone = drawn(
        "enrolment",
        """
        | student_id | seen  | institution_id | school_year | grade | status      |
        | juan       | 03-08 | NORTE          | 2024        | 6     | NOT_SEEN    |
        | rosa       | 03-08 | NORTE          | 2024        | 6     | TRANSFERRED |
        """,
    )

    found = findings(world(enrolment=pl.concat([enrolments(), gone], how="diagonal")), SUNDAY)

    assert found.select("rule", "student_id", "evidence").rows() == [
        ("desaparece", "juan", "no aparece en el reporte desde el 08/03/2024")
    ]


def test_a_dropout_of_simpade_who_is_still_on_roll_is_told_unless_enrolled_again_since():
    registered = drawn(
        "registered_dropout",
        """
        | student_id | seen  | school_year |
        | juan       | 03-08 | 2024        |
        | rosa       | 03-08 | 2024        |
        | ana        | 03-08 | 2023        |
        """,
    )
    back = pl.concat([enrolments(), enrolments(("rosa",), seen="03-22")])

    assert rules(world(registered_dropout=registered, enrolment=back)) == {("desertor-matriculado", "juan")}


def test_what_a_visit_found_and_the_register_does_not_say_is_told():
    visits = drawn(
        "visit",
        """
        | student_id | seen  | visited_on | kind       | result    |
        | juan       | 03-08 | 03-06      | HOME_VISIT | ELSEWHERE |
        | rosa       | 03-08 | 03-06      | HOME_VISIT | ATTENDING |
        """,
    )

    found = findings(world(visit=visits), SUNDAY)

    assert found.select("rule", "student_id", "evidence").rows() == [
        ("hallazgo-sin-registrar", "juan", "un contacto del 06/03/2024 halló que la matrícula no corresponde")
    ]


def test_every_rule_is_short_and_ends_in_what_to_do():
    for rule in RULES.values():
        assert rule.suggestion.endswith(".")
        assert len(rule.title.split()) <= 9
        assert len(rule.suggestion.split()) <= 20


def test_every_rule_is_explained_where_the_decision_was_written_down():
    page = Path(__file__).parents[1] / "docs" / "decisions" / "0015-silence-and-data-quality.md"

    assert not [rule for rule in RULES if f"`{rule}`" not in page.read_text(encoding="utf-8")]


DAYS = st.dates(date(2024, 1, 23), date(2024, 6, 30))
LAWS = settings(max_examples=15, deadline=None)


@LAWS
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["NORTE", "SUR"]), DAYS, st.integers(0, 56),
                          st.sampled_from(["ENROLLED", "NOT_SEEN", "WITHDRAWN"])), max_size=8), DAYS)  # fmt: skip
def test_nothing_learnt_later_changes_what_was_found_on_a_day_and_nothing_is_told_twice(events, on):
    later = pl.DataFrame(
        [(who, where, when, when + timedelta(days=lag), "2024", 6, status) for who, where, when, lag, status in events],
        schema={"student_id": pl.String, "institution_id": pl.String, "happened_on": pl.Date, "known_on": pl.Date,
                "school_year": pl.String, "grade": pl.Int16, "status": pl.String}, orient="row",
    )  # fmt: skip
    everything = world(enrolment=pl.concat([enrolments(), later], how="diagonal"))

    found = findings(everything, on)

    assert found.equals(findings(everything.known_by(on), on))
    assert found.select("institution_id", "rule", "student_id").is_unique().all()


def test_in_the_holidays_the_last_day_of_class_is_looked_at():
    assert class_day(world(), day("12-20")) == day("11-29")
    assert class_day(world(), SUNDAY) == SUNDAY
    assert findings(world(), day("12-20")).is_empty()


def test_the_people_of_our_tests_are_told_as_they_are():
    met = rules(town(), day("03-10"))

    assert met == {("edad-atipica", "ana"), ("institucion-sin-asistencia", "")}
